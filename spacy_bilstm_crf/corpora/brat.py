"""Brat standoff files <-> Docs.

A text lies in NAME.txt, its annotations in NAME.ann, one a line: "T1<tab>LABEL start end<tab>text"
is an entity; relations, attributes, notes and the like are other lines. Offsets count code points
of the text. The format: https://brat.nlplab.org/standoff.html
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from .annotated import FormatError, Unfit
from .files import write_whole

KEPT = "brat"
"""The key of `doc.user_data` for what `doc.ents` can't hold of an .ann file: "ids", the (label,
start, end) of each entity's id, and "lines", all lines that are no entity of the doc."""

_ENTITY_ID = re.compile(r"T\d+")
# No text is as long as offsets of more digits say.
_PLACE = re.compile(r"([^\s\0]+) (\d{1,15} \d{1,15}(?:;\d{1,15} \d{1,15})*)")


class BratError(FormatError):
    """A brat file can't be read. The message names the file and the line."""


class Entity(NamedTuple):
    """An entity in a text: its id ("T1"), label, and the code points from start to end."""

    id: str
    label: str
    start: int
    end: int


def find_files(folder: str | Path, suffix: str) -> list[Path]:
    """The files of a folder and the folders in it, also linked ones, that have a suffix in lower or
    upper case; sorted. Hidden ones are left out. A folder is read once, whatever links to it."""
    found: list[Path] = []
    read: set[str] = set()
    to_read = [Path(folder)]
    while to_read:
        links: list[Path] = []  # read last, so that what is in the folder itself has its own path
        for start in to_read:
            for root, folders, files in os.walk(start):
                if os.path.realpath(root) in read:
                    folders.clear()
                    continue
                read.add(os.path.realpath(root))
                folders[:] = [name for name in folders if not name.startswith(".")]
                links += [Path(root, name) for name in folders if os.path.islink(Path(root, name))]
                paths = (Path(root, name) for name in files if not name.startswith("."))
                found += [path for path in paths if path.suffix.lower() == suffix]
        to_read = sorted(links)
    return sorted(found)


def find_texts(folder: str | Path) -> list[Path]:
    """The .txt files of a folder and the folders in it, as `find_files` says.

    RAISES: FileNotFoundError if there is no such folder, or it has none.
    """
    paths = find_files(folder, ".txt")
    if not paths:
        raise FileNotFoundError(f"{folder} has no .txt files.")
    return paths


def read_text(path: str | Path) -> str:
    """The text of a file, its line ends as they are.

    RAISES: BratError if it is not UTF-8.
    """
    try:
        return Path(path).read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise BratError(
            f"{path}: not UTF-8 ({error}). Convert the file, for example with iconv; offsets count "
            "characters, so they stay right."
        ) from error


def read_doc(path: str | Path, nlp: Language) -> tuple[Doc, list[Unfit]]:
    """Read a text and its annotations.

    path: the .txt file; the .ann file lies beside it.
    nlp: makes the doc. Entities must fit its tokens.
    RETURNS: the doc; and the entities that do not fit: those with a border inside a token, the
        shorter ones of those that overlap, and discontinuous ones. Their lines, like all that are
        no entities, stay in `doc.user_data["brat"]`, and `write_annotations` writes them back.
    RAISES: BratError naming the file and the line if the annotations are damaged, or not of this
        text; FileNotFoundError if one of the files is missing.
    """
    path = Path(path)
    text = read_text(path)
    doc = nlp(text)
    if doc.text != text:
        raise BratError(f"{path}: the tokenizer changes the text, so offsets do not fit.")
    spans: dict[str, tuple[Span, str]] = {}
    kept: list[str] = []
    unfit: list[Unfit] = []
    for place, line, entity in read_lines(path.with_suffix(".ann"), text):
        if entity is None:
            kept.append(line)
            if line.startswith("T"):
                unfit.append(Unfit(place, "discontinuous"))
            continue
        if entity.id in spans:
            raise BratError(f"{place}: the id {entity.id} occurs twice.")
        span = doc.char_span(entity.start, entity.end, entity.label)
        if span is None:
            kept.append(line)
            unfit.append(Unfit(place, "border inside a token"))
        else:
            spans[entity.id] = span, place
    chosen = filter_spans([span for span, _ in spans.values()])
    doc.set_ents(chosen)
    fit = {(span.start, span.end, span.label) for span in chosen}
    ids: dict[str, list[Any]] = {}
    for entity_id, (span, place) in spans.items():
        if (span.start, span.end, span.label) in fit:
            fit.remove((span.start, span.end, span.label))  # an entity that is there twice
            ids[entity_id] = _place(span)
        else:
            kept.append(_format(entity_id, span))
            unfit.append(Unfit(place, "overlaps a longer entity"))
    doc.user_data[KEPT] = {"ids": ids, "lines": kept}
    return doc, unfit


