"""JSON and JSON lines, record by record, each with the place where it begins."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from reprlib import repr as shorten
from typing import IO, Any

from ..annotated import FormatError
from ..open_text import read_lines

_DECODER = json.JSONDecoder()
_BLANKS = re.compile(r"[ \t\r\n]*")
_SURROGATE = re.compile("[\ud800-\udfff]")


def read_json_lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The place and the object of each line that is not blank.

    RAISES: FormatError if a line is no JSON object, or there are none.
    """
    is_empty = True
    for number, line in read_lines(path):
        if not line.strip():
            continue
        is_empty = False
        record, end = _decode(path, line.strip(), 0, number)
        if end < len(line.strip()):
            raise FormatError(f"{path}, line {number}: more than one record. Give one a line.")
        place = f"{path}, line {number}"
        yield place, check_object(record, place)
    if is_empty:
        raise no_texts(path)


def read_json_array(path: Path, key: str | None = None) -> Iterator[tuple[str, Any]]:
    """The place and the value of each item of a JSON array.

    key: the field with the array where the file is an object.
    RAISES: FormatError if the file is no such JSON, or the array is empty.
    """
    text = "".join(line for _, line in read_lines(path))
    start = skip_blanks(text, 0)
    if start == len(text):
        raise no_texts(path)
    if text[start] == "{" and key is not None:
        items: Iterable[tuple[str, Any]] = _field(path, text, start, key)
    elif text[start] == "[":
        items = _items(path, text, start)
    else:
        raise FormatError(f"{path}, line 1: expected a JSON array, found {text[start:][:40]!r}.")
    is_empty = True
    for place, item in items:
        is_empty = False
        yield place, item
    if is_empty:
        raise no_texts(path)


def write_json_line(record: dict[str, Any], file: IO[str]) -> None:
    """Write a record as one line."""
    file.write(json.dumps(record, ensure_ascii=False) + "\n")


def write_json_array(items: Iterable[Any], file: IO[str]) -> None:
    """Write a JSON array, an item a line."""
    separator = "[\n"
    for item in items:
        file.write(separator + json.dumps(item, ensure_ascii=False))
        separator = ",\n"
    file.write("[]\n" if separator == "[\n" else "\n]\n")


def first_record(head: str) -> Any:
    """The first record of the beginning of JSON lines or of an array; None if that is not whole."""
    start = skip_blanks(head, 0)
    if head[start : start + 1] == "[":
        start = skip_blanks(head, start + 1)
    try:
        return _DECODER.raw_decode(head, start)[0]
    except (ValueError, RecursionError):
        return None


def check_object(value: Any, place: str) -> dict[str, Any]:
    """Check that a value is a JSON object. RAISES: FormatError if it is not."""
    if not isinstance(value, dict):
        raise FormatError(f"{place}: expected a JSON object, found {shorten(value)}.")
    return value


def check_list(value: Any, what: str, place: str) -> list[Any]:
    """Check that a value is a list. RAISES: FormatError, calling it `what`, if it is not."""
    if not isinstance(value, list):
        raise FormatError(f"{place}: {what} must be a list, found {shorten(value)}.")
    return value


def check_text(value: Any, what: str, place: str) -> str:
    """Check that a value is a text that UTF-8 can hold. RAISES: FormatError, calling it `what`, if
    it is not."""
    if not isinstance(value, str):
        raise FormatError(f"{place}: {what} must be a text, found {shorten(value)}.")
    if _SURROGATE.search(value):
        raise FormatError(f"{place}: {what} has half a surrogate pair: the file is damaged.")
    return value


def find_name(record: dict[str, Any], place: str, *keys: str) -> str | None:
    """The first of some fields that is a number, or a text that is not empty; None if none is."""
    for key in keys:
        value = record.get(key)
        if isinstance(value, (str, int, float)) and not isinstance(value, bool) and value != "":
            return check_text(str(value), f"{key!r}", place)
    return None


def skip_blanks(text: str, at: int) -> int:
    """Where in a text the next part of JSON begins, from a character on."""
    found = _BLANKS.match(text, at)
    return found.end() if found else at


def no_texts(path: Path) -> FormatError:
    """The error for a file that has nothing in it."""
    return FormatError(f"{path}: holds no texts.")


def _field(path: Path, text: str, start: int, key: str) -> Iterator[tuple[str, Any]]:
    record, end = _decode(path, text, start, 1)
    _check_end(path, text, end)
    items = check_list(record.get(key), f"the field {key!r}", f"{path}, line 1")
    for number, item in enumerate(items, 1):
        yield f"{path}, item {number} of {key!r}", item


def _items(path: Path, text: str, start: int) -> Iterator[tuple[str, Any]]:
    at, line, number = start, 1, 0
    while True:
        # Past a bracket or a comma, on to an item, or to the end of an array without any.
        begin = skip_blanks(text, at + 1)
        line += text.count("\n", at, begin)
        if number == 0 and text[begin : begin + 1] == "]":
            return _check_end(path, text, begin + 1)
        item, at = _decode(path, text, begin, line)
        number += 1
        yield f"{path}, line {line}, item {number}", item
        line += text.count("\n", begin, at)
        end = skip_blanks(text, at)
        line += text.count("\n", at, end)
        at = end
        if text[at : at + 1] == "]":
            return _check_end(path, text, at + 1)
        if text[at : at + 1] != ",":
            raise FormatError(
                f"{path}, line {line}: expected ',' or ']' after item {number}, found "
                f"{text[at : at + 40]!r}. Is the file cut off?"
            )


def _decode(path: Path, text: str, at: int, line: int) -> tuple[Any, int]:
    """The JSON value that begins at a character of a text, which is on a line; and its end."""
    try:
        return _DECODER.raw_decode(text, at)
    except json.JSONDecodeError as error:
        line += text.count("\n", at, error.pos)
        raise FormatError(
            f"{path}, line {line}: not JSON ({error.msg}), found "
            f"{text[error.pos : error.pos + 40]!r}. Is the file cut off, in another format, or a "
            "record of JSON lines set over several lines?"
        ) from error
    except (ValueError, RecursionError) as error:  # a number, or nesting, beyond Python's limits
        raise FormatError(f"{path}, line {line}: JSON that can't be read ({error}).") from error


def _check_end(path: Path, text: str, at: int) -> None:
    at = skip_blanks(text, at)
    if at < len(text):
        line = 1 + text.count("\n", 0, at)
        raise FormatError(
            f"{path}, line {line}: expected the end of the file, found {text[at : at + 40]!r}."
        )
