"""Texts from the records of a file: JSON lines, compressed or not, or rows of Parquet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from ..corpora.compressed import DAMAGE, damaged, open_bytes
from ..corpora.formats.json_files import check_text, find_name
from . import parquet
from .texts import OnError, Text, reason_of


def open_records(path: Path, on_error: OnError, *, are_numbers: bool) -> Iterator[Text]:
    """Open a file of records with a "text" each.

    on_error: told of a record that is no such text, or has the name of another.
    are_numbers: name each text by the number of its line or row. Otherwise by its "id" or "name",
        if it has one.
    RAISES: OSError if the file can't be read; ValueError if it is damaged, perhaps while the texts
        are read, is Parquet without a column "text", or needs pyarrow, which is missing.
    """
    with path.open("rb") as file:
        is_parquet = file.read(len(parquet.MAGIC)) == parquet.MAGIC
    if is_parquet:
        rows = enumerate(parquet.open_rows(path), 1)
        found: Iterable[tuple[int, Any]] = rows
        return _texts(found, "row", on_error, are_numbers=are_numbers)
    lines = _lines(path, open_bytes(path))
    return _texts(lines, "line", on_error, are_numbers=are_numbers)


def _lines(path: Path, file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    number = 0
    with file:
        try:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, line
        except DAMAGE as error:
            raise damaged(path, f" after line {number}", error) from error


def _texts(
    found: Iterable[tuple[int, Any]], unit: str, on_error: OnError, *, are_numbers: bool
) -> Iterator[Text]:
    names: set[str] = set()
    for number, record in found:
        place = f"{unit} {number}"
        try:
            if isinstance(record, bytes):
                record = json.loads(record.decode("utf-8-sig" if number == 1 else "utf-8"))
            if not isinstance(record, dict) or not isinstance(record.get("text"), str):
                raise ValueError('expected a JSON object with a string "text"')
            check_text(record["text"], "'text'", place)
            own = None if are_numbers else find_name(record, place, "id", "name")
            name = str(number) if own is None else own
            if name in names:
                raise ValueError(
                    f"another text has the name {name!r} already. Give each an 'id' of its own"
                )
        except (ValueError, RecursionError) as error:
            on_error(place, reason_of(error))
        else:
            names.add(name)
            yield Text(name, record.pop("text"), record)
