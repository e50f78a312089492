"""CSV and TSV with a header, a column of texts, and one of their spans as JSON.

The delimiter is a comma, a semicolon or a tab. Spans are a list of {"start": 0, "end": 5, "label":
"PER"}, perhaps with "score", or of [0, 5, "PER"].
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from ..annotated import AnnotatedSpan, AnnotatedText, FormatError, ReadOptions
from ..open_text import LONGEST_LINE, read_lines
from .json_files import no_texts
from .spans import SpanReader, check_known

_TEXTS = ("text", "sentence", "content", "document")
_SPANS = ("spans", "entities", "labels", "label", "annotations")
_NAMES = ("id", "name")
_SOURCES = ("source", "doc", "document")
_DELIMITERS = ",;\t"


def detect(head: str) -> bool:
    """Tell whether the beginning of a file looks like a table of texts and spans."""
    # Other line ends, such as U+2028, stand in texts.
    lines = [f"{line}\n" for line in head.lstrip("\r\n \t").split("\n")]
    if len(lines) < 2 or lines[0].lstrip()[:1] in ("{", "["):
        return False
    try:
        rows = csv.reader(lines, delimiter=_sniff(lines[0]))
        header, row = next(rows), next(rows)
    except (csv.Error, StopIteration):
        return False
    spans_at = _find(header, _SPANS)
    if _find(header, _TEXTS) is None or spans_at is None:
        return False
    # A column of classes may have the same name. A row that is cut off does not say.
    return len(row) <= spans_at or row[spans_at].lstrip()[:1] in ("[", "")


def read(path: Path, options: ReadOptions) -> Iterator[AnnotatedText]:
    """Read a table. Columns are found by name, in lower or upper case, if options do not name them.

    RAISES: FormatError naming the file and the line if a column is missing, a row has too few or
        too many fields, or its spans are no JSON, or not of its text.
    """
    rows = _read_rows(path)
    place, header = next(rows, ("", []))
    if not header:
        raise no_texts(path)
    text_at = _column(header, options.text_field, _TEXTS, place, "--text-field")
    spans_at = _column(header, options.spans_field, _SPANS, place, "--spans-field")
    taken = {text_at, spans_at}
    name_at = _find(header, _NAMES, taken)
    source_at = _find(header, _SOURCES, taken)
    is_empty = True
    for place, row in rows:
        if len(row) != len(header):
            raise FormatError(
                f"{place}: {len(row)} fields, the header has {len(header)}. Quote fields that hold "
                "the delimiter."
            )
        is_empty = False
        reader = SpanReader(row[text_at], place, options.offsets)
        yield AnnotatedText(
            row[text_at],
            reader.read_list(_decode(row[spans_at], header[spans_at], place), "the field of spans"),
            name="" if name_at is None else row[name_at],
            place=place,
            source=None if source_at is None else row[source_at] or None,
        )
    if is_empty:
        raise no_texts(path)


def write(texts: Iterable[AnnotatedText], file: IO[str]) -> None:
    """Write a CSV with the columns text and spans.

    file: opened with newline="", so that line ends inside texts stay.
    RAISES: FormatError if a text holds a null character, or a part of its annotation is not known.
    """
    # All fields are quoted: older versions of the module leave a lone carriage return bare, and do
    # not read it back.
    writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(["text", "spans"])
    for text in texts:
        check_known(text, "a table")
        if "\0" in text.text:
            raise FormatError(
                f"{text.place or text.name or 'a text'}: CSV can't hold the null character."
            )
        spans = [_format_span(span) for span in text.spans]
        writer.writerow([text.text, json.dumps(spans, ensure_ascii=False)])


def _read_rows(path: Path) -> Iterator[tuple[str, list[str]]]:
    """The place and the fields of each row that is not empty."""
    # A document may be longer than the module's limit of 128 KiB.
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST_LINE))
    lines = read_lines(path)
    number, first = next(((number, line) for number, line in lines if line.strip()), (1, ""))
    rows = csv.reader(_chain(first, lines), delimiter=_sniff(first), strict=True)
    start = number
    try:
        for row in rows:
            if row:
                yield f"{path}, line {start}", row
            start = number + rows.line_num
    except csv.Error as error:
        raise FormatError(
            f"{path}, line {start}: no row of a table ({error}). Is the file cut off, or a "
            "quote not closed?"
        ) from error


def _chain(first: str, lines: Iterator[tuple[int, str]]) -> Iterator[str]:
    yield first
    for _, line in lines:
        yield line


def _sniff(header: str) -> str:
    return max(_DELIMITERS, key=header.count)


def _column(
    header: list[str], asked: str | None, names: tuple[str, ...], place: str, option: str
) -> int:
    if asked is not None and asked in header:
        return header.index(asked)
    found = None if asked is not None else _find(header, names)
    if found is None:
        wanted = f"named {asked!r}" if asked is not None else f"of {', '.join(names)}"
        raise FormatError(f"{place}: no column {wanted} in {header}. Name it by {option}.")
    return found


def _find(
    header: list[str], names: tuple[str, ...], taken: set[int] | frozenset[int] = frozenset()
) -> int | None:
    lowered = [name.strip().lower() for name in header]
    places = (lowered.index(name) for name in names if name in lowered)
    return next((place for place in places if place not in taken), None)


def _decode(field: str, column: str, place: str) -> Any:
    try:
        return json.loads(field)
    except (ValueError, RecursionError) as error:
        raise FormatError(
            f"{place}: the column {column!r} must hold spans as JSON ([] if there are none), found "
            f"{field[:40]!r}."
        ) from error


def _format_span(span: AnnotatedSpan) -> dict[str, Any]:
    record: dict[str, Any] = {"start": span.start, "end": span.end, "label": span.label}
    return record if span.confidence is None else {**record, "score": span.confidence}
