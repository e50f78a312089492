"""CSV and TSV with a header, a column of texts, and one of their spans as JSON.

Spans are a list of {"start": 0, "end": 5, "label": "PER"}, perhaps with "score", or of
[0, 5, "PER"].
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from ..annotated import AnnotatedSpan, AnnotatedText, FormatError, ReadOptions
from .spans import SpanReader, check_known
from .tables import NAMES, SOURCES, find_column, first_field, read_table, write_table

_TEXTS = ("text", "sentence", "content", "document")
_SPANS = ("spans", "entities", "labels", "label", "annotations")


def detect(head: str) -> bool:
    """Tell whether the beginning of a file looks like a table of texts and spans."""
    # A column of classes may have the same name. Blank fields, and a row cut off, do not say.
    field = first_field(head, _TEXTS, _SPANS)
    return field is not None and field[:1] in ("[", "")


def read(path: Path, options: ReadOptions) -> Iterator[AnnotatedText]:
    """Read a table. Columns are found by name, in lower or upper case, if options do not name them.

    RAISES: FormatError naming the file and the line if a column is missing, a row has too few or
        too many fields, or its spans are no JSON, or not of its text.
    """
    table = read_table(path)
    header = table.header
    text_at = table.column(options.text_field, _TEXTS, "--text-field")
    spans_at = table.column(options.spans_field, _SPANS, "--spans-field")
    taken = {text_at, spans_at}
    name_at = find_column(header, NAMES, taken)
    source_at = find_column(header, SOURCES, taken)
    for place, row in table.rows:
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
    write_table(("text", "spans"), ((text, _encode(text)) for text in texts), file)


def _decode(field: str, column: str, place: str) -> Any:
    try:
        return json.loads(field)
    except (ValueError, RecursionError) as error:
        raise FormatError(
            f"{place}: the column {column!r} must hold spans as JSON ([] if there are none), found "
            f"{field[:40]!r}."
        ) from error


def _encode(text: AnnotatedText) -> str:
    check_known(text, "a table")
    return json.dumps([_format_span(span) for span in text.spans], ensure_ascii=False)


def _format_span(span: AnnotatedSpan) -> dict[str, Any]:
    record: dict[str, Any] = {"start": span.start, "end": span.end, "label": span.label}
    return record if span.confidence is None else {**record, "score": span.confidence}
