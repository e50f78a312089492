"""Text files line by line: UTF-8, compressed or not, with or without a byte order mark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .annotated import FormatError
from .compressed import DAMAGE, damaged, open_bytes

LONGEST_LINE = 2**30


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The number of each line, from 1, and its text with its end as it is. Only "\\n" ends a line.

    RAISES: FormatError, naming the file and the line, if it is not UTF-8, or holds binary data;
        OSError if it can't be read.
    """
    with open_bytes(path) as file:
        number = 0
        try:
            while line := file.readline(LONGEST_LINE):
                number += 1
                yield number, _decode(path, number, line)
        except DAMAGE as error:
            raise damaged(path, f" after line {number}", error) from error


def _decode(path: Path, number: int, line: bytes) -> str:
    if b"\0" in line:
        raise FormatError(
            f"{path}, line {number}: binary data, or UTF-16. Give a text file in UTF-8."
        )
    try:
        return line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{path}, line {number}: not UTF-8 ({error}). Convert the file, for example with iconv."
        ) from error
