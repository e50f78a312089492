"""CSV and TSV with a header, row by row, each with the place where it begins.

The delimiter is a comma, a semicolon or a tab.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple

from ..annotated import AnnotatedText, FormatError
from ..open_text import LONGEST_LINE, read_lines
from .json_files import no_texts

NAMES = ("id", "name")
SOURCES = ("source", "doc", "document")
"""What columns of a text's name, and of the document that it is of, are called."""
_DELIMITERS = ",;\t"


class Table(NamedTuple):
    """A table that is read: the place and the fields of its header, and those of each row.

    RAISES, as rows are read: FormatError naming the file and the line if one has too few or too
        many fields, or there are none.
    """

    place: str
    header: list[str]
    rows: Iterator[tuple[str, list[str]]]

    def column(self, asked: str | None, names: Sequence[str], option: str) -> int:
        """The number of the column that was asked for, or, if none was, of the first of some names.

        RAISES: FormatError, naming the option, if there is no such column.
        """
        if asked is not None and asked in self.header:
            return self.header.index(asked)
        found = None if asked is not None else find_column(self.header, names)
        if found is None:
            wanted = f"named {asked!r}" if asked is not None else f"of {', '.join(names)}"
            raise FormatError(
                f"{self.place}: no column {wanted} in {self.header}. Name it by {option}."
            )
        return found


def read_table(path: Path) -> Table:
    """Open a table. RAISES: FormatError if it has no header."""
    rows = _read_rows(path)
    place, header = next(rows, ("", []))
    if not header:
        raise no_texts(path)
    return Table(place, header, _check_rows(path, header, rows))


def write_table(
    header: Sequence[str], rows: Iterable[tuple[AnnotatedText, str]], file: IO[str]
) -> None:
    """Write a CSV of two columns, of texts and of what is said of each.

    file: opened with newline="", so that line ends inside texts stay.
    RAISES: FormatError if a text holds a null character.
    """
    # All fields are quoted: older versions of the module leave a lone carriage return bare, and do
    # not read it back.
    writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    for text, field in rows:
        if "\0" in text.text:
            raise FormatError(
                f"{text.place or text.name or 'a text'}: CSV can't hold the null character."
            )
        writer.writerow([text.text, field])


def find_column(
    header: Sequence[str],
    names: Iterable[str],
    taken: set[int] | frozenset[int] = frozenset(),
) -> int | None:
    """The number of the column that has the first of some names, in lower or upper case, of those
    that are not taken."""
    lowered = [name.strip().lower() for name in header]
    places = (lowered.index(name) for name in names if name in lowered)
    return next((place for place in places if place not in taken), None)


def first_field(head: str, texts: Sequence[str], others: Sequence[str]) -> str | None:
    """Of the beginning of a table with a column of texts, the first field of another column that is
    not blank; "" if all are, or that is not there yet; None if it is no such table."""
    # Other line ends, such as U+2028, stand in texts.
    lines = [f"{line}\n" for line in head.lstrip("\r\n \t").split("\n")]
    if len(lines) < 2 or lines[0].lstrip()[:1] in ("{", "["):
        return None
    try:
        header, *rows = csv.reader(lines, delimiter=_sniff(lines[0]))
    except csv.Error:
        return None
    place = find_column(header, others)
    if not any(rows) or find_column(header, texts) is None or place is None:
        return None
    fields = (row[place].strip() for row in rows if place < len(row))
    return next(filter(None, fields), "")


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


def _check_rows(
    path: Path, header: list[str], rows: Iterator[tuple[str, list[str]]]
) -> Iterator[tuple[str, list[str]]]:
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


def _chain(first: str, lines: Iterator[tuple[int, str]]) -> Iterator[str]:
    yield first
    for _, line in lines:
        yield line


def _sniff(header: str) -> str:
    return max(_DELIMITERS, key=header.count)
