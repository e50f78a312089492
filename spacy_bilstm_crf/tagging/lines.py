"""Files of JSON lines that runs of a command append to, and that a kill leaves readable."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

# What is longer is not read into memory, and so not written either.
_LONGEST_LINE = 2**28


def format_line(record: dict[str, Any], *, ascii: bool = False) -> bytes:
    """The line of a record.

    ascii: whether all else is escaped, so that strings may hold half surrogate pairs.
    RAISES: ValueError if JSON can't hold the record, or its line is too long.
    """
    line = json.dumps(record, ensure_ascii=ascii, allow_nan=False).encode() + b"\n"
    if len(line) > _LONGEST_LINE:
        raise ValueError(f"its line has {len(line)} bytes, more than {_LONGEST_LINE}")
    return line


class LinesFile:
    """A file of JSON lines that is only appended to. What is not of this command is not changed,
    and no more of it is read than the start of a line.

    keys: what each line's object has, in this order from the first; the first two are strings.
    """

    def __init__(self, path: Path, *keys: str) -> None:
        self.path = path
        self.keys = keys
        self.start = f'{{"{keys[0]}": "'.encode()
        self.descriptor: int | None = None

    def read(self) -> Iterator[dict[str, Any]]:
        """The objects of complete lines. A last line that was cut short is removed in the end.

        RAISES: ValueError if the file has other lines, or is no regular file.
        """
        if not os.path.lexists(self.path):
            return
        if not self.path.is_file():
            raise ValueError(f"{self.path} is not a regular file. Give another output.")
        complete = 0
        with self.path.open("rb") as file:
            for number in count(1):
                line = file.readline(len(self.start))
                if not line:
                    return
                if line == self.start:
                    line += file.readline(_LONGEST_LINE)
                record = self._parse(line)
                is_complete = line.endswith(b"\n")
                if not is_complete and not file.read(1) and (record or self._is_cut(line)):
                    break
                if record is None or not is_complete:
                    raise ValueError(
                        f"{self.path}, line {number}: not a line that this command has written. "
                        "Give another output."
                    )
                complete += len(line)
                yield record
        os.truncate(self.path, complete)

    def _parse(self, line: bytes) -> dict[str, Any] | None:
        if not line.startswith(self.start):
            return None
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            return None
        strings = (record.get(key) for key in self.keys[:2])
        has_all = record.keys() >= set(self.keys) and all(isinstance(s, str) for s in strings)
        return record if has_all else None

    def _is_cut(self, line: bytes) -> bool:
        """Tell whether it may be the begin of a line, and is no JSON of its own."""
        if len(line) <= len(self.start):
            return self.start.startswith(line)
        with suppress(ValueError, RecursionError):
            json.loads(line)
            return False
        between = f'", "{self.keys[1]}": "'.encode()
        first = re.compile(rb'(?:[^"\\]|\\.)*').match(line, len(self.start))
        rest = line[first.end() if first else 0 :][: len(between)]
        return between.startswith(rest) or rest == b"\\"

    def clear(self) -> None:
        """Make the file empty, if there is one."""
        if self.path.exists():
            os.truncate(self.path, 0)

    def append(self, *lines: bytes) -> None:
        """Append lines, all or none of them, as `format_line` gives them; the file is made if it is
        not there."""
        if self.descriptor is None:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
            self.descriptor = os.open(self.path, flags, 0o666)
        before = os.fstat(self.descriptor).st_size
        data = memoryview(b"".join(lines))
        try:
            while data:
                data = data[os.write(self.descriptor, data) :]
        except BaseException:
            os.ftruncate(self.descriptor, before)
            raise

    def close(self) -> None:
        """Close the file."""
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None
