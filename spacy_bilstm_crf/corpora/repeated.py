"""Texts that come more than once in a corpus."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class _First(NamedTuple):
    split: str
    place: str
    labels: frozenset[str]


class Repeated:
    """Counts texts that were met before, letter case and white space aside.

    within, across: how many texts repeat one of their own split, and of another one.
    contradicted: how many repeat one that has other labels.
    examples: the places of some pairs of different splits.
    """

    def __init__(self) -> None:
        self.within = self.across = self.contradicted = 0
        self.examples: list[tuple[str, str]] = []
        self._first: dict[int, _First] = {}

    def add(self, split: str, place: str, text: str, labels: Iterable[str]) -> None:
        """Meet a text. split: where it stands. place: its file and line. labels: those it has."""
        key = hash(" ".join(text.casefold().split()))
        own = _First(split, place, frozenset(labels))
        first = self._first.setdefault(key, own)
        if first is own:
            return
        self.contradicted += first.labels != own.labels
        if first.split == split:
            self.within += 1
            return
        self.across += 1
        if len(self.examples) < 3:
            self.examples.append((first.place, place))
