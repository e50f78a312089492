"""The formats that tagged docs are written in, by any pipeline that sets `doc.ents`."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from enum import Enum
from functools import partial
from pathlib import Path
from typing import IO, Any

from spacy.language import Language
from spacy.tokens import Doc

from ..corpora.annotated import AnnotatedText
from ..corpora.brat import format_annotations
from ..corpora.formats import columns, doccano, prodigy, webanno
from ..corpora.formats.entity_lines import format_entities
from ..corpora.formats.token_tags import without_cuts
from ..corpora.make_doc import read_entities
from .found import found_in
from .outputs import FilePerText, FilesOfTexts, LinePerText, Output, make_line
from .packed import PackedLines, is_packed
from .packs import DocBinPack, LabelStudioPack
from .probable_spans import plain_span, probable_spans
from .product import Make
from .texts import Text


class Format(str, Enum):
    """Output formats."""

    brat = "brat"
    columns = "columns"
    doccano = "doccano"
    jsonl = "jsonl"
    label_studio = "label-studio"
    prodigy = "prodigy"
    spacy = "spacy"
    webanno = "webanno"

    @property
    def is_folder(self) -> bool:
        """Whether texts go into a folder, not into one file."""
        return self not in _LINES

    @property
    def is_file_per_text(self) -> bool:
        """Whether each text has files of its own, named as it."""
        return self in _FILES

    @property
    def suffix(self) -> str:
        """The suffix of the file that says that a text is done; "" if a file holds many."""
        return _FILES[self][0][-1] if self in _FILES else ""


def open_output(output_format: Format, path: Path, *, are_numbers: bool, force: bool) -> Output:
    """Open an output.

    are_numbers: whether the names of texts are numbers, as those of records in files of their own;
        a brat folder then gets the texts, too.
    RAISES: ValueError if files of others are where its own will be.
    """
    if output_format in _LINES:
        key = _LINES[output_format][0]
        if is_packed(path):
            return PackedLines(path, key, force=force)
        return LinePerText(path, key, force=force)
    if output_format == Format.spacy:
        return FilesOfTexts(path, DocBinPack(), force=force)
    if output_format == Format.label_studio:
        return FilesOfTexts(path, LabelStudioPack(), force=force)
    suffixes, _ = _files(output_format, are_numbers)
    return FilePerText(path, suffixes, are_numbers=are_numbers, force=force)


def make_function(
    output_format: Format, nlp: Language, *, are_numbers: bool, spans: float | None = None
) -> Make:
    """The function that makes what an output of the format writes of a text.

    nlp: the model that Label Studio is told of.
    are_numbers: as in `open_output`.
    spans: of jsonl: "spans" are all that are at least so probable.
    """
    if output_format in _LINES:
        is_jsonl = output_format == Format.jsonl
        find = partial(_jsonl, spans=spans) if is_jsonl else _LINES[output_format][1]
        return lambda text, doc: make_line(find(text, doc), text)
    if output_format == Format.spacy:
        return DocBinPack.make
    if output_format == Format.label_studio:
        return partial(LabelStudioPack.make, nlp)
    return _files(output_format, are_numbers)[1]


def _files(output_format: Format, are_numbers: bool) -> tuple[Sequence[str], Make]:
    suffixes, make = _FILES[output_format]
    if output_format == Format.brat and are_numbers:
        return (".txt", *suffixes), _text_and_brat
    return suffixes, make


def _brat(text: Text, doc: Doc) -> list[str]:
    return [format_annotations(doc)]


def _text_and_brat(text: Text, doc: Doc) -> list[str]:
    return [text.text, *_brat(text, doc)]


def _columns(text: Text, doc: Doc) -> list[str]:
    return [_written(columns.write, without_cuts(found_in(text, doc)))]


def _webanno(text: Text, doc: Doc) -> list[str]:
    return [_written(webanno.write, found_in(text, doc))]


def _written(write: Callable[[list[AnnotatedText], IO[str]], None], text: AnnotatedText) -> str:
    file = io.StringIO(newline="")
    write([text], file)
    return file.getvalue()


def _doccano(text: Text, doc: Doc) -> dict[str, Any]:
    return doccano.make_record(found_in(text, doc))


def _jsonl(text: Text, doc: Doc, spans: float | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"ents": format_entities(doc.text, read_entities(doc))}
    if spans is not None:
        probable = [plain_span(*own) for own in probable_spans(doc, spans)]
        found["spans"] = format_entities(doc.text, probable)
    if doc.cats:
        found["cats"] = dict(doc.cats)
    return found


def _prodigy(text: Text, doc: Doc) -> dict[str, Any]:
    found = found_in(text, doc)
    return prodigy.make_record(found, found.spans)


_FILES: dict[Format, tuple[Sequence[str], Make]] = {
    Format.brat: ((".ann",), _brat),
    Format.columns: ((".conll",), _columns),
    Format.webanno: ((".tsv",), _webanno),
}
_LINES: dict[Format, tuple[str, Callable[[Text, Doc], dict[str, Any]]]] = {
    Format.doccano: ("label", _doccano),
    Format.jsonl: ("ents", _jsonl),
    Format.prodigy: ("spans", _prodigy),
}
"""With the key that every line has beside its name and text."""
