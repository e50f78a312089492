"""Lines of JSON again, with the entities of some texts corrected: what else they say stays, to the
byte."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from .annotated import AnnotatedSpan, AnnotatedText, FormatError, ReadOptions
from .formats.doccano import SPAN_FIELDS
from .formats.spans import Offsets
from .formats.token_lines import TAG_FIELDS, find_field
from .formats.token_tags import SAMPLE, are_plain, iob2, tags_of
from .json_line import JsonLine
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
    own = JsonLine(line)
    record, fields = own.record, _FIELDS[format]
    field = next((one for one in fields if record.get(one) is not None), fields[0])
    spans = _Spans(record, format, field, unit)
    items = list(zip(record.get(field) or [], own.items(field)))
    gone: set[Any] = set()
    for old, new in changes:
        if old is None:
            continue
        places = [spans.places(item) for item, _ in items]
        nth = next((i for i, own_places in enumerate(places) if old[:3] in own_places), None)
        if nth is None:
            continue  # what is read again then is not what it should be
        if new is not None:
            changed = spans.changed(items[nth][0], old, new)
            items[nth] = changed, own.dump(changed)
        elif record.get("_is_binary") is True:
            return own.with_value("answer", own.dump("reject"))
        else:
            gone.add(_id_of(items.pop(nth)[0]))
    for old, new in changes:
        if old is None and new is not None:
            nth = sum(spans.places(item)[0][0] <= new.start for item, _ in items)
            added = spans.added([item for item, _ in items], new)
            items.insert(nth, (added, own.dump(added)))
    line = own.with_items(field, [written for _, written in items])
    return _without_relations(line, gone - {None}) if format == "doccano" else line


def _without_relations(line: str, gone: Collection[Any]) -> str:
    """A line of doccano without the relations that name an entity which is gone."""
    own = JsonLine(line)
    relations = own.record.get("relations")
    if not gone or not isinstance(relations, list):
        return line
    left = [
        written
        for relation, written in zip(relations, own.items("relations"))
        if not any(relation.get(end) in gone for end in ("from_id", "to_id"))
    ]
    return own.with_items("relations", left)


def _id_of(item: Any) -> Any:
    return item.get("id") if isinstance(item, dict) else None


class _Spans:
    """The items for spans in a record of a format."""

    def __init__(self, record: dict[str, Any], format: str, field: str, unit: str) -> None:
        """field: that with the items. unit: of offsets."""
        self.text = str(record.get("text", record.get("data")))
        self._tokens = record.get("tokens") or []
        self._format = format
        self._field = field
        self._offsets = Offsets(self.text, unit)

    def places(self, item: Any) -> list[tuple[int, int, str]]:
        """The start, end and label of an item, or of each of its labels, in code points."""
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
        start, end = map(self._offsets.from_characters, new[:2])
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
            result["text"] = self.text[new.start : new.end]
        if old[:2] != new[:2] and "token_start" in item:
            result |= self._token_numbers(start, end)
        return result

    def added(self, items: list[Any], new: AnnotatedSpan) -> Any:
        """An item for a new entity, like the others."""
        start, end = map(self._offsets.from_characters, new[:2])
        if self._format == "doccano":
            has_objects = isinstance(items[0], dict) if items else self._field == "entities"
            if not has_objects:
                return [start, end, new.label]
            ids = [item["id"] for item in items if isinstance(item.get("id"), int)]
            own = {"id": max(ids, default=0) + 1} if ids or not items else {}
            return {**own, "label": new.label, "start_offset": start, "end_offset": end}
        result = {"start": start, "end": end, "label": new.label}
        if self._format == "jsonl":
            return {**result, "text": self.text[new.start : new.end]}
        return result | self._token_numbers(start, end)

    def _token_numbers(self, start: int, end: int) -> dict[str, int]:
        """Prodigy's numbers of the first token of a span, and of its last one."""
        first = [i for i, token in enumerate(self._tokens) if token["start"] == start]
        last = [i for i, token in enumerate(self._tokens) if token["end"] == end]
        return {"token_start": first[0], "token_end": last[0]} if first and last else {}


def _set_tags(line: str, corrected: Corrected, scheme: str, options: ReadOptions) -> str:
    before, after = corrected
    assert after is not None
    own = JsonLine(line)
    field = find_field(own.record, options.tag_column, TAG_FIELDS)
    assert field is not None  # it was read
    old, new = (encode(tags_of(text), scheme) for text in (before, after))
    items = zip(own.items(field), old, new)
    return own.with_items(
        field, [item if was == tag else own.dump(tag) for item, was, tag in items]
    )


def _find_scheme(path: Path, options: ReadOptions) -> str:
    records = (json.loads(line) for _, line in read_lines(path) if line.strip())
    tags: list[list[str]] = [
        record[find_field(record, options.tag_column, TAG_FIELDS)] for record in records
    ]
    if are_plain(tag for own in islice(tags, SAMPLE) for tag in own):
        return "plain"
    return find_scheme(pair for own in tags for pair in zip(own, iob2(own, [""] * len(own))))


def _line_of(place: str) -> int:
    """The number of the line that a place tells."""
    return int(place.rpartition(" ")[2])
