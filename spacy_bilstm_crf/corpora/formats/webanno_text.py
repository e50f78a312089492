"""A text -> the lines of WebAnno TSV 3, and its escapes."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from typing import IO

from ..annotated import AnnotatedSpan, AnnotatedText, FormatError

_LAYER = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|value"
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "b": "\b"}
_NAMES = {letter: name for name, letter in _ESCAPES.items()}
_ESCAPED = re.compile(r"\\(u[0-9A-Fa-f]{4}|->|.)", re.DOTALL)
_IN_TEXT = re.compile(r"[\\\x00-\x0a\x0c-\x1f]")
_IN_VALUES = re.compile(r"->|[\[\]|_;*\\\x00-\x0a\x0c-\x1f]")
_RESERVED = "->[]|_;*\\"

Place = tuple[int, int]


def unescape(escaped: str) -> str:
    """What an escaped text or value says. Before version 3.2, texts have escapes of Java."""
    if "\\" not in escaped:
        return escaped
    # Escapes of Java may be halves of a character.
    halves = _ESCAPED.sub(_letter, escaped).encode("utf-16-le", "surrogatepass")
    return halves.decode("utf-16-le", "surrogatepass")


def write_text(text: AnnotatedText, file: IO[str]) -> None:
    """Write the document of a file.

    RAISES: FormatError if the text has no tokens, or a span no label.
    """
    place = text.place or text.name or "a text"
    if text.tokens is None:
        raise FormatError(f"{place}: it has no tokens, and this format needs them. Tokenize it.")
    if not all(span.label for span in text.spans):
        raise FormatError(f"{place}: a span without a label. Give it one, or remove it.")
    # An annotation that is not known is one without a value.
    unknown = [AnnotatedSpan(start, end, "") for start, end in text.unknown]
    spans = sorted([*text.spans, *unknown], key=lambda span: (span.start, -span.end))
    sentences = _sentences(text, spans)
    values = _values([unit for _, units in sentences for unit in units], spans)
    file.write(f"#FORMAT=WebAnno TSV 3.3\n#T_SP={_LAYER}\n\n")
    units16 = _Utf16(text.text)
    for number, (sentence, units) in enumerate(sentences, 1):
        told = _IN_TEXT.sub(
            lambda found: found[0] if found[0] == "\n" else _escape(found), sentence
        )
        file.write("\n" + "".join(f"#Text={line}\n" for line in told.split("\n")))
        for index, unit in enumerate(units, 1):
            parts = values.get(unit, {})
            file.write(_line(f"{number}-{index}", unit, text.text, units16, parts.pop(unit, "_")))
            for part_index, (part, value) in enumerate(sorted(parts.items()), 1):
                name = f"{number}-{index}.{part_index}"
                file.write(_line(name, part, text.text, units16, value))


class _Utf16:
    """Offsets in UTF-16 units."""

    def __init__(self, text: str) -> None:
        self.astral = [i for i, letter in enumerate(text) if letter > "\uffff"]

    def offset(self, point: int) -> int:
        return point + bisect_right(self.astral, point - 1)


def _sentences(text: AnnotatedText, spans: list[AnnotatedSpan]) -> list[tuple[str, list[Place]]]:
    """The text and tokens of each sentence. Sentences lie side by side, as the format does not hold
    what is between them, unless it is a line end and blanks, which readers put there."""
    starts = sorted({0, *(text.sentences or [])})
    tokens: dict[int, list[Place]] = defaultdict(list)
    for start, end in text.tokens or []:
        if text.text[start:end].strip():
            tokens[bisect_right(starts, start) - 1].append((start, end))
    sentences = []
    for i, (start, end) in enumerate(zip(starts, [*starts[1:], len(text.text)])):
        if start == end:
            continue
        units = _with_gaps(text.text, start, end, tokens[i], spans)
        last = units[-1][1]
        if end < len(text.text) and re.fullmatch(r"\n *", text.text[last:end]):
            end = last
        sentences.append((text.text[start:end], units))
    return sentences


def _with_gaps(
    text: str, start: int, end: int, tokens: list[Place], spans: list[AnnotatedSpan]
) -> list[Place]:
    """The tokens of a sentence, and as further ones what is between them where a span begins or
    ends there; also what is before the first, as a sentence begins with a token."""
    borders = {span.start for span in spans}, {span.end for span in spans}
    units: list[Place] = []
    done = start
    for first, last in [*tokens, (end, end)]:
        is_needed = (
            done == start
            or text[done:first].strip()
            or any(i in borders[0] for i in range(done, first))
            or any(i in borders[1] for i in range(done + 1, first + 1))
        )
        if done < first and is_needed:
            units.append((done, first))
        if first < last:
            units.append((first, last))
        done = last
    return units


def _values(units: list[Place], spans: list[AnnotatedSpan]) -> dict[Place, dict[Place, str]]:
    """For each token, the values of its own line and of the lines of its parts."""
    lines: dict[Place, dict[Place, list[int]]] = defaultdict(lambda: defaultdict(list))
    count = [0] * len(spans)
    ends = [end for _, end in units]
    for index, span in enumerate(spans):
        for unit in units[bisect_right(ends, span.start) :]:
            if unit[0] >= span.end:
                break
            part = max(unit[0], span.start), min(unit[1], span.end)
            lines[unit][part].append(index)
            count[index] += 1
    # Only spans of several lines, and several of a line, need an id.
    need = {i for i, lines_of in enumerate(count) if lines_of > 1}
    need |= {i for parts in lines.values() for on in parts.values() if len(on) > 1 for i in on}
    ids = {index: f"[{number}]" for number, index in enumerate(sorted(need), 1)}
    labels = [_IN_VALUES.sub(_escape, span.label) or "*" for span in spans]
    return {
        unit: {
            part: "|".join(labels[index] + ids.get(index, "") for index in on)
            for part, on in parts.items()
        }
        for unit, parts in lines.items()
    }


def _line(name: str, place: Place, text: str, units16: _Utf16, value: str) -> str:
    start, end = map(units16.offset, place)
    token = text[slice(*place)]
    # Tokens are written as they are, also with a backslash, unless that breaks the line.
    if re.search(r"[\t\r\n]", token):
        token = _IN_TEXT.sub(_escape, token)
    return f"{name}\t{start}-{end}\t{token}\t{value}\t\n"


def _escape(found: re.Match[str]) -> str:
    return "\\" + _NAMES.get(found[0], found[0])


def _letter(found: re.Match[str]) -> str:
    escaped = found[1]
    if len(escaped) == 5:
        return chr(int(escaped[1:], 16))
    if escaped in _ESCAPES:
        return _ESCAPES[escaped]
    return escaped if escaped in _RESERVED or escaped < " " else found[0]
