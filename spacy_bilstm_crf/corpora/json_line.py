"""A line with a JSON object, of which single values are replaced and all else stays, to the
byte."""

from __future__ import annotations

import json
from typing import Any

from .formats.json_files import skip_blanks

_DECODER = json.JSONDecoder()


class JsonLine:
    """A line with a JSON object.

    record: the object.
    """

    def __init__(self, line: str) -> None:
        """RAISES: ValueError if it is no JSON object."""
        self.record: dict[str, Any] = json.loads(line)
        self._line = line
        self._values = {key: (begin, end) for key, begin, end in _parts(line, 0)}
        first, _ = next(iter(self._values.values()), (0, 0))
        self._has_blanks = line[first - 1 : first].isspace()

    def dump(self, value: Any) -> str:
        """A value as JSON, written as the line is: with or without blanks, and escapes."""
        separators = None if self._has_blanks else (",", ":")
        return json.dumps(value, ensure_ascii=self._line.isascii(), separators=separators)

    def items(self, field: str) -> list[str]:
        """The items of a list as they are written; none if there is no list."""
        if self.record.get(field) is None:
            return []
        begin, _ = self._values[field]
        return [self._line[first:last] for _, first, last in _parts(self._line, begin)]

    def with_items(self, field: str, items: list[str]) -> str:
        """The line with other items of a list, as they are to be written."""
        return self.with_value(field, f"[{(', ' if self._has_blanks else ',').join(items)}]")

    def with_value(self, field: str, written: str) -> str:
        """The line with another value of a field, after the others if it is new."""
        if field in self._values:
            begin, end = self._values[field]
            return f"{self._line[:begin]}{written}{self._line[end:]}"
        at = max((end for _, end in self._values.values()), default=0)
        comma, colon = (", ", ": ") if self._has_blanks else (",", ":")
        return f"{self._line[:at]}{comma}{json.dumps(field)}{colon}{written}{self._line[at:]}"


def _parts(text: str, at: int) -> list[tuple[str, int, int]]:
    """The items of a JSON list or object that is in a text from `at` on: the key of each, "" in a
    list, and where its value begins and ends."""
    at = skip_blanks(text, at)
    is_object = text[at] == "{"
    parts = []
    at = skip_blanks(text, at + 1)
    while text[at] not in "]}":
        key = ""
        if is_object:
            key, at = _DECODER.raw_decode(text, at)
            at = skip_blanks(text, skip_blanks(text, at) + 1)  # past the colon
        _, end = _DECODER.raw_decode(text, at)
        parts.append((key, at, end))
        at = skip_blanks(text, end)
        if text[at] == ",":
            at = skip_blanks(text, at + 1)
    return parts
