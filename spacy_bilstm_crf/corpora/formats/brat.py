"""Brat standoff files: NAME.txt with NAME.ann beside it, a text each; see `corpora.brat`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ..annotated import AnnotatedSpan, AnnotatedText, FormatError, ReadOptions, Unfit
from ..brat import BratError, format_entity, read_lines, read_text
from .spans import check_known


def detect(head: str) -> bool:
    """No: brat is known by its .ann files."""
    return False


def read(path: Path, options: ReadOptions) -> Iterator[AnnotatedText]:
    """Read a text and its annotations.

    path: the .txt file.
    RAISES: BratError naming the file and the line if the annotations are damaged, or not of this
        text; FileNotFoundError if one of the files is missing.
    """
    if options.offsets != "characters":
        raise BratError(
            f"{path}: brat's offsets count characters, and it is scored by them. Write the .ann "
            f"files so, and leave out --offsets {options.offsets}."
        )
    text = read_text(path)
    spans: list[AnnotatedSpan] = []
    unfit: list[Unfit] = []
    unknown: list[tuple[int, int]] = []
    ids: set[str] = set()
    for place, line, entity in read_lines(path.with_suffix(".ann"), text):
        if entity is None:
            if line.startswith("T"):
                unfit.append(Unfit(place, "discontinuous"))
                offsets = re.findall(r"(\d+) (\d+)", line.split("\t")[1])
                parts = [(int(start), int(end)) for start, end in offsets]
                if any(not start < end <= len(text) for start, end in parts):
                    raise BratError(
                        f"{place}: a part of the entity is empty, or not in the text, which ends "
                        f"at {len(text)}. Was the text changed?"
                    )
                unknown += parts
            continue
        if entity.id in ids:
            raise BratError(f"{place}: the id {entity.id} occurs twice.")
        ids.add(entity.id)
        spans.append(AnnotatedSpan(entity.start, entity.end, entity.label, place))
    yield AnnotatedText(text, spans, name=path.stem, place=str(path), unknown=unknown, unfit=unfit)


def format_annotations(text: AnnotatedText) -> str:
    """Format the .ann file of a text. Its confidences are left out.

    RAISES: FormatError if a part of its annotation is not known, or a label has white space.
    """
    check_known(text, "brat")
    lines = []
    for number, span in enumerate(text.spans, 1):
        covered = text.text[span.start : span.end]
        try:
            lines.append(format_entity(f"T{number}", span.label, span.start, span.end, covered))
        except ValueError as error:
            raise FormatError(f"{text.place or text.name or 'a text'}: {error}") from error
    return "".join(f"{line}\n" for line in lines)
