"""What is likely wrong with training data."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from spacy.training import Example


def problems_of(
    get_examples: Callable[[], Iterable[Example]],
    labels: Sequence[str],
    spans_keys: Mapping[str, str | None],
    *,
    learns_words: bool,
) -> Iterator[str]:
    """Find what is likely wrong with training data.

    get_examples: returns the training examples.
    labels: the entity labels to learn.
    spans_keys: settings that are keys of `reference.spans`, by their names.
    learns_words: whether the model knows the words of these examples alone.
    YIELDS: each problem, as the rest of a sentence about the component.
    """
    first = list(islice(get_examples(), 2))
    if len(first) == 1 and not first[0].reference.has_annotation("ENT_IOB") and learns_words:
        # As nlp.initialize() without examples makes one up.
        yield (
            "is initialized without training examples, and knows no words but those of "
            f"{first[0].text.strip()[:40]!r}: what it learns will be poor. Initialize it with "
            "all examples, as in nlp.initialize(lambda: examples)."
        )
    elif not labels:
        yield (
            "has no labels: the training data has no entities. It will find nothing. Check "
            "that entities are in `doc.ents` of the reference docs, or add labels with "
            "`add_label`."
        )
    for setting, key in spans_keys.items():
        if key and not any(key in eg.reference.spans for eg in get_examples()):
            yield (
                f"has {setting} = {key!r}, but no doc of the training data has "
                f"doc.spans[{key!r}]. Is the key misspelt?"
            )