def write_annotations(doc: Doc, path: str | Path) -> None:
    """Write a doc's entities, and the lines that `read_doc` kept, as an .ann file, whole or not at
    all.

    RAISES: ValueError if a label has white space, which the format can't hold.
    """
    write_whole(Path(path), format_annotations(doc).encode())


def format_annotations(doc: Doc) -> str:
    """Format the .ann file of a doc: its entities, and the lines that `read_doc` kept.

    Entities that are as they were read keep their id; others get the next free one.

    RAISES: ValueError if a label has white space, which the format can't hold.
    """
    kept = doc.user_data.get(KEPT, {"ids": {}, "lines": []})
    known = {tuple(place): entity_id for entity_id, place in kept["ids"].items()}
    # Relations and events name entities: an id that was another's is never given to a new one.
    used = {entity_id for line in kept["lines"] for entity_id in re.findall(r"\bT\d+\b", line)}
    used.update(known.values())
    free = (f"T{number}" for number in count(1) if f"T{number}" not in used)
    lines = [_format(known.get(tuple(_place(ent))) or next(free), ent) for ent in doc.ents]
    return "".join(f"{line}\n" for line in [*lines, *kept["lines"]])


def format_entity(entity_id: str, label: str, start: int, end: int, text: str) -> str:
    """The line of an entity.

    text: what it covers.
    RAISES: ValueError if its label has white space, which the format can't hold.
    """
    if re.search(r"\s", label) or not label:
        raise ValueError(f"brat can't hold the label {label!r}: it must have no white space.")
    return f"{entity_id}\t{label} {start} {end}\t{_one_line(text)}"


def read_entities(path: str | Path) -> set[tuple[str, int, int]]:
    """(label, start, end) of each entity of an .ann file, whatever its text. Discontinuous ones are
    left out.

    RAISES: BratError if a line is damaged, FileNotFoundError if there is no such file.
    """
    entities = (entity for _, _, entity in read_lines(Path(path), None))
    return {entity[1:] for entity in entities if entity is not None}


def read_lines(path: Path, text: str | None) -> Iterator[tuple[str, str, Entity | None]]:
    """The place, text and entity of each line of an .ann file; None for other lines and
    discontinuous entities.

    text: the text that it annotates, for comparison, None to compare nothing.
    RAISES: BratError if a line is damaged or not of this text, FileNotFoundError if there is no
        such file.
    """
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} is missing: it holds the annotations of the text, empty if there are none. "
            "Write it, or move the text away."
        )
    for number, line in enumerate(re.split(r"\r\n|\n|\r", read_text(path).lstrip("\ufeff")), 1):
        place = f"{path}, line {number}"
        if line[:1].isspace() and line.strip():
            raise BratError(f"{place}: begins with white space: {line[:60]!r}.")
        if line.startswith("T"):
            yield place, line, _read_entity(place, line, text)
        elif line.strip():
            yield place, line, None


def _read_entity(place: str, line: str, text: str | None) -> Entity | None:
    # The text of an entity may hold tabs itself.
    fields = line.split("\t", 2)
    found = _PLACE.fullmatch(fields[1]) if len(fields) == 3 else None
    if found is None or not _ENTITY_ID.fullmatch(fields[0]):
        raise BratError(
            f"{place}: expected an entity, 'T1<tab>LABEL start end<tab>text', found {line[:60]!r}."
        )
    if ";" in found[2]:
        return None
    start, end = map(int, found[2].split(" "))
    if start >= end:
        raise BratError(f"{place}: the entity ends ({end}) before it starts ({start}).")
    if text is not None and end > len(text):
        raise BratError(f"{place}: the entity ends at {end}, the text at {len(text)}.")
    if text is not None and _one_line(text[start:end]) != _one_line(fields[2]):
        raise BratError(
            f"{place}: the text has {text[start:end][:40]!r} from {start} to {end}, the annotation "
            f"{fields[2][:40]!r}. Was the text changed, or are the offsets not in code points?"
        )
    return Entity(fields[0], found[1], start, end)


def _place(span: Span) -> list[Any]:
    return [span.label_, span.start_char, span.end_char]


def _format(entity_id: str, span: Span) -> str:
    return format_entity(entity_id, span.label_, span.start_char, span.end_char, span.text)


def _one_line(text: str) -> str:
    """Text as it stands in an .ann file: white space that would end the field becomes a blank."""
    return re.sub(r"[\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]", " ", text)
