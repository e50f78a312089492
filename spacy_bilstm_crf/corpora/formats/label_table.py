"""CSV and TSV with a header, a column of texts, and one of the label of the whole text."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from ..annotated import AnnotatedText, FormatError, ReadOptions
from .labelled import LABELS, TEXTS, read_labels
from .table_rows import find_column, find_name, first_rows, read_table

_NAMES = ("id", "name")


def detect(head: str) -> bool:
    """Tell whether the beginning of a file looks like a table of texts and labels."""
    rows = first_rows(head)
    if rows is None:
        return False
    header, row = rows
    label_at = find_name(header, LABELS)
    if label_at is None or find_name(header, TEXTS, {label_at}) is None:
        return False
    # A column of spans may have the same name. A row that is cut off does not say.
    return len(row) > label_at and row[label_at].lstrip()[:1] not in ("[", "")


def read(path: Path, options: ReadOptions) -> Iterator[AnnotatedText]:
    """Read a table. Columns are found by name, in lower or upper case, if options do not name them.

    RAISES: FormatError naming the file and the line if a column is missing, a row has too few or
        too many fields, or no label.
    """
    rows = read_table(path)
    place, header = next(rows)
    label_at = find_column(header, options.label_field, LABELS, place, "--label-field")
    text_at = find_column(header, options.text_field, TEXTS, place, "--text-field")
    name_at = find_name(header, _NAMES, {label_at, text_at})
    for place, row in rows:
        yield AnnotatedText(
            row[text_at],
            name="" if name_at is None else row[name_at],
            place=place,
            cats=dict.fromkeys(read_labels(row[label_at], place), 1.0),
        )


def write(texts: Iterable[AnnotatedText], file: IO[str]) -> None:
    """Write a CSV with the columns text and label.

    file: opened with newline="", so that line ends inside texts stay.
    RAISES: FormatError if a text holds a null character, or has not exactly one label.
    """
    # As in table.py: older versions of the module do not read back what is not quoted.
    writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(["text", "label"])
    for text in texts:
        labels = [label for label, value in (text.cats or {}).items() if value >= 0.5]
        if len(labels) != 1:
            raise FormatError(
                f"{text.place or text.name or 'a text'}: a table holds one label a text, and there "
                f"are {len(labels)}. Choose another format."
            )
        if "\0" in text.text:
            raise FormatError(
                f"{text.place or text.name or 'a text'}: CSV can't hold the null character."
            )
        writer.writerow([text.text, labels[0]])
