"""The documents of a corpus of any format, each with its place and its gold-standard doc."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from spacy.language import Language
from spacy.tokens import Doc

from ..corpora.annotated import AnnotatedText, FormatError, ReadOptions, trim
from ..corpora.convert import read_files
from ..corpora.inputs import find_inputs
from ..corpora.make_doc import Overlaps, make_doc

_LINE = re.compile(r", (line|doc) (\d+)$")


class Sentence(NamedTuple):
    """A sentence of a document.

    start, end: characters of the document's text, without blanks at the ends.
    first, last: its first token, and the one after its last.
    line: where it begins in the file, or else the text that it is of; None if neither is known.
    """

    start: int
    end: int
    first: int
    last: int
    line: int | None


@dataclass(frozen=True)
class Document:
    """A text of a corpus.

    text: as its file has it.
    file: the path of that, and `split`, what it is for.
    name: what the file calls it, or its place there ("line 3"); no other text of the file has it.
    doc: its gold-standard doc. Its characters are those of the text.
    """

    text: AnnotatedText
    file: str
    split: str
    name: str
    doc: Doc

    @cached_property
    def entities(self) -> list[tuple[int, int, str]]:
        """Its annotation, in order: the first token of each, the one after its last, its label."""
        return sorted((ent.start, ent.end, ent.label_) for ent in self.doc.ents)

    @cached_property
    def wrong(self) -> list[tuple[int, int, str]]:
        """The spans that are known to be wrong, in order, as `entities`."""
        groups = self.doc.spans.values()
        return sorted((span.start, span.end, span.label_) for own in groups for span in own)

    @cached_property
    def sentences(self) -> list[Sentence]:
        """Its sentences; one if none are marked."""
        spans = [self.doc[:]] if len(self.doc) else []
        if self.doc.has_annotation("SENT_START"):
            spans = list(self.doc.sents)
        lines = dict(zip(self.text.sentences or (), self.text.lines or ()))
        found = []
        for span in spans:
            start, end = trim(self.text.text, span.start_char, span.end_char)
            line = lines.get(span.start_char, _line_of(self.text.place))
            found.append(Sentence(start, end, span.start, span.end, line))
        return found


def read_texts(
    path: Path, read: ReadOptions, format: str | None = None
) -> list[tuple[str, str, AnnotatedText]]:
    """Read a corpus as `convert` does, documents whole where it marks them.

    format: None to find it by content.
    RETURNS: the split, the file and the text of each.
    RAISES: OSError or FormatError if it can't be read, or has no entities.
    """
    inputs = find_inputs(path, format)
    found = [
        (split, str(file), text)
        for split, files in inputs.files.items()
        for file in files
        for text in read_files(inputs.format, [file], read)
    ]
    if not any(text.spans for _, _, text in found):
        raise FormatError(f"{path} has no entities: there is nothing to audit.")
    return found


def make_documents(
    texts: Sequence[tuple[str, str, AnnotatedText]], nlp: Language, overlaps: Overlaps = "longest"
) -> list[Document]:
    """Make the docs of what `read_texts` gives.

    nlp: an untrained pipeline, for tokens and sentences where a text has none.
    """
    by_file: dict[str, list[AnnotatedText]] = {}
    for _, file, text in texts:
        by_file.setdefault(file, []).append(text)
    names = {file: iter(text_names(own)) for file, own in by_file.items()}
    return [
        Document(text, file, split, next(names[file]), make_doc(text, nlp, overlaps=overlaps)[0])
        for split, file, text in texts
    ]


def text_names(texts: Sequence[AnnotatedText]) -> list[str]:
    """What the texts of a file are called: what the file calls them, or their places there, or
    both where several have one name."""
    taken = Counter(text.name for text in texts)
    names = []
    for number, text in enumerate(texts, 1):
        place = _LINE.search(text.place)
        where = f"{place[1]} {place[2]}" if place else f"text {number}"
        is_taken = taken[text.name] > 1
        names.append(f"{text.name} ({where})" if text.name and is_taken else text.name or where)
    return names


def _line_of(place: str) -> int | None:
    found = _LINE.search(place)
    return int(found[2]) if found and found[1] == "line" else None
