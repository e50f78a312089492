"""The rows of tables: CSV and TSV with a header. The delimiter is a comma, a semicolon or a tab."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from ..annotated import FormatError
from ..open_text import LONGEST_LINE, read_lines
from .json_files import no_texts

_DELIMITERS = ",;\t"


def first_rows(head: str) -> tuple[list[str], list[str]] | None:
    """The header and the first row of what may be the beginning of a table, else None. The row may
    be cut off."""
    # Other line ends, such as U+2028, stand in texts.
    lines = [f"{line}\n" for line in head.lstrip("\r\n \t").split("\n")]
    if len(lines) < 2 or lines[0].lstrip()[:1] in ("{", "["):
        return None
    try:
        rows = csv.reader(lines, delimiter=_sniff(lines[0]))
        return next(rows), next(rows)
    except (csv.Error, StopIteration):
        return None


def read_table(path: Path) -> Iterator[tuple[str, list[str]]]:
    """The place and the fields of each row that is not empty, the header first.

    RAISES: FormatError naming the file and the line if it is no table, a row has too few or too
        many fields, or there are no rows.
    """
    rows = _read_rows(path)
    place, header = next(rows, ("", []))
    if not header:
        raise no_texts(path)
    yield place, header
    is_empty = True
    for place, row in rows:
        if len(row) != len(header):
            raise FormatError(
                f"{place}: {len(row)} fields, the header has {len(header)}. Quote fields that hold "
                "the delimiter."
            )
        is_empty = False
        yield place, row
    if is_empty:
        raise no_texts(path)


def _read_rows(path: Path) -> Iterator[tuple[str, list[str]]]:
    """The place and the fields of each row that is not empty."""
    # A document may be longer than the module's limit of 128 KiB.
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST_LINE))
    lines = read_lines(path)
    number, first = next(((number, line) for number, line in lines if line.strip()), (1, ""))
    rows = csv.reader(_chain(first, lines), delimiter=_sniff(first), strict=True)
    start = number
    try:
        for row in rows:
            if row:
                yield f"{path}, line {start}", row
            start = number + rows.line_num
    except csv.Error as error:
        raise FormatError(
            f"{path}, line {start}: no row of a table ({error}). Is the file cut off, or a "
            "quote not closed?"
        ) from error


def _chain(first: str, lines: Iterator[tuple[int, str]]) -> Iterator[str]:
    yield first
    for _, line in lines:
        yield line


def _sniff(header: str) -> str:
    return max(_DELIMITERS, key=header.count)


def find_column(
    header: list[str], asked: str | None, names: tuple[str, ...], place: str, option: str
) -> int:
    """The place of a column: the one asked for, or else the first of these names.

    place, option: where the header stands, and what names the column, for messages.
    RAISES: FormatError if there is none.
    """
    if asked is not None and asked in header:
        return header.index(asked)
    found = None if asked is not None else find_name(header, names)
    if found is None:
        wanted = f"named {asked!r}" if asked is not None else f"of {', '.join(names)}"
        raise FormatError(f"{place}: no column {wanted} in {header}. Name it by {option}.")
    return found


def find_name(
    header: list[str], names: tuple[str, ...], taken: set[int] | frozenset[int] = frozenset()
) -> int | None:
    """The place of the first of these names that a header has, in lower or upper case, and that is
    not taken; None if it has none."""
    lowered = [name.strip().lower() for name in header]
    places = (lowered.index(name) for name in names if name in lowered)
    return next((place for place in places if place not in taken), None)
