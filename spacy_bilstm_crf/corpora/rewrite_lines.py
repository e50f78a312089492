"""Lines of JSON again, with the entities of some texts corrected: what else they say stays, to the
byte."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from .annotated import AnnotatedSpan, AnnotatedText, FormatError, ReadOptions
from .formats.doccano import SPAN_FIELDS
from .formats.spans import Offsets
from .formats.token_lines import TAG_FIELDS
from .formats.token_tags import SAMPLE, are_plain, iob2, tagged_sentences
from .open_text import read_lines
from .tag_schemes import encode, find_scheme

_FIELDS = {
    "doccano": SPAN_FIELDS,
    "jsonl": ("ents",),
    "prodigy": ("spans",),
    "tokens": TAG_FIELDS,
}
FORMATS = tuple(_FIELDS)
"""Whose lines can be changed."""

_DECODER = json.JSONDecoder()
_BLANKS = re.compile(r"[ \t\r\n]*")

Corrected = tuple[AnnotatedText, AnnotatedText | None]
"""A text as it was read, and as it should be; None to leave it out."""


class _Change(NamedTuple):
    """An entity as it is, None where there is none; and as it should be, None for none."""

    old: AnnotatedSpan | None
    new: AnnotatedSpan | None


def rewrite_lines(
    path: Path, format: str, corrections: Sequence[Corrected], options: ReadOptions
) -> Iterator[str]:
    """The lines of a file, in which entities, or tags, are others where these change.

    format: of FORMATS.
    corrections: its texts.
    options: with which it was read.
    RAISES: FormatError if an answer to a question about one span would have to say more.
    """
    changes: dict[int, list[_Change]] = defaultdict(list)
    by_line: dict[int, Corrected] = {}
    for before, after in corrections:
        if after == before:
            continue
        by_line[_line_of(before.place)] = before, after
        for change in _changes(before, after):
            place = before.place if change.old is None else change.old.place
            if format == "prodigy" and before.unknown and change.old is None:
                raise FormatError(
                    f"{place}: a line answers one question, and none has room for "
                    f"{change.new.label if change.new else ''} beside it. Add it by hand."
                )
            changes[_line_of(place)].append(change)
        if after is None:  # of a text with several answers, all lines go
            for span in (*before.spans, *before.wrong):
                by_line[_line_of(span.place)] = before, None
    scheme = _find_scheme(path, options) if format == "tokens" and by_line else ""
    for number, line in read_lines(path):
        corrected = by_line.get(number)
        if corrected is not None and corrected[1] is None:
            continue
        if corrected is not None and format == "tokens":
            line = _set_tags(line, corrected, scheme, options)
        elif number in changes:
            line = _set_spans(line, format, changes[number], options.offsets)
        yield line


def _changes(before: AnnotatedText, after: AnnotatedText | None) -> list[_Change]:
    """What becomes of which entity: one that goes becomes the one that comes in its place."""
    if after is None:
        return []
    counts = Counter(span[:3] for span in after.spans)
    counts.subtract(span[:3] for span in before.spans)
    new = [span for span in after.spans if counts[span[:3]] > 0]
    changes = []
    for old in before.spans:
        if counts[old[:3]] < 0:
            counts[old[:3]] += 1
            here = [span for span in new if span.start < old.end and old.start < span.end]
            here.sort(key=lambda span: abs(span.start - old.start) + abs(span.end - old.end))
            if here:
                new.remove(here[0])
            changes.append(_Change(old, here[0] if here else None))
    return changes + [_Change(None, span) for span in new]


def _set_spans(line: str, format: str, changes: list[_Change], unit: str) -> str:
    record = json.loads(line)
    field = next((f for f in _FIELDS[format] if record.get(f) is not None), _FIELDS[format][0])
    line_of_text = _Line(line, record, Offsets(_text_of(record), unit))
    items = [(item, raw) for item, raw in zip(record.get(field) or [], line_of_text.items(field))]
    for old, new in changes:
        if old is None:
            continue
        places = [line_of_text.places(item) for item, _ in items]
        nth = next((i for i, own in enumerate(places) if old[:3] in own), None)
        if nth is None:
            continue  # what is read again then is not what it should be
        if new is not None:
            changed = line_of_text.changed(items[nth][0], old, new)
            items[nth] = changed, line_of_text.dump(changed)
        elif record.get("_is_binary") is True:
            return line_of_text.with_value("answer", line_of_text.dump("reject"))
        else:
            del items[nth]
    for _, new in (change for change in changes if change.old is None):
        assert new is not None
        starts = [min(p[0] for p in line_of_text.places(item)) for item, _ in items]
        nth = sum(start <= new.start for start in starts)
        added = line_of_text.added(format, field, [item for item, _ in items], new)
        items.insert(nth, (added, line_of_text.dump(added)))
    separator = ", " if line_of_text.has_blanks else ","
    return line_of_text.with_value(field, f"[{separator.join(raw for _, raw in items)}]")


def _text_of(record: dict[str, Any]) -> str:
    return str(record.get("text", record.get("data")))


class _Line:
    """A line with a JSON object, of which single values are replaced."""

    def __init__(self, line: str, record: dict[str, Any], offsets: Offsets | None = None) -> None:
        """record: the object. offsets: of its text."""
        self.line = line
        self.record = record
        self._offsets = offsets
        self._values = {key: (begin, end) for key, begin, end in _parts(line, 0)}
        first = next(iter(self._values.values()), (0, 0))
        self.has_blanks = line[first[0] - 1 : first[0]].isspace()

    def dump(self, value: Any) -> str:
        """A value as JSON, written as the line is."""
        separators = None if self.has_blanks else (",", ":")
        return json.dumps(value, ensure_ascii=self.line.isascii(), separators=separators)

    def items(self, field: str) -> list[str]:
        """The items of a list as they are written; none if there is no list."""
        if self.record.get(field) is None:
            return []
        begin, _ = self._values[field]
        return [self.line[first:last] for _, first, last in _parts(self.line, begin)]

    def with_value(self, field: str, raw: str) -> str:
        """The line with another value of a field, after the others if it is new."""
        if field in self._values:
            begin, end = self._values[field]
            return f"{self.line[:begin]}{raw}{self.line[end:]}"
        at = max((end for _, end in self._values.values()), default=0)
        comma, colon = (", ", ": ") if self.has_blanks else (",", ":")
        return f"{self.line[:at]}{comma}{json.dumps(field)}{colon}{raw}{self.line[at:]}"

    def places(self, item: Any) -> list[tuple[int, int, str]]:
        """The start, end and label of an item, or of each of its labels, in code points."""
        assert self._offsets is not None
        if isinstance(item, list):
            start, end, labels = item[0], item[1], [item[2]]
        else:
            start = item.get("start", item.get("start_offset"))
            end = item.get("end", item.get("end_offset"))
            labels = [item["label"]] if "label" in item else item["labels"]
        first, last = self._offsets.to_characters(start), self._offsets.to_characters(end)
        assert first is not None and last is not None  # it was read
        return [(first, last, label) for label in labels]

    def changed(self, item: Any, old: AnnotatedSpan, new: AnnotatedSpan) -> Any:
        """An item with another entity. The probability of the one that was goes."""
        start, end = self._borders(new)
        if isinstance(item, list):
            return [start, end, new.label]
        result = {key: item[key] for key in item if key not in ("score", "confidence")}
        for key, value in (("start", start), ("end", end)):
            result[key if key in item else f"{key}_offset"] = value
        if "label" in item:
            result["label"] = new.label
        else:
            result["labels"] = [new.label if own == old.label else own for own in item["labels"]]
        if "text" in item:
            result["text"] = _text_of(self.record)[new.start : new.end]
        if old[:2] != new[:2] and "token_start" in item:
            result |= self._tokens(start, end)
        return result

    def added(self, format: str, field: str, items: list[Any], new: AnnotatedSpan) -> Any:
        """An item for a new entity, like the others."""
        start, end = self._borders(new)
        if format == "doccano":
            has_objects = isinstance(items[0], dict) if items else field == "entities"
            if not has_objects:
                return [start, end, new.label]
            ids = [item["id"] for item in items if isinstance(item.get("id"), int)]
            own = {"id": max(ids, default=0) + 1} if ids or not items else {}
            return {**own, "label": new.label, "start_offset": start, "end_offset": end}
        result = {"start": start, "end": end, "label": new.label}
        if format == "jsonl":
            return {**result, "text": _text_of(self.record)[new.start : new.end]}
        return result | self._tokens(start, end)

    def _borders(self, span: AnnotatedSpan) -> tuple[int, int]:
        assert self._offsets is not None
        own = self._offsets
        return own.from_characters(span.start), own.from_characters(span.end)

    def _tokens(self, start: int, end: int) -> dict[str, int]:
        """Prodigy's numbers of the first token of a span, and of its last one."""
        tokens = self.record.get("tokens") or []
        first = [i for i, token in enumerate(tokens) if token["start"] == start]
        last = [i for i, token in enumerate(tokens) if token["end"] == end]
        return {"token_start": first[0], "token_end": last[0]} if first and last else {}


