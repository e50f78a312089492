"""The texts of a folder or of a file of records, redacted: the command `redact`."""

from __future__ import annotations

from pathlib import Path

from spacy.language import Language

from ..pipeline.settings import LEAST_PROBABILITY
from ..tagging.packed import PARQUET
from ..tagging.run import Outcome, check_input, check_lines_output, is_named_as_lines, run
from ..tagging.texts import OnError
from .masks import Masks
from .product import Redactions


def redact_texts(
    model: Language | str | Path,
    input_path: Path,
    output_path: Path,
    masks: Masks | None = None,
    *,
    threshold: float | None = None,
    with_text: bool = False,
    workers: int = 1,
    force: bool = False,
    on_error: OnError | None = None,
) -> Outcome:
    """Redact the texts of a folder or a file of records that the output does not have yet.

    model, workers, force, on_error: as for `tagging.run.run`.
    output_path: a folder, for the texts of a folder, each with a log of its own beside it; or a
        file of JSON lines, which has the logs, too.
    masks: what stands for the hidden strings; by default their labels.
    threshold: hide, beside the entities, all spans that are at least so probable. None for the
        `threshold` of each component that has one.
    with_text: let the log have the hidden strings.
    RAISES: FileNotFoundError if there is no input; ValueError if the threshold is not from 0.01 to
        1, the output can't be one, or has texts that are not redacted, or no component finds
        entities; and as `run`.
    """
    check_input(input_path)
    if threshold is not None and not LEAST_PROBABILITY <= threshold <= 1:
        raise ValueError(f"The threshold must be from {LEAST_PROBABILITY} to 1, got {threshold}.")
    is_folder = not is_named_as_lines(output_path)
    if not is_folder:
        check_lines_output(input_path, output_path)
        if output_path.suffix == PARQUET:
            raise ValueError(
                f"{output_path}: redacted texts go into JSON lines, such as out.jsonl."
            )
    elif not input_path.is_dir():
        raise ValueError(
            f"The texts of a file go into a file, and {output_path} is not named like one. Name it "
            "out.jsonl, or out.jsonl.gz."
        )
    else:
        _check_apart(input_path.resolve(), output_path.resolve())
        if output_path.is_file():
            raise ValueError(f"{output_path} is a file. Give a folder, or the name of JSON lines.")
    product = Redactions(masks or Masks(), threshold, with_text, is_folder)
    return run(
        model,
        input_path,
        output_path,
        product,
        workers=workers,
        force=force,
        on_error=on_error,
    )


def _check_apart(input_path: Path, output_path: Path) -> None:
    """RAISES: ValueError if one is the other, or in it: a later run would take one's texts for the
    other's."""
    if output_path.is_relative_to(input_path) or input_path.is_relative_to(output_path):
        raise ValueError(
            f"{output_path} and {input_path}: redacted texts stay apart from the original ones. "
            "Give an output folder elsewhere."
        )
