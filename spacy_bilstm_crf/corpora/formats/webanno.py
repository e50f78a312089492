"""WebAnno TSV 3, as INCEpTION and WebAnno export it: one document a file.

"#T_SP=LAYER|FEATURE|..." lines say the columns, "#Text=" lines the text of each sentence, and each
other line is a token, or a part of one: "1-2<tab>4-8<tab>Haag<tab>PER[1]". A value is "_" where
there is no annotation, "*" for one without a value; those of several annotations are parted by "|",
and "[1]" says of which they are, so that it may reach over several lines. Offsets count UTF-16
units. The format: https://inception-project.github.io/releases/33.0/docs/user-guide.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, NamedTuple

from ..annotated import AnnotatedSpan, AnnotatedText, FormatError, ReadOptions
from ..open_text import read_lines
from .json_files import check_text
from .webanno_text import unescape, write_text

HEADER = "#FORMAT=WebAnno TSV 3"

_UTF_16 = "utf-16-le"
_LAYER = re.compile(r"#T_(SP|CH|RL)=(.*)")
_STACKED = re.compile(r"(?:[^\\|]|\\.)+", re.DOTALL)
_VALUE = re.compile(r"((?:[^\\]|\\.)*?)(?:\[(\d+)\])?", re.DOTALL)


class _Unit(NamedTuple):
    """A line of a token or of a part of one: where it stands, and its offsets in UTF-16 units."""

    place: str
    is_token: bool
    start: int
    end: int
    value: str


class _Columns(NamedTuple):
    """The number of columns of values, which has the labels, and the label of an annotation
    whose layer has no features."""

    width: int
    labels: int
    fallback: str


def detect(head: str) -> bool:
    """Tell whether the beginning of a file looks like WebAnno TSV 3."""
    return head.lstrip("\ufeff \t\r\n").startswith(HEADER)


def read(path: Path, options: ReadOptions) -> Iterator[AnnotatedText]:
    """Read the document of a file.

    Entities are those of the first span layer whose name has NamedEntity, else of the first span
    layer, and their labels its feature "value", else its first, or the name of a layer that
    has none. An annotation without a value is `unknown`. Those of no length are left out.

    options: `tag_column` names another layer or feature, or both: "LAYER|FEATURE".
    RAISES: FormatError naming the file and the line if the file is damaged, or has no such layer.
    """
    lines = read_lines(path)
    columns = _read_header(path, lines, options)
    text = bytearray()
    told: list[str] = []
    sentences: list[int] = []
    units: list[_Unit] = []
    for number, line in lines:
        place = f"{path}, line {number}"
        line = line.rstrip("\r\n")
        if line.startswith("#"):
            if line.startswith("#Text="):
                told.append(unescape(line.removeprefix("#Text=")))
        elif line.strip():
            fields = line.removesuffix("\t").split("\t")
            start, end = _read_offsets(place, fields, columns)
            if told:
                sentences.append(start)
                _add_sentence(place, text, "\n".join(told), start)
                told = []
            _check(place, text, sentences, start, end, fields[2])
            is_token = "." not in fields[0]
            units.append(_Unit(place, is_token, start, end, fields[3 + columns.labels]))
        elif told:
            raise FormatError(f"{place}: a sentence without tokens: {told[0][:60]!r}.")
    if told:
        raise FormatError(
            f"{path}, line {number}: the file ends before the tokens of {told[0][:60]!r}."
        )
    yield _make_text(path, text, sentences, units, columns.fallback)


def write(texts: Iterable[AnnotatedText], file: IO[str]) -> None:
    """Write a document with a layer of named entities. Confidence is not held by the format.

    RAISES: FormatError if there are several texts, as a file holds one, or one without tokens.
    """
    texts = iter(texts)
    text = next(texts, None)
    if text is None:
        raise FormatError("There is no text to write, and a file of WebAnno TSV holds one.")
    if next(texts, None) is not None:
        raise FormatError(
            "A file of WebAnno TSV holds one document, and there are several. Write each to a "
            "file of its own, or use a format of many texts."
        )
    write_text(text, file)


def _read_header(path: Path, lines: Iterator[tuple[int, str]], options: ReadOptions) -> _Columns:
    """Read what the columns are, to the blank line before the text."""
    number, line = next(((number, line) for number, line in lines if line.strip()), (1, ""))
    place = f"{path}, line {number}"
    if not line.startswith(HEADER):
        raise FormatError(f"{place}: expected {HEADER!r}..., found {line.strip()[:60]!r}.")
    count = 0
    spans: list[tuple[str, list[str], int]] = []  # layer, its features, the column of the first
    for number, line in lines:
        place = f"{path}, line {number}"
        found = _LAYER.match(line.rstrip("\r\n"))
        if found is None:
            break
        kind, (layer, *features) = found[1], found[2].split("|")
        features = [feature for feature in features if feature]
        if kind == "SP":
            spans.append((layer, features, count))
        count += len(features) or 1
    else:
        raise FormatError(f"{path}: the file ends in its header. Export it again.")
    if line.strip():
        raise FormatError(
            f"{place}: expected a layer or a blank line after the header, found "
            f"{line.strip()[:60]!r}."
        )
    layer, features, first = _choose(path, spans, options.tag_column)
    feature = _feature(features, options.tag_column)
    short = layer.rpartition(".")[2]
    offset = features.index(feature) if feature else 0
    return _Columns(count, first + offset, "" if features else short)


def _choose(
    path: Path, spans: list[tuple[str, list[str], int]], told: str | None
) -> tuple[str, list[str], int]:
    if told is None:
        named = [span for span in spans if "NamedEntity" in span[0]]
        if not spans:
            raise FormatError(f"{path}: the file has no span layer (#T_SP=), so no entities.")
        return (named or spans)[0]
    name, _, feature = told.partition("|")
    for layer, features, first in spans:
        if name in (layer, layer.rpartition(".")[2]) and (not feature or feature in features):
            return layer, features, first
    for layer, features, first in spans:
        if told in features:
            return layer, features, first
    known = ", ".join("|".join([layer, *features]) for layer, features, _ in spans)
    raise FormatError(f"{path}: there is no layer or feature {told!r}; there is: {known}.")


def _feature(features: list[str], told: str | None) -> str | None:
    """The feature that is told, the last part of "LAYER|FEATURE"; else "value"; else the first."""
    wanted = (told or "").rpartition("|")[2]
    fit = [name for name in (wanted, "value") if name in features]
    return next(iter(fit or features), None)


def _read_offsets(place: str, fields: list[str], columns: _Columns) -> tuple[int, int]:
    found = re.fullmatch(r"(\d+)-(\d+)", fields[1]) if len(fields) > 1 else None
    if (
        found is None
        or not re.fullmatch(r"\d+-\d+(\.\d+)?", fields[0])
        or len(fields) < 3 + columns.width
    ):
        raise FormatError(
            f"{place}: expected '1-1<tab>start-end<tab>token' and {columns.width} values, found "
            f"{chr(9).join(fields)[:60]!r}."
        )
    return int(found[1]), int(found[2])


def _add_sentence(place: str, text: bytearray, sentence: str, start: int) -> None:
    """Add a sentence to the text, in UTF-16. What stood between it and the last is not in the file
    but how long it was: it was a line end, as INCEpTION has it, and blanks."""
    gap = start - len(text) // 2
    if gap < 0:
        raise FormatError(
            f"{place}: the sentence begins at {start}, but the one before ends at "
            f"{len(text) // 2}. Offsets count UTF-16 units."
        )
    between = "\n" + " " * (gap - 1) if gap and text else " " * gap
    text += (between + sentence).encode(_UTF_16, "surrogatepass")


def _check(
    place: str, text: bytearray, sentences: list[int], start: int, end: int, token: str
) -> None:
    if not sentences or not sentences[-1] <= start <= end <= len(text) // 2:
        raise FormatError(
            f"{place}: {start}-{end} is not in its sentence. Offsets count UTF-16 units."
        )
    found = text[2 * start : 2 * end].decode(_UTF_16, "replace")
    if found not in (token, unescape(token)):
        raise FormatError(
            f"{place}: the text has {found[:40]!r} from {start} to {end}, the line "
            f"{token[:40]!r}. Was the text changed? Offsets count UTF-16 units."
        )


def _make_text(
    path: Path, data: bytearray, sentences: list[int], units: list[_Unit], fallback: str
) -> AnnotatedText:
    try:
        text = data.decode(_UTF_16)
    except UnicodeDecodeError as error:
        raise FormatError(f"{path}: the text has half a character ({error}).") from error
    # Where each character begins in UTF-16.
    points = {0: 0}
    offset = 0
    for i, letter in enumerate(text, 1):
        offset += 1 + (letter > "\uffff")
        points[offset] = i
    spans: dict[tuple[int, int], AnnotatedSpan] = {}
    for row, unit in enumerate(units):
        for index, (label, number) in enumerate(_read_values(unit, fallback)):
            # An annotation without an id is on this line only.
            key = (-1, number) if number is not None else (row, index)
            start, end = _points(points, unit)
            if key in spans:
                start, end = min(start, spans[key].start), max(end, spans[key].end)
                spans[key] = spans[key]._replace(start=start, end=end)
            else:
                spans[key] = AnnotatedSpan(start, end, label, unit.place)
    found = [span for span in spans.values() if span.start < span.end]
    tokens = [_points(points, unit) for unit in units if unit.is_token]
    return AnnotatedText(
        text,
        [span for span in found if span.label],
        name=path.stem,
        place=units[0].place if units else str(path),
        tokens=[(start, end) for start, end in tokens if text[start:end].strip()],
        sentences=[0, *(points[start] for start in sentences[1:])],
        unknown=[(span.start, span.end) for span in found if not span.label],
    )


def _points(points: dict[int, int], unit: _Unit) -> tuple[int, int]:
    if unit.start not in points or unit.end not in points:
        raise FormatError(f"{unit.place}: {unit.start}-{unit.end} begins or ends in a character.")
    return points[unit.start], points[unit.end]


def _read_values(unit: _Unit, fallback: str) -> Iterator[tuple[str, int | None]]:
    """The label of each annotation of a line, "" where it is not known, and its id."""
    if unit.value == "_":
        return
    for stacked in _STACKED.findall(unit.value):
        found = _VALUE.fullmatch(stacked)
        if found is None:
            raise FormatError(f"{unit.place}: the value {stacked[:60]!r} ends with a backslash.")
        label = fallback if found[1] == "*" else unescape(found[1])
        check_text(label, "the label of an annotation", unit.place)
        yield label, int(found[2]) if found[2] else None
