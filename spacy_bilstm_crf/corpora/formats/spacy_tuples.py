"""Training data of spaCy 2 as JSON: [["a text", {"entities": [[0, 1, "LABEL"]]}], ...].

The tool "NER Text Annotator" wraps the list: {"classes": [...], "annotations": [...]}.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from reprlib import repr as shorten
from typing import IO

from ..annotated import AnnotatedText, FormatError, ReadOptions
from .json_files import check_text, no_texts, read_json_array, write_json_array
from .spans import SpanReader, check_known

_BEGINNING = re.compile(
    r'\s*(?:\[|\{(?=\s*"(?:classes|annotations)")[^{}]*"annotations"\s*:\s*\[)'
    r'(?:\s*null\s*,)*\s*\[\s*"(?:[^"\\]|\\.)*"?(?:\Z|\s*,\s*\{)'
)


def detect(head: str) -> bool:
    """Tell whether the beginning of a file looks like training data of spaCy 2."""
    return _BEGINNING.match(head) is not None


def read(path: Path, options: ReadOptions) -> Iterator[AnnotatedText]:
    """Read training data of spaCy 2, or a file of "NER Text Annotator", whose blank lines are left
    out.

    RAISES: FormatError naming the file and the line if an item is no pair of a text and its
        entities, or a span is not of its text.
    """
    is_empty = True
    for place, item in read_json_array(path, key="annotations"):
        if item is None:
            continue
        if not isinstance(item, list) or len(item) != 2 or not isinstance(item[1], dict):
            raise FormatError(
                f'{place}: expected [text, {{"entities": [...]}}], found {shorten(item)}.'
            )
        text = check_text(item[0], "the text", place)
        if "entities" not in item[1]:
            raise FormatError(
                f"{place}: no 'entities'. Give an empty list for a text without entities."
            )
        spans = SpanReader(text, place, options.offsets).read_list(
            item[1]["entities"], "'entities'"
        )
        is_empty = False
        yield AnnotatedText(text, spans, place=place)
    if is_empty:
        raise no_texts(path)


def write(texts: Iterable[AnnotatedText], file: IO[str]) -> None:
    """Write training data of spaCy 2. Names and confidences are left out.

    RAISES: FormatError if a part of a text's annotation is not known.
    """
    known = (check_known(text, "training data of spaCy 2") for text in texts)
    write_json_array(
        (
            [text.text, {"entities": [[span.start, span.end, span.label] for span in text.spans]}]
            for text in known
        ),
        file,
    )