def _set_tags(line: str, corrected: Corrected, scheme: str, options: ReadOptions) -> str:
    before, after = corrected
    assert after is not None
    own = _Line(line, json.loads(line))
    field = _tag_field(own.record, options)
    old, new = (encode(_tags(text), scheme) for text in (before, after))
    raws = [
        raw if was == becomes else own.dump(becomes)
        for raw, was, becomes in zip(own.items(field), old, new)
    ]
    return own.with_value(field, f"[{(', ' if own.has_blanks else ',').join(raws)}]")


def _tags(text: AnnotatedText) -> list[str]:
    """The tags of a text's tokens, in IOB2."""
    by_start = {token.start: token.tag for own in tagged_sentences(text) for token in own}
    return [by_start.get(start, "O") for start, _ in text.tokens or ()]


def _tag_field(record: dict[str, Any], options: ReadOptions) -> str:
    if options.tag_column is not None:
        return options.tag_column
    return next(field for field in TAG_FIELDS if isinstance(record.get(field), list))


def _find_scheme(path: Path, options: ReadOptions) -> str:
    records = (json.loads(line) for _, line in read_lines(path) if line.strip())
    tags: list[list[str]] = [record[_tag_field(record, options)] for record in records]
    if are_plain(tag for own in islice(tags, SAMPLE) for tag in own):
        return "plain"
    return find_scheme(pair for own in tags for pair in zip(own, iob2(own, [""] * len(own))))


def _line_of(place: str) -> int:
    """The number of the line that a place tells."""
    return int(place.rpartition(" ")[2])


def _parts(text: str, at: int) -> list[tuple[str, int, int]]:
    """The items of a JSON list or object that is in a text from `at` on: the key of each, "" in a
    list, and where its value begins and ends."""
    at = _skip(text, at)
    is_object = text[at] == "{"
    parts = []
    at = _skip(text, at + 1)
    while text[at] not in "]}":
        key = ""
        if is_object:
            key, at = _DECODER.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)  # past the colon
        _, end = _DECODER.raw_decode(text, at)
        parts.append((key, at, end))
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return parts


def _skip(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at
