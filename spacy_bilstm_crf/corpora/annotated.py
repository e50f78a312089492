"""A text and what is annotated in it: what every format is read to and written from."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class FormatError(ValueError):
    """A file can't be read. The message names the file and the line, and says what to do."""


class AnnotatedSpan(NamedTuple):
    """A span that someone has marked.

    start, end: code points of the text; the end is exclusive.
    place: where it stands, such as "a.jsonl, line 3".
    confidence: its probability, None where no one has given one.
    """

    start: int
    end: int
    label: str
    place: str = ""
    confidence: float | None = None


class Unfit(NamedTuple):
    """A span that can't be held: its place ("a.ann, line 3"), and why."""

    place: str
    reason: str


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The start and end of a stretch of a text without the white space at its borders; both are its
    end if it has nothing else."""
    marked = text[start:end]
    first = start + len(marked) - len(marked.lstrip())
    return first, first + len(marked.strip())


@dataclass(frozen=True)
class AnnotatedText:
    """A text with its annotation, as a file has it: spans may overlap, and need not fit tokens.

    text: as it was written; where a file has only tokens, those with a blank between, and
        `has_spaces` is False.
    spans: what is annotated.
    name: what the file calls it, or "".
    place: where it stands, such as "a.jsonl, line 3".
    source: the document it is a part of, or where it comes from, None if the file does not say:
        texts of one source are not split.
    tokens: the file's own tokens as (start, end) in code points; None if it has none.
    sentences: where its sentences start, in code points, 0 first; None if the file does not say.
    unknown: stretches whose annotation is not known, as (start, end).
    wrong: spans that are known to be wrong: no entity has these borders and this label.
    cats: the labels of the whole text with their probabilities, 1.0 where they are given; empty
        for none, None if nothing is said of such labels.
    unfit: spans that have no single start and end, and so are not among `spans`.
    lines: on which line of the file each of `sentences` begins; None if that is not known.
    extra: what else is to be said of it, in JSON, where a format has a place for it. No reader
        gives any.
    """

    text: str
    spans: list[AnnotatedSpan] = field(default_factory=list)
    name: str = ""
    place: str = ""
    source: str | None = None
    tokens: list[tuple[int, int]] | None = None
    sentences: list[int] | None = None
    has_spaces: bool = True
    unknown: list[tuple[int, int]] = field(default_factory=list)
    wrong: list[AnnotatedSpan] = field(default_factory=list)
    cats: dict[str, float] | None = None
    unfit: list[Unfit] = field(default_factory=list)
    lines: list[int] | None = field(default=None, compare=False)
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def labels(self) -> list[str]:
        """Of `cats`, those that are likelier than not."""
        return [label for label, value in (self.cats or {}).items() if value > 0.5]


@dataclass(frozen=True)
class ReadOptions:
    """What readers can be told. Each takes what concerns its format.

    word_column, tag_column: of columns: a number from 1, or a name of the header; None to find it.
    unit: of columns: a text per "sentence" or "document"; "auto" for documents where they are
        marked.
    offsets: what the offsets of a file count: "characters" (code points), "utf-16" units or
        "bytes" of UTF-8.
    annotator: of Label Studio: whose annotation counts where there are several; None for the first.
    text_field, spans_field, label_field: of CSV and of JSON: the field of the text, that of its
        spans, and that of its label; None to find them.
    counts: gets what a reader leaves out or chooses, by what it is, to be told to the user.
    """

    word_column: str | None = None
    tag_column: str | None = None
    unit: str = "auto"
    offsets: str = "characters"
    annotator: str | None = None
    text_field: str | None = None
    spans_field: str | None = None
    label_field: str | None = None
    counts: Counter[str] = field(default_factory=Counter)
