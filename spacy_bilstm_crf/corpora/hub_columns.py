"""What the columns of a data set of the Hugging Face hub are, and its rows as annotated texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, Literal, NamedTuple

from ..tags import is_tag
from .annotated import AnnotatedSpan, AnnotatedText
from .formats.labelled import LABELS, TEXTS, read_labels
from .formats.token_tags import SAMPLE, are_plain, iob2, joined, spans_of, unknown_of

_TEXT = ("text", "sentence")
# The number of a label that is not known.
_UNKNOWN = -1


class Columns(NamedTuple):
    """The columns of words and of their tags, or of a text and of its spans or its labels.

    kind: what the column `tags` holds.
    """

    words: str
    tags: str
    kind: Literal["tags", "spans", "labels"] = "tags"


def find_columns(dataset: Any, words: str | None, tags: str | None) -> Columns:
    """Find the columns, where they are not told.

    dataset: a split, of `datasets`.
    RAISES: ValueError, naming the option, if a column is missing, or several fit.
    """
    features = dataset.features
    for name in (words, tags):
        if name is not None and name not in features:
            raise ValueError(f"There is no column {name!r}; there is: {', '.join(features)}.")
    texts = [name for name in features if _type(features[name]) == "string"]
    spans = [name for name in features if _holds_spans(features[name])]
    if (words in texts if words else not tags) and (tags in spans if tags else spans):
        usual = [name for name in texts if name in _TEXT] or texts
        text = words or _only("text", usual, "--words", features)
        return Columns(text, tags or _only("spans", spans, "--tags", features), "spans")
    lists = [name for name in features if _item(features[name]) is not None]
    tag_lists = [name for name in lists if _holds_tags(dataset, name)]
    labels = [name for name in features if name not in tag_lists and _is_label(features[name])]
    likely = [name for name in labels if name in LABELS or _class_names(features[name])]
    if tags in labels if tags else likely and not tag_lists:
        return _columns_of_labels(features, texts, likely, words, tags)
    strings = [name for name in lists if _type(_item(features[name])) == "string"]
    word_lists = [name for name in strings if name not in tag_lists]
    return Columns(
        words or _only("words", [name for name in word_lists if name != tags], "--words", features),
        tags or _only("tags", [name for name in tag_lists if name != words], "--tags", features),
    )


def _columns_of_labels(
    features: Any, texts: list[str], labels: list[str], words: str | None, tags: str | None
) -> Columns:
    usual = [name for name in LABELS if name in labels][:1] or labels
    label = tags or _only("labels", usual, "--tags", features)
    others = [name for name in texts if name != label]
    usual = [name for name in TEXTS if name in others][:1] or others
    return Columns(words or _only("text", usual, "--words", features), label, "labels")


def read_rows(dataset: Any, columns: Columns) -> Iterator[AnnotatedText]:
    """The rows as texts. Words without any letter are left out, as no format can hold them, and so
    are texts whose label is not known.

    RAISES: ValueError naming the row if it can't be read.
    """
    if columns.kind == "spans":
        yield from _read_spans(dataset, columns)
        return
    if columns.kind == "labels":
        yield from _read_labels(dataset, columns)
        return
    name = _names(_item(dataset.features[columns.tags]))
    sample = (tag for tags in islice(dataset[columns.tags], SAMPLE) for tag in tags)
    is_plain = are_plain(map(name, sample))
    for number, row in enumerate(dataset):
        words, tags = row[columns.words], row[columns.tags]
        place = f"row {number}"
        if len(words) != len(tags):
            raise ValueError(f"{place}: {len(words)} words, but {len(tags)} tags.")
        kept = [(word, name(tag)) for word, tag in zip(words, tags) if word.strip()]
        places = [place] * len(kept)
        read = iob2([tag for _, tag in kept], places, plain=is_plain)
        text, tokens = joined([word for word, _ in kept])
        yield AnnotatedText(
            text,
            spans_of(read, tokens, places),
            place=place,
            tokens=tokens,
            has_spaces=False,
            unknown=unknown_of(read, tokens),
        )


def _read_spans(dataset: Any, columns: Columns) -> Iterator[AnnotatedText]:
    item = _item(dataset.features[columns.tags])
    name = _names(item["label"])
    for number, row in enumerate(dataset):
        place, text, found = f"row {number}", row[columns.words], row[columns.tags]
        if isinstance(found, dict):  # `datasets` turns a list of records inside out
            found = [dict(zip(found, values)) for values in zip(*found.values())]
        spans = [
            AnnotatedSpan(span["start"], span["end"], name(span["label"]), place) for span in found
        ]
        for span in spans:
            if not 0 <= span.start < span.end <= len(text):
                raise ValueError(f"{place}: {span.start} to {span.end} is not in its text.")
        yield AnnotatedText(text, spans, place=place)


def _read_labels(dataset: Any, columns: Columns) -> Iterator[AnnotatedText]:
    names = _class_names(dataset.features[columns.tags])
    for number, row in enumerate(dataset):
        place, text, found = f"row {number}", row[columns.words], row[columns.tags]
        if found is None or (names and found == _UNKNOWN):
            continue
        if not isinstance(text, str):
            raise ValueError(f"{place}: there is no text in {columns.words!r}.")
        values = found if isinstance(found, list) else [found]
        labels = read_labels([names[value] for value in values] if names else values, place)
        yield AnnotatedText(text, place=place, cats=dict.fromkeys(labels, 1.0))


def _only(what: str, fit: list[str], option: str, features: Iterable[str]) -> str:
    if len(fit) == 1:
        return fit[0]
    if fit:
        raise ValueError(f"Several columns may be the {what}: {', '.join(fit)}. Say {option}.")
    raise ValueError(
        f"No column was found for the {what}. Say {option}; there is: {', '.join(features)}. Tags "
        "that are numbers need names (ClassLabel)."
    )


def _type(feature: Any) -> str | None:
    kind = getattr(feature, "dtype", None)
    return "string" if kind in ("string", "large_string") else kind


def _item(feature: Any) -> Any:
    """The feature of a list's items, None if it is no list."""
    if isinstance(feature, list):
        return feature[0]
    if isinstance(feature, dict):  # a list of records, inside out
        items = {key: _item(value) for key, value in feature.items()}
        return items if all(value is not None for value in items.values()) else None
    return getattr(feature, "feature", None)


