"""What is found in texts, in a format of annotated texts: the command `predict`."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

from ..confidence import get_confidence, set_confidence
from .formats import Format, make_function, open_output
from .outputs import Output
from .packed import PARQUET
from .probable_spans import gives_spans, spans_above
from .product import Make
from .run import Outcome, check_input, check_lines_output, is_named_as_lines, run
from .texts import OnError, Text

_WITH_SPANS = (Format.jsonl, Format.spacy)


@dataclass(frozen=True)
class Annotations:
    """The product of `predict`, whose arguments these are.

    are_numbers: as for `Product`.
    """

    output_format: Format
    are_numbers: bool = False
    min_confidence: float | None = None
    spans: float | None = None

    @property
    def is_folder(self) -> bool:
        """Whether the output is a folder, not one file."""
        return self.output_format.is_folder

    def make_function(self, nlp: Language) -> Make:
        """The function that makes what the output writes of a text.

        RAISES: ValueError if spans are asked for, and no component gives them.
        """
        if self.spans is not None and not gives_spans(nlp):
            raise ValueError(
                "No component of this pipeline gives probable spans: leave out --spans."
            )
        make = make_function(
            self.output_format, nlp, are_numbers=self.are_numbers, spans=self.spans
        )
        least = self.min_confidence
        if least is None:
            return make

        def make_of_likely(text: Text, doc: Doc) -> object:
            leave_out_unlikely(doc, least)
            return make(text, doc)

        return make_of_likely

    def settings(self, nlp: Language) -> AbstractContextManager[None]:
        """Within this context, the pipeline gives the spans that are asked for."""
        return nullcontext() if self.spans is None else spans_above(nlp, self.spans)

    def open_output(self, path: Path, *, force: bool) -> Output:
        """Open the output, as `formats.open_output`."""
        return open_output(self.output_format, path, are_numbers=self.are_numbers, force=force)


def leave_out_unlikely(doc: Doc, least: float) -> None:
    """Take off a doc the entities that are known to be less probable. Where that is not known, they
    stay."""
    kept = []
    for ent in doc.ents:
        confidence = get_confidence(ent)
        if confidence is None or confidence >= least:
            kept.append(ent)
        else:
            set_confidence(ent, None)
    doc.ents = kept


def predict(
    model: Language | str | Path,
    input_path: Path,
    output_path: Path,
    output_format: Format | None = None,
    *,
    min_confidence: float | None = None,
    spans: float | None = None,
    workers: int = 1,
    force: bool = False,
    on_error: OnError | None = None,
) -> Outcome:
    """Tag the texts of a folder or a file of records that the output does not have yet.

    model, workers, force, on_error: as for `run`.
    output_path: a folder; for the formats of lines, such as jsonl, a file.
    output_format: by default that of `default_format`.
    min_confidence: leave out entities whose confidence is known to be less.
    spans: write all spans, too, that are at least so probable, also those that overlap; for the
        formats jsonl and spacy.
    RAISES: FileNotFoundError if there is no input; ValueError if the output can't be of the format,
        or the format or the pipeline has no spans, and they are asked for; and as `run`.
    """
    check_input(input_path)
    output_format = Format(output_format or default_format(input_path))
    if spans is not None and output_format not in _WITH_SPANS:
        raise ValueError(
            f"The format {output_format.value} can't hold spans that overlap. Leave out --spans, "
            "or say --format jsonl or --format spacy."
        )
    _check_output(input_path, output_path, output_format)
    are_numbers = not input_path.is_dir() and output_format.is_file_per_text
    product = Annotations(output_format, are_numbers, min_confidence, spans)
    return run(
        model,
        input_path,
        output_path,
        product,
        workers=workers,
        force=force,
        on_error=on_error,
    )


def default_format(input_path: Path) -> Format:
    """The format of an output if none is asked for: brat for a folder, jsonl for records."""
    return Format.brat if input_path.is_dir() else Format.jsonl


def _check_output(input_path: Path, output_path: Path, output_format: Format) -> None:
    if not output_format.is_folder:
        check_lines_output(input_path, output_path)
        if output_path.suffix == PARQUET and output_format != Format.jsonl:
            raise ValueError(
                f"{output_path}: Parquet has what the format jsonl has. Leave out --format "
                f"{output_format.value}, or give another output."
            )
    elif is_named_as_lines(output_path) or (output_path.exists() and not output_path.is_dir()):
        raise ValueError(
            f"The format {output_format.value} is written to a folder, and {output_path} is a "
            "file, or named like one. Give the name of a folder; for JSON lines say --format jsonl."
        )
