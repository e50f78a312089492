"""doccano's JSON lines of sequence labeling.

A text a line: {"id": 1, "text": "...", "label": [[0, 5, "PER"]]}, or, from a project with
relations, {"text": "...", "entities": [{"id": 1, "label": "PER", "start_offset": 0, "end_offset":
5}], "relations": []}. The format: https://doccano.github.io/doccano/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from ..annotated import AnnotatedText, FormatError, ReadOptions
from .json_files import check_text, find_name, first_record, read_json_lines, write_json_line
from .spans import SpanReader, check_known

SPAN_FIELDS = ("label", "labels", "entities")


def detect(head: str) -> bool:
    """Tell whether the beginning of a file looks like doccano's JSON lines."""
    record = first_record(head) if head.lstrip().startswith("{") else None
    if not isinstance(record, dict) or not {"text", "data"} & record.keys():
        return False
    if {"spans", "answer"} & record.keys():  # Prodigy's
        return False
    spans = [record[key] for key in SPAN_FIELDS if isinstance(record.get(key), list)]
    return len(spans) > 0 and all(_is_span(item) for items in spans for item in items)


def read(path: Path, options: ReadOptions) -> Iterator[AnnotatedText]:
    """Read doccano's JSON lines.

    RAISES: FormatError naming the file and the line if a record has no text or no spans, or a span
        is not of its text.
    """
    for place, record in read_json_lines(path):
        text = check_text(record.get("text", record.get("data")), "'text'", place)
        key = next((key for key in SPAN_FIELDS if record.get(key) is not None), None)
        if key is None:
            raise FormatError(
                f"{place}: none of 'label', 'labels' and 'entities'. Give an empty list for a text "
                "without entities."
            )
        yield AnnotatedText(
            text,
            SpanReader(text, place, options.offsets).read_list(record[key], f"{key!r}"),
            name=find_name(record, place, "id", "name") or "",
            place=place,
        )


def write(texts: Iterable[AnnotatedText], file: IO[str]) -> None:
    """Write doccano's JSON lines, the kind with "label". Confidences are left out.

    RAISES: FormatError if a part of a text's annotation is not known.
    """
    for text in texts:
        name = {"id": text.name} if text.name else {}
        write_json_line({**name, **make_record(text), **text.extra}, file)


def make_record(text: AnnotatedText) -> dict[str, Any]:
    """The record of a text, without its name.

    RAISES: FormatError if a part of its annotation is not known.
    """
    check_known(text, "doccano's JSON lines")
    spans = [[span.start, span.end, span.label] for span in text.spans]
    return {"text": text.text, "label": spans}


def _is_span(item: Any) -> bool:
    if isinstance(item, dict):
        return "start_offset" in item
    return isinstance(item, list) and len(item) == 3 and isinstance(item[2], str)