def _holds_spans(feature: Any) -> bool:
    item = _item(feature)
    return isinstance(item, dict) and {"start", "end", "label"} <= set(item)


def _is_label(feature: Any) -> bool:
    """Tell whether a column may hold a label, or a list of labels that are numbers with names."""
    kind = str(_type(feature))
    is_plain = kind in ("string", "bool") or kind.startswith(("int", "uint"))
    return is_plain or bool(_class_names(feature))


def _class_names(feature: Any) -> list[str]:
    """The names of numbers, or of a list of numbers; none if they have none."""
    return getattr(feature, "names", None) or getattr(_item(feature), "names", None) or []


def _holds_tags(dataset: Any, column: str) -> bool:
    item = _item(dataset.features[column])
    values: Iterable[str] = getattr(item, "names", None) or ()
    if not values and _type(item) == "string":
        values = [tag for tags in islice(dataset[column], SAMPLE) for tag in tags]
    values = list(values)
    return bool(values) and (all(map(is_tag, values)) or are_plain(values))


def _names(feature: Any) -> Callable[[Any], str]:
    """What gives the name of a tag or label."""
    names = getattr(feature, "names", None)
    if names:
        return lambda value: names[value] if value is not None and value >= 0 else "-"
    if _type(feature) != "string":
        raise ValueError(f"Tags and labels are numbers without names: {feature}.")
    return str
