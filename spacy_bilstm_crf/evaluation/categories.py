"""Gold labels of whole texts beside predicted ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from spacy.scorer import PRFScore
from spacy.tokens import Doc

from .calibration import calibration

# From this probability on, a text has a label of those that do not exclude each other.
_LEAST = 0.5


class LabelledText(NamedTuple):
    """A text with its gold labels, those that were found, and the probability of what was found:
    of the one label, or of the least certain decision on a label."""

    doc: Doc
    gold: set[str]
    found: set[str]
    probability: float

    @property
    def is_right(self) -> bool:
        """Whether all of its labels are right."""
        return self.gold == self.found


def compare_categories(golds: Sequence[Doc], predictions: Sequence[Doc]) -> list[LabelledText]:
    """The texts whose gold labels are known, with those that were found. If each has exactly one
    label, the most probable one is found, else all of probability 0.5 and more.

    golds, predictions: the same texts in the same order.
    RAISES: ValueError if the numbers of docs differ.
    """
    if len(golds) != len(predictions):
        raise ValueError(f"There are {len(golds)} docs, but {len(predictions)} predicted ones.")
    pairs = [(a, b) for a, b in zip(golds, predictions) if a.cats and b.cats]
    compare = _one if have_one_label([gold for gold, _ in pairs]) else _several
    return [compare(_labels(gold), found) for gold, found in pairs]


def have_one_label(golds: Sequence[Doc]) -> bool:
    """Whether each doc whose labels are known has exactly one."""
    return all(len(_labels(gold)) == 1 for gold in golds if gold.cats)


def category_tables(texts: Sequence[LabelledText]) -> dict[str, Any]:
    """Tables of the labels of texts.

    RETURNS: "n_texts"; "accuracy", the share of texts whose labels are all right; "per_label" and
        "all" (summed over labels): precision, recall and F1 from 0 to 1, None where there is
        nothing to count, and the numbers of "gold", "found", "missed" and "wrong"; "confusion":
        for each gold label how many of its texts were found as which, where texts have one label
        each; "by_length": for each quarter of the texts, by length in tokens, how many there are
        and their accuracy.
    """
    labels = sorted(set().union(*(text.gold | text.found for text in texts)))
    counts = {label: _count(texts, label) for label in labels}
    summed = PRFScore()
    for own in counts.values():
        summed += own
    is_one = all(len(text.gold) == len(text.found) == 1 for text in texts)
    pairs = Counter((min(t.gold), min(t.found)) for t in texts) if is_one else Counter[Any]()
    return {
        "n_texts": len(texts),
        "accuracy": float(np.mean([text.is_right for text in texts])) if texts else None,
        "all": _row(summed),
        "per_label": {label: _row(own) for label, own in counts.items()},
        "confusion": {a: {b: pairs[a, b] for b in labels} for a in labels} if is_one else {},
        "by_length": _by_length(texts),
    }


def category_calibration(texts: Sequence[LabelledText]) -> dict[str, Any] | None:
    """How often what was found is right, beside its probability; None without texts."""
    return calibration((text.probability, text.is_right) for text in texts)


def _labels(gold: Doc) -> set[str]:
    return {label for label, value in gold.cats.items() if value >= 0.5}


def _one(gold: set[str], found: Doc) -> LabelledText:
    best = max(found.cats, key=found.cats.__getitem__)
    return LabelledText(found, gold, {best}, found.cats[best])


def _several(gold: set[str], found: Doc) -> LabelledText:
    said = {label for label, value in found.cats.items() if value >= _LEAST}
    least = min(max(value, 1 - value) for value in found.cats.values())
    return LabelledText(found, gold, said, least)


def _count(texts: Sequence[LabelledText], label: str) -> PRFScore:
    right = sum(label in t.gold and label in t.found for t in texts)
    gold, found = sum(label in t.gold for t in texts), sum(label in t.found for t in texts)
    return PRFScore(tp=right, fp=found - right, fn=gold - right)


def _row(score: PRFScore) -> dict[str, float | int | None]:
    n_gold, n_found = score.tp + score.fn, score.tp + score.fp
    return {
        "p": score.precision if n_found else None,
        "r": score.recall if n_gold else None,
        "f": score.fscore if n_gold or n_found else None,
        "gold": n_gold,
        "found": n_found,
        "missed": score.fn,
        "wrong": score.fp,
    }


def _by_length(texts: Sequence[LabelledText]) -> dict[str, dict[str, float | int]]:
    ordered = sorted(texts, key=lambda text: len(text.doc))
    quarters = [part for part in np.array_split(np.arange(len(ordered)), 4) if len(part)]
    rows = {}
    for part in quarters:
        own = [ordered[i] for i in part]
        name = f"{len(own[0].doc)} to {len(own[-1].doc)} tokens"
        rows[name] = {"texts": len(own), "accuracy": float(np.mean([t.is_right for t in own]))}
    return rows
