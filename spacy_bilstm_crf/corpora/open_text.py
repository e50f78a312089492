"""Text files line by line: UTF-8, gzipped or not, with or without a byte order mark."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from .annotated import FormatError

LONGEST_LINE = 2**30
GZIP_ERRORS = (EOFError, zlib.error, gzip.BadGzipFile)
"""What reading a gzipped file that is damaged may raise."""
_GZIP = b"\x1f\x8b"


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
        except GZIP_ERRORS as error:
            raise damaged_gzip(path, f" after line {number}", error) from error


def open_bytes(path: Path) -> IO[bytes]:
    """Open a file to read bytes, those that are compressed if it is gzipped."""
    with path.open("rb") as file:
        is_gzip = file.read(2) == _GZIP
    return cast("IO[bytes]", gzip.open(path, "rb")) if is_gzip else path.open("rb")


def damaged_gzip(path: Path, where: str, error: BaseException) -> FormatError:
    """The error of a gzipped file that is damaged; `where` is "", or " after line 3"."""
    return FormatError(
        f"{path}: the gzipped file is damaged{where} ({error}). Fetch or compress it again."
    )


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
