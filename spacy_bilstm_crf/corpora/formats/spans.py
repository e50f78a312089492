"""Spans as files have them: their offsets in whatever unit -> checked spans in code points."""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import accumulate
from reprlib import repr as shorten
from typing import Any

from ..annotated import AnnotatedSpan, AnnotatedText, FormatError
from .json_files import check_list, check_text

UNITS = ("characters", "utf-16", "bytes")
"""What offsets may count: code points, UTF-16 code units (as JavaScript and Java do), or bytes of
UTF-8."""

_SPACE = re.compile(r"(?:\s|\\[nrt])+")


class Offsets:
    """The offsets of a text, counted in one of UNITS."""

    def __init__(self, text: str, unit: str) -> None:
        """RAISES: ValueError if the unit is none of UNITS."""
        if unit not in UNITS:
            raise ValueError(f"offsets must be one of {UNITS}, got {unit!r}.")
        self.end = len(text)
        self._starts: list[int] | None = None
        """Where each character starts, and the last one ends; None where that is its number."""
        if unit == "utf-16" and text and max(text) > "\uffff":
            self._starts = [0, *accumulate(1 + (char > "\uffff") for char in text)]
        elif unit == "bytes" and not text.isascii():
            self._starts = [0, *accumulate(len(char.encode()) for char in text)]
        if self._starts is not None:
            self.end = self._starts[-1]

    def to_characters(self, offset: int) -> int | None:
        """The code point at an offset; None inside a character or outside of the text."""
        if not 0 <= offset <= self.end:
            return None
        if self._starts is None:
            return offset
        index = bisect_left(self._starts, offset)
        return index if self._starts[index] == offset else None

    def from_characters(self, index: int) -> int:
        """The offset of a code point."""
        return index if self._starts is None else self._starts[index]


class SpanReader:
    """Checks the spans of one text, and brings them to code points."""

    def __init__(self, text: str, place: str, unit: str = "characters") -> None:
        """text: what the offsets are of. place: for messages. unit: one of UNITS."""
        self.text = text
        self.place = place
        self.unit = unit
        self._offsets = Offsets(text, unit)

    def read_list(self, items: Any, what: str) -> list[AnnotatedSpan]:
        """Read a list of spans, as `read` says; `what` is what messages call it."""
        found = check_list(items, what, self.place)
        return [self.read(one) for item in found for one in _of_one_label(item)]

    def read(self, item: Any) -> AnnotatedSpan:
        """Read a span: [start, end, label], or an object with "start" and "end" (or "start_offset"
        and "end_offset"), "label", and perhaps "score", its confidence, and "text".

        RAISES: FormatError if it is neither, or not a span of the text.
        """
        if isinstance(item, list) and len(item) == 3:
            return self.make(*item)
        if not isinstance(item, dict):
            raise FormatError(
                f"{self.place}: expected a span, [start, end, label] or "
                f'{{"start": ..., "end": ..., "label": ...}}, found {shorten(item)}.'
            )
        return self.make(
            item.get("start", item.get("start_offset")),
            item.get("end", item.get("end_offset")),
            item.get("label"),
            surface=item.get("text"),
            confidence=item.get("score"),
        )

    def make(
        self, start: Any, end: Any, label: Any, *, surface: Any = None, confidence: Any = None
    ) -> AnnotatedSpan:
        """Make a span.

        start, end: in the unit; the end is exclusive.
        surface: what the file says that the span's text is, None if it does not.
        confidence: a number from 0 to 1, None if the file does not say.
        RAISES: FormatError if any of them is of a wrong type or out of its range, or the text is
            another.
        """
        if not check_text(label, "the label of a span", self.place).strip():
            raise FormatError(f"{self.place}: a span from {start} to {end} has an empty label.")
        if confidence is not None and not _is_probability(confidence):
            raise FormatError(
                f"{self.place}: the score of a span must be a number from 0 to 1, found "
                f"{shorten(confidence)}."
            )
        return AnnotatedSpan(
            *self.range(start, end, surface),
            label=label,
            place=self.place,
            confidence=None if confidence is None else float(confidence),
        )

    def range(self, start: Any, end: Any, surface: Any = None) -> tuple[int, int]:
        """Check offsets, and bring them to code points; the arguments and errors are as `make`
        says."""
        if not _is_whole(start) or not _is_whole(end):
            raise FormatError(
                f"{self.place}: the start and the end of a span must be whole numbers, found "
                f"{shorten(start)} and {shorten(end)}."
            )
        if start >= end:
            raise FormatError(f"{self.place}: a span ends ({end}) before it starts ({start}).")
        if surface is not None:
            check_text(surface, "the text of a span", self.place)
        first, last = self._offsets.to_characters(start), self._offsets.to_characters(end)
        if first is None or last is None:
            raise FormatError(self._out_of_range(start, end) + self._hint(start, end, surface))
        if surface is not None and not _is_same(self.text[first:last], surface):
            raise FormatError(
                f"{self.place}: the text has {self.text[first:last][:40]!r} from {start} to {end}, "
                f"the annotation {surface[:40]!r}." + self._hint(start, end, surface)
            )
        return first, last

    def _out_of_range(self, start: int, end: int) -> str:
        if start >= 0 and end <= self._offsets.end:
            return f"{self.place}: a span from {start} to {end} has a border inside a character."
        return f"{self.place}: a span goes from {start} to {end}, the text to {self._offsets.end}."

    def _hint(self, start: int, end: int, surface: str | None) -> str:
        for unit in UNITS:
            offsets = Offsets(self.text, unit)
            first, last = offsets.to_characters(start), offsets.to_characters(end)
            if unit == self.unit or first is None or last is None:
                continue
            if surface is None or _is_same(self.text[first:last], surface):
                fits = "They fit" if surface is None else "The text fits"
                return f" {fits} if offsets count {unit}: --offsets {unit} reads them so."
        return " Was the text changed?"


def check_known(text: AnnotatedText, format_name: str) -> AnnotatedText:
    """Check that all of a text's annotation is known: most formats can't say that it is not.

    RAISES: FormatError if it is not.
    """
    if text.unknown:
        raise FormatError(
            f"{text.place or text.name or 'a text'}: its annotation is not known from "
            f"{text.unknown[0][0]} to {text.unknown[0][1]}, and {format_name} can't say so. Leave "
            "the text out, or write another format."
        )
    return text


def _of_one_label(item: Any) -> list[Any]:
    """A span, or one for each of its "labels", which Label Studio's CSV has."""
    labels = item.get("labels") if isinstance(item, dict) and "label" not in item else None
    if not isinstance(labels, list) or not labels:
        return [item]
    return [{**item, "label": label} for label in labels]


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_probability(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1


def _is_same(text: str, surface: str) -> bool:
    """Whether two texts are the same but for white space, which tools fold, or escape."""
    return text == surface or _SPACE.sub(" ", text) == _SPACE.sub(" ", surface)
