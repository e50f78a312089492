"""CSV and TSV with a header, a column of texts, and one of the label of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from ..annotated import AnnotatedText, FormatError, ReadOptions
from .labelled import LABELS, TEXTS, labels_of, read_labels
from .tables import NAMES, SOURCES, find_column, first_field, read_table, write_table


def detect(head: str) -> bool:
    """Tell whether the beginning of a file looks like a table of texts with a label each."""
    field = first_field(head, TEXTS, LABELS)
    return field is not None and field[:1] not in ("[", "")  # a list is of spans


def read(path: Path, options: ReadOptions) -> Iterator[AnnotatedText]:
    """Read a table. Columns are found by name, in lower or upper case, if options do not name them.

    RAISES: FormatError naming the file and the line if a column is missing, a row has too few or
        too many fields, or no label.
    """
    table = read_table(path)
    text_at = table.column(options.text_field, TEXTS, "--text-field")
    label_at = table.column(options.label_field, LABELS, "--label-field")
    taken = {text_at, label_at}
    name_at = find_column(table.header, NAMES, taken)
    source_at = find_column(table.header, SOURCES, taken)
    for place, row in table.rows:
        yield AnnotatedText(
            row[text_at],
            name="" if name_at is None else row[name_at],
            place=place,
            source=None if source_at is None else row[source_at] or None,
            cats=dict.fromkeys(read_labels(row[label_at], place), 1.0),
        )


def write(texts: Iterable[AnnotatedText], file: IO[str]) -> None:
    """Write a CSV with the columns text and label.

    file: opened with newline="", so that line ends inside texts stay.
    RAISES: FormatError if a text holds a null character, or has not exactly one label.
    """
    write_table(("text", "label"), ((text, _only_label(text)) for text in texts), file)


def _only_label(text: AnnotatedText) -> str:
    labels = labels_of(text)
    if len(labels) != 1:
        raise FormatError(
            f"{text.place or text.name or 'a text'}: a table holds one label a text, found "
            f"{', '.join(labels) or 'none'}. The format labels holds any number of them."
        )
    return labels[0]
