"""Annotated texts of any format -> a file or a folder of another, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from enum import Enum
from functools import partial
from io import StringIO
from pathlib import Path
from typing import IO, NamedTuple

from spacy.language import Language
from spacy.tokens import DocBin

from .annotated import AnnotatedText, FormatError, ReadOptions
from .files import aside, make_room
from .formats import FORMATS, WRITABLE, brat, label_studio, webanno
from .formats.json_files import no_texts
from .formats.token_tags import without_cuts
from .inputs import find_inputs
from .make_doc import make_doc
from .manifest import OwnFiles, check_apart


class ExportFormat(str, Enum):
    """The formats that texts are exported to."""

    brat = "brat"
    columns = "columns"
    csv = "csv"
    doccano = "doccano"
    jsonl = "jsonl"
    label_csv = "label-csv"
    label_studio = "label-studio"
    labels = "labels"
    prodigy = "prodigy"
    spacy = "spacy"
    spacy2 = "spacy2"
    tokens = "tokens"
    webanno = "webanno"

    @property
    def is_folder(self) -> bool:
        """Whether each text is a file of its own, in a folder."""
        return self in (ExportFormat.brat, ExportFormat.webanno)


class Exported(NamedTuple):
    """How many texts were written, and how many left out because nothing of them is known."""

    n_texts: int
    n_left_out: int


_OF_TAGS = (ExportFormat.columns, ExportFormat.tokens)
_OF_TOKENS = (*_OF_TAGS, ExportFormat.webanno)
# Can say that an annotation is not known.
_OF_UNKNOWN = (*_OF_TOKENS, ExportFormat.prodigy, ExportFormat.spacy)
# What a doc has besides its words and its user data.
_ATTRIBUTES = ["ENT_IOB", "ENT_TYPE", "SENT_START"]


def export(
    input_path: Path,
    output_path: Path,
    output_format: ExportFormat,
    nlp: Language,
    *,
    model_version: str | None = None,
    force: bool = False,
) -> Exported:
    """Write the texts of a file or a folder in another format.

    Texts of which no annotation is known, such as those that were rejected in Prodigy, are left out
    where the format can't say so.

    input_path: a file of any format that is read; or a folder of .spacy files, or of files that
        `find_inputs` finds.
    output_path: a file; for brat and webanno a folder.
    nlp: its tokenizer makes the tokens of texts that have none, where the format needs them.
    model_version: of Label Studio: the model that all texts are predictions of. None if only those
        with confidences are predictions, and the others are annotated.
    force: replace what is there. In a folder, that is what this function has written.
    RETURNS: how many texts were written, and how many left out.
    RAISES: FileNotFoundError if there is no input; FormatError if it can't be read, or the format
        can't hold a text; FileExistsError if something is in the way; ValueError if input and
        output do not lie apart, or a model is named that the format does not; OSError if the output
        can't be written. There is then no output, or it is as it was.
    """
    if model_version is not None and output_format != ExportFormat.label_studio:
        raise ValueError(f"{output_format.value} has no place for a model version. Leave it out.")
    check_apart(input_path, output_path)
    is_there = any(output_path.iterdir()) if output_path.is_dir() else output_path.exists()
    if is_there and not force:
        raise FileExistsError(
            f"{output_path} is there already. Give another output, or --force to replace it."
        )
    known = _Known(read_any(input_path), output_format)
    texts = _Counted(known, input_path)
    if output_format.is_folder:
        own = OwnFiles(output_path, command="export", manifest=".export.json")
        own.check_free([])
        with own.build() as built:
            write_texts(texts, built, output_format, nlp)
            own.replace(built, {"format": output_format.value})
        return Exported(texts.n, known.n_left_out)
    make_room(output_path)
    with aside(output_path) as unfinished:
        write_texts(texts, unfinished, output_format, nlp, model_version=model_version)
    return Exported(texts.n, known.n_left_out)


def read_any(path: Path) -> Iterator[AnnotatedText]:
    """The annotated texts of a file or a folder, whatever their format.

    RAISES: FileNotFoundError if there is nothing; FormatError if it can't be read.
    """
    binaries = sorted(path.glob("*.spacy")) if path.is_dir() else []
    if binaries:
        found, paths = "docbin", binaries
    else:
        found, files, _ = find_inputs(path)
        paths = [file for split in files.values() for file in split]
    for file in paths:
        yield from FORMATS[found].read(file, ReadOptions())


def write_texts(
    texts: Iterable[AnnotatedText],
    path: Path,
    output_format: ExportFormat,
    nlp: Language,
    *,
    model_version: str | None = None,
) -> None:
    """Write texts to a file that is not there yet; of brat and webanno, to files in a folder.

    nlp, model_version: as for `export`.
    RAISES: FormatError if the format can't hold a text; OSError if it can't be written.
    """
    prepared = _prepare(texts, output_format, nlp)
    if output_format.is_folder:
        _write_files(prepared, path, output_format)
    elif output_format == ExportFormat.spacy:
        _write_docs(prepared, path, nlp)
    else:
        with path.open("x", encoding="utf-8", newline="") as file:
            _writer(output_format, model_version)(prepared, file)


class _Known:
    """Leaves out texts of which nothing is known, where a format can't say so, and counts them."""

    def __init__(self, texts: Iterable[AnnotatedText], output_format: ExportFormat) -> None:
        self.texts = texts
        self.output_format = output_format
        self.n_left_out = 0

    def __iter__(self) -> Iterator[AnnotatedText]:
        for text in self.texts:
            has_none = not text.spans and text.cats is None
            is_unknown = has_none and text.unknown == [(0, len(text.text))]
            if is_unknown and self.output_format not in _OF_UNKNOWN:
                self.n_left_out += 1
            else:
                yield text


