"""JSON lines of texts with labels of the whole: {"text": "...", "label": "positive"}.

The label is a text, a number or true and false; a list of texts gives a text several labels, or
none. So write doccano's projects of text classification, and most data sets of this kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from ..annotated import AnnotatedText, FormatError, ReadOptions
from .json_files import check_text, find_name, first_record, read_json_lines, write_json_line

TEXTS = ("text", "data", "sentence", "content", "review", "tweet")
LABELS = ("label", "labels", "category", "class", "sentiment", "target")
"""What fields of texts and of labels are called, the likeliest first."""


def detect(head: str) -> bool:
    """Tell whether the beginning of a file looks like texts with a label each."""
    record = first_record(head) if head.lstrip().startswith("{") else None
    if not isinstance(record, dict):
        return False
    label = next((record[key] for key in LABELS if key in record), None)
    is_label = isinstance(label, (str, int)) or (
        isinstance(label, list) and len(label) > 0 and all(isinstance(own, str) for own in label)
    )
    return is_label and any(isinstance(record.get(key), str) for key in TEXTS)


def read(path: Path, options: ReadOptions) -> Iterator[AnnotatedText]:
    """Read texts with labels.

    RAISES: FormatError naming the file and the line if a record has no text or no label.
    """
    for place, record in read_json_lines(path):
        text_field = _find(record, options.text_field, TEXTS, place, "text", "--text-field")
        label_field = _find(record, options.label_field, LABELS, place, "label", "--label-field")
        yield AnnotatedText(
            check_text(record[text_field], f"{text_field!r}", place),
            name=find_name(record, place, "id", "name") or "",
            place=place,
            source=find_name(record, place, "source", "doc", "document"),
            cats=dict.fromkeys(read_labels(record[label_field], place), 1.0),
        )


def write(texts: Iterable[AnnotatedText], file: IO[str]) -> None:
    """Write texts with labels: a list of them where a text has not exactly one.

    RAISES: FormatError if a text has none that are known.
    """
    for text in texts:
        labels = labels_of(text)
        record: dict[str, Any] = {"name": text.name} if text.name else {}
        label = labels[0] if len(labels) == 1 else labels
        write_json_line({**record, "text": text.text, "label": label}, file)


def labels_of(text: AnnotatedText) -> list[str]:
    """The labels that a text has: all that are likelier than not.

    RAISES: FormatError if nothing is said of labels.
    """
    if text.cats is None:
        place = text.place or text.name or "a text"
        raise FormatError(f"{place}: the text has no labels. Choose another format.")
    return [label for label, value in text.cats.items() if value >= 0.5]


def read_labels(value: Any, place: str) -> list[str]:
    """The labels that a field holds.

    RAISES: FormatError if it holds none, not even an empty list.
    """
    values = value if isinstance(value, list) else [value]
    labels = []
    for own in values:
        if isinstance(own, bool):
            labels.append("true" if own else "false")
        elif isinstance(own, int):
            labels.append(str(own))
        elif isinstance(own, str) and own.strip():
            labels.append(check_text(own.strip(), "the label", place))
        else:
            raise FormatError(
                f"{place}: the label must be a text or a whole number, found {own!r}. Leave the "
                "record out if its label is not known."
            )
    return labels


def _find(
    record: dict[str, Any],
    given: str | None,
    known: tuple[str, ...],
    place: str,
    what: str,
    option: str,
) -> str:
    field = given or next((key for key in known if key in record), None)
    if field is None or field not in record:
        looked_for = given or ", ".join(known)
        raise FormatError(
            f"{place}: there is no field of the {what} ({looked_for}), only "
            f"{', '.join(record) or 'none'}. Name it: {option}."
        )
    return field
