"""JSON lines with the entities of each text, as `predict` writes them.

A text a line: {"name": "1", "text": "...", "ents": [{"start": 0, "end": 4, "label": "PER",
"text": "Anna", "confidence": 0.98}]}, and "cats" with the probabilities of a text's labels, if it
has any. "ents" are as in spaCy's `Doc.to_json`, with their texts; a confidence is there where a
pipeline gives one. What is read are the offsets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from ..annotated import AnnotatedSpan, AnnotatedText, ReadOptions
from .json_files import (
    check_list,
    check_object,
    check_text,
    find_name,
    first_record,
    read_json_lines,
    write_json_line,
)
from .spans import SpanReader, check_known


def detect(head: str) -> bool:
    """Tell whether the beginning of a file looks like such lines."""
    record = first_record(head) if head.lstrip().startswith("{") else None
    return (
        isinstance(record, dict)
        and isinstance(record.get("text"), str)
        and isinstance(record.get("ents"), list)
    )


def read(path: Path, options: ReadOptions) -> Iterator[AnnotatedText]:
    """Read such lines.

    RAISES: FormatError naming the file and the line if a record has no text or no "ents", or one of
        these is not of its text.
    """
    for place, record in read_json_lines(path):
        text = check_text(record.get("text"), "'text'", place)
        reader = SpanReader(text, place, options.offsets)
        spans = []
        for item in check_list(record.get("ents"), "'ents'", place):
            ent = check_object(item, place)
            confidence = ent.get("confidence")
            offsets = ent.get("start"), ent.get("end")
            spans.append(reader.make(*offsets, ent.get("label"), confidence=confidence))
        cats = record.get("cats")
        yield AnnotatedText(
            text,
            spans,
            name=find_name(record, place, "name") or "",
            place=place,
            cats=None if cats is None else check_object(cats, f"{place}: 'cats'"),
        )


def write(texts: Iterable[AnnotatedText], file: IO[str]) -> None:
    """Write such lines.

    RAISES: FormatError if a part of a text's annotation is not known.
    """
    for text in texts:
        check_known(text, "a line of entities")
        name = {"name": text.name} if text.name else {}
        cats = {} if text.cats is None else {"cats": text.cats}
        ents = format_entities(text.text, text.spans)
        write_json_line({**name, "text": text.text, "ents": ents, **cats, **text.extra}, file)


def format_entities(text: str, spans: Iterable[AnnotatedSpan]) -> list[dict[str, Any]]:
    """The "ents" of a text."""
    return [
        {
            "start": span.start,
            "end": span.end,
            "label": span.label,
            "text": text[span.start : span.end],
            **({} if span.confidence is None else {"confidence": span.confidence}),
        }
        for span in spans
    ]
