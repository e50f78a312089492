"""JSON lines in a file that can't be appended to: compressed, or as rows of Parquet.

Until a run is complete, its lines are in a hidden file of lines beside it, which a kill leaves
readable; then the file is made anew, of what it had and of these.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from ..corpora.compressed import SUFFIXES, create_bytes, open_bytes
from . import parquet
from .lines import LinesFile, format_line
from .outputs import Stamp, digest_of
from .texts import Text, is_done

PARQUET = ".parquet"


def is_packed(path: Path) -> bool:
    """Tell whether an output is such a file, by its name."""
    return path.suffix in (*SUFFIXES, PARQUET)


class PackedLines:
    """A line of JSON a text, in a file that is packed as the suffix of its name says.

    key, stamp: as for `LinePerText`.
    RAISES: ValueError if the file is of others, or pyarrow is needed, and missing.
    """

    def __init__(
        self, path: Path, key: str, *, force: bool = False, stamp: Stamp = digest_of
    ) -> None:
        self.path = path
        self.key = key
        self.stamp = stamp
        # Of one name, as the output is locked: so what a kill leaves is found, and removed.
        self.unfinished = path.with_name(f".{path.name}.unfinished")
        self.unfinished.unlink(missing_ok=True)
        self.lines = LinesFile(path.with_name(f".{path.name}.jsonl"), "name", "text", key)
        self.done = self._stamps(self._packed())
        fresh = self._stamps(self.lines.read())
        if force:
            path.unlink(missing_ok=True)
            self.done = {}
        if force or fresh.keys() & self.done.keys():  # killed when they were in the file already
            self.lines.path.unlink(missing_ok=True)
            fresh = {}
        self.done |= fresh

    def _stamps(self, records: Iterator[dict[str, Any]]) -> dict[str, str]:
        return {record["name"]: self.stamp(record) for record in records}

    def _packed(self) -> Iterator[dict[str, Any]]:
        """The records of the file."""
        if not self.path.exists():
            return
        try:
            if self.path.suffix == PARQUET:
                records = parquet.read_records(self.path)
            else:
                records = self._read_lines()
            for record in records:
                record["name"].encode(), record["text"].encode(), record[self.key]
                yield record
        except Exception as error:
            raise ValueError(
                f"{self.path}: not a file that this command has written ({error}). Give another "
                "output."
            ) from error

    def _read_lines(self) -> Iterator[dict[str, Any]]:
        with open_bytes(self.path) as file:
            yield from map(json.loads, file)

    def has(self, text: Text) -> bool:
        """Tell whether the text has a line."""
        return is_done(text, self.done)

    def write(self, text: Text, made: bytes) -> None:
        """Append the text's line to those that are not in the file yet."""
        self.lines.append(made)

    def close(self, *, complete: bool) -> None:
        """Close the file of lines. complete: make the file of what it had and of these."""
        self.lines.close()
        is_new = self.lines.path.exists() or not self.path.exists()
        if not (complete and is_new):
            return
        records = chain(self._packed(), self.lines.read())
        if self.path.suffix == PARQUET:
            parquet.write_records(self.unfinished, records)
        else:
            with create_bytes(self.unfinished, self.path.suffix) as file:
                file.writelines(map(format_line, records))
        self.unfinished.replace(self.path)
        self.lines.path.unlink(missing_ok=True)