class _Counted:
    """Counts texts as they pass. RAISES: FormatError in the end, if there were none."""

    def __init__(self, texts: Iterable[AnnotatedText], path: Path) -> None:
        self.texts = texts
        self.path = path
        self.n = 0

    def __iter__(self) -> Iterator[AnnotatedText]:
        for text in self.texts:
            self.n += 1
            yield text
        if self.n == 0:
            raise no_texts(self.path)


def _prepare(
    texts: Iterable[AnnotatedText], output_format: ExportFormat, nlp: Language
) -> Iterator[AnnotatedText]:
    """The texts, with tokens if the format needs them."""
    for text in texts:
        if text.tokens is None and output_format in _OF_TOKENS:
            tokens = [(token.idx, token.idx + len(token)) for token in nlp.make_doc(text.text)]
            text = replace(text, tokens=tokens)
        yield without_cuts(text) if output_format in _OF_TAGS else text


def _writer(
    output_format: ExportFormat, model_version: str | None
) -> Callable[[Iterable[AnnotatedText], IO[str]], None]:
    if model_version is None:
        return WRITABLE[output_format.value].write
    return partial(label_studio.write, model_version=model_version, only_predictions=True)


def _write_docs(texts: Iterable[AnnotatedText], path: Path, nlp: Language) -> None:
    docs = DocBin(_ATTRIBUTES, store_user_data=True)
    for text in texts:
        doc, unfit = make_doc(text, nlp)
        if unfit:
            raise FormatError(
                f"{unfit[0].place or _called(text)}: doc.ents can't hold an entity "
                f"({unfit[0].reason}). Correct it; or use `convert`, which leaves it out."
            )
        doc.user_data["name"] = text.name
        docs.add(doc)
    docs.to_disk(path)


def _write_files(texts: Iterable[AnnotatedText], folder: Path, output_format: ExportFormat) -> None:
    for number, text in enumerate(texts, 1):
        for suffix, content in _files_of(text, output_format).items():
            path = folder / f"{_file_name(text, number)}{suffix}"
            if path.exists():
                raise FormatError(
                    f"{_called(text)}: another text has the name {text.name!r}, too, and each "
                    "is a file of its own. Rename one, or use a format of many texts."
                )
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode())


def _files_of(text: AnnotatedText, output_format: ExportFormat) -> dict[str, str]:
    """The content of each file of a text, by suffix."""
    if output_format == ExportFormat.brat:
        return {".txt": text.text, ".ann": brat.format_annotations(text)}
    file = StringIO(newline="")
    webanno.write([text], file)
    return {".tsv": file.getvalue()}


def _file_name(text: AnnotatedText, number: int) -> str:
    """The name of a text's files: its own, or its number. It may be a path within the folder."""
    if not text.name:
        return f"{number:05}"
    parts = text.name.split("/")
    if "\0" in text.name or any(part in ("", ".", "..") for part in parts):
        raise FormatError(f"{_called(text)}: {text.name!r} is no name for a file. Rename it.")
    return text.name


def _called(text: AnnotatedText) -> str:
    return text.place or text.name or "a text"
