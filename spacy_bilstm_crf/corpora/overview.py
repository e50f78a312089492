"""What texts with labels are like: how many have each label, how long they are, which repeat."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from .annotated import AnnotatedText
from .facts import count_words


class Lengths(NamedTuple):
    """The lengths of texts in words: half of them are no longer than the median, 95 in 100 than the
    95th percentile."""

    median: int
    percentile_95: int
    longest: int


@dataclass
class Repeats:
    """Texts that are equal to an earlier one, but for case and white space.

    n, places: how many, and where the first of them and its like stand.
    n_differ, differ: the same of those that have other labels.
    """

    n: int = 0
    places: tuple[str, str] = ("", "")
    n_differ: int = 0
    differ: tuple[str, str] = ("", "")


class Overview:
    """Looks at texts with labels as they pass.

    cats: of each split, how many texts have each label.
    repeats: by the split of the earlier text and that of the later one.
    """

    def __init__(self) -> None:
        self.cats: dict[str, Counter[str]] = {}
        self.repeats: dict[tuple[str, str], Repeats] = {}
        self._n_words: dict[str, list[int]] = {}
        # By folder and hash, since texts may be long: first place and labels in each split.
        self._met: dict[tuple[str, int], dict[str, tuple[str, list[str]]]] = {}

    def add(self, split: str, text: AnnotatedText) -> None:
        """Look at a text of a split. One of which no labels are told is passed over.

        split: its name; splits in several folders ("fold_1/train") are not compared.
        """
        if text.cats is None:
            return
        labels = text.labels
        self.cats.setdefault(split, Counter()).update(labels)
        self._n_words.setdefault(split, []).append(count_words(text))
        place = text.place or text.name
        key = split.rpartition("/")[0], hash(" ".join(text.text.casefold().split()))
        met = self._met.setdefault(key, {})
        for other, (first, own) in met.items():
            found = self.repeats.setdefault((other, split), Repeats())
            found.n += 1
            found.places = found.places if found.n > 1 else (first, place)
            if set(own) != set(labels):
                found.n_differ += 1
                found.differ = found.differ if found.n_differ > 1 else (first, place)
        met.setdefault(split, (place, labels))

    def n_texts(self, split: str) -> int:
        """How many texts with labels a split has."""
        return len(self._n_words[split])

    def lengths(self, split: str) -> Lengths:
        """The lengths of the texts of a split that has some."""
        ordered = sorted(self._n_words[split])
        middle, most = (math.ceil(share * len(ordered)) - 1 for share in (0.5, 0.95))
        return Lengths(ordered[middle], ordered[most], ordered[-1])
