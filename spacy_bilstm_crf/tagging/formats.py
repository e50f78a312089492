"""The formats that tagged docs are written in, by any pipeline that sets `doc.ents`."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from enum import Enum
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
from .outputs import FilePerText, FilesOfTexts, LinePerText, Output
from .packs import DocBinPack, LabelStudioPack
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
    def suffix(self) -> str:
        """The suffix of the file that says that a text is done; "" if a file holds many."""
        return _FILES[self][0][-1] if self in _FILES else ""


def open_output(
    output_format: Format, path: Path, nlp: Language, *, are_numbers: bool, force: bool
) -> Output:
    """Open an output.

    nlp: the model that Label Studio is told of.
    are_numbers: whether the names of texts are numbers, as those of JSON lines; a brat folder then
        gets the texts, too.
    RAISES: ValueError if files of others are where its own will be.
    """
    if output_format in _LINES:
        return LinePerText(path, *_LINES[output_format], force=force)
    if output_format == Format.spacy:
        return FilesOfTexts(path, DocBinPack(), force=force)
    if output_format == Format.label_studio:
        name = f"{nlp.meta['lang']}_{nlp.meta['name']} {nlp.meta['version']}"
        return FilesOfTexts(path, LabelStudioPack(name), force=force)
    suffixes, make = _FILES[output_format]
    if output_format == Format.brat and are_numbers:
        suffixes, make = (".txt", *suffixes), _text_and_brat
    return FilePerText(path, suffixes, make, are_numbers=are_numbers, force=force)


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


def _jsonl(text: Text, doc: Doc) -> dict[str, Any]:
    cats = {"cats": dict(doc.cats)} if doc.cats else {}
    return {"ents": format_entities(read_entities(doc)), **cats}


def _prodigy(text: Text, doc: Doc) -> dict[str, Any]:
    found = found_in(text, doc)
    return prodigy.make_record(found, found.spans)


_FILES: dict[Format, tuple[Sequence[str], Callable[[Text, Doc], Sequence[str]]]] = {
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
