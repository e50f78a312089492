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
from .spans import SpanReader, check_known
from .table_rows import find_column, find_name, first_rows, read_table

_TEXTS = ("text", "sentence", "content", "document")
_SPANS = ("spans", "entities", "labels", "label", "annotations")
_NAMES = ("id", "name")
_SOURCES = ("source", "doc", "document")


def detect(head: str) -> bool:
    """Tell whether the beginning of a file looks like a table of texts and spans."""
    rows = first_rows(head)
    if rows is None:
        return False
    header, row = rows
    spans_at = find_name(header, _SPANS)
    if find_name(header, _TEXTS) is None or spans_at is None:
        return False
    # A column of classes may have the same name. A row that is cut off does not say.
    return len(row) <= spans_at or row[spans_at].lstrip()[:1] in ("[", "")


def read(path: Path, options: ReadOptions) -> Iterator[AnnotatedText]:
    """Read a table. Columns are found by name, in lower or upper case, if options do not name them.

    RAISES: FormatError naming the file and the line if a column is missing, a row has too few or
        too many fields, or its spans are no JSON, or not of its text.
    """
    rows = read_table(path)
    place, header = next(rows)
    text_at = find_column(header, options.text_field, _TEXTS, place, "--text-field")
    spans_at = find_column(header, options.spans_field, _SPANS, place, "--spans-field")
    taken = {text_at, spans_at}
    name_at = find_name(header, _NAMES, taken)
    source_at = find_name(header, _SOURCES, taken)
    for place, row in rows:
        reader = SpanReader(row[text_at], place, options.offsets)
        yield AnnotatedText(
            row[text_at],
            reader.read_list(_decode(row[spans_at], header[spans_at], place), "the field of spans"),
            name="" if name_at is None else row[name_at],
            place=place,
            source=None if source_at is None else row[source_at] or None,
        )


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
