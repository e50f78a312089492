"""Gold labels of whole texts beside predicted ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from spacy.language import Language
from spacy.scorer import PRFScore
from spacy.tokens import Doc

from .calibration import calibration
from .category_scores import as_array, decide
from .errors import score_row


class LabelRule(NamedTuple):
    """How labels follow from probabilities.

    threshold, positive_label: as in the settings of `textcat` and `textcat_multilabel`.
    """

    threshold: float | None = None
    positive_label: str | None = None


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


def label_rule(nlp: Language) -> LabelRule:
    """The rule of the component that labels texts. If there are several, each with a rule of its
    own, the default."""
    own = [pipe for name, pipe in nlp.pipeline if "doc.cats" in nlp.get_pipe_meta(name).assigns]
    cfg = getattr(own[0], "cfg", {}) if len(own) == 1 else {}
    return LabelRule(cfg.get("threshold"), cfg.get("positive_label"))


def compare_categories(
    golds: Sequence[Doc], predictions: Sequence[Doc], rule: LabelRule = LabelRule()
) -> list[LabelledText]:
    """The texts whose gold labels are known, with those that were found: where labels exclude each
    other, the most probable one, else all that are probable enough.

    golds, predictions: the same texts in the same order.
    rule: by default, probable enough is 0.5.
    RAISES: ValueError if the numbers of docs differ.
    """
    if len(golds) != len(predictions):
        raise ValueError(f"There are {len(golds)} docs, but {len(predictions)} predicted ones.")
    pairs = [(gold, found) for gold, found in zip(golds, predictions) if gold.cats and found.cats]
    labels = list(dict.fromkeys(label for _, found in pairs for label in found.cats))
    if not labels:
        return []
    values = as_array([found.cats for _, found in pairs], labels)
    exclusive = are_exclusive(predictions)
    said = decide(values, labels, not exclusive, rule.positive_label, rule.threshold)
    certain = np.where(said, values, 1.0 if exclusive else 1.0 - values).min(axis=1)
    return [
        LabelledText(found, _labels(gold), {labels[i] for i in np.flatnonzero(row)}, float(least))
        for (gold, found), row, least in zip(pairs, said, certain)
    ]


def has_categories(*groups: Sequence[Doc]) -> bool:
    """Whether labels are known of some doc of each group, such as gold and predicted ones."""
    return all(any(doc.cats for doc in docs) for docs in groups)


def are_exclusive(predictions: Sequence[Doc]) -> bool:
    """Whether the labels of texts exclude each other: their probabilities are 1 together."""
    known = [sum(doc.cats.values()) for doc in predictions if len(doc) and doc.cats]
    return bool(np.allclose(known, 1.0, atol=1e-3))


def category_tables(texts: Sequence[LabelledText]) -> dict[str, Any]:
    """Tables of the labels of texts.

    RETURNS: "n_texts"; "accuracy", the share of texts whose labels are all right; "per_label" and
        "all" (summed over labels): precision, recall and F1 from 0 to 1, None where there is
        nothing to count, and the numbers of "gold", "found", "missed" and "wrong"; "confusion":
        for each gold label how many of its texts were found as which, and where a text has several,
        which ones were missed beside which wrong ones, "-" for none; "by_length": for each quarter
        of the texts, by length in tokens, how many there are and their accuracy.
    """
    labels = sorted(set().union(*(text.gold | text.found for text in texts)))
    counts = {label: _count(texts, label) for label in labels}
    summed = PRFScore()
    for own in counts.values():
        summed += own
    return {
        "n_texts": len(texts),
        "accuracy": float(np.mean([text.is_right for text in texts])) if texts else None,
        "all": _row(summed),
        "per_label": {label: _row(own) for label, own in counts.items()},
        "confusion": _confusion(texts, labels),
        "by_length": _by_length(texts),
    }


def category_calibration(texts: Sequence[LabelledText]) -> dict[str, Any] | None:
    """How often what was found is right, beside its probability; None without texts."""
    return calibration((text.probability, text.is_right) for text in texts)


def _labels(gold: Doc) -> set[str]:
    return {label for label, value in gold.cats.items() if value >= 0.5}


def _confusion(texts: Sequence[LabelledText], labels: Sequence[str]) -> dict[str, dict[str, int]]:
    pairs: Counter[tuple[str, str]] = Counter()
    for text in texts:
        pairs.update((label, label) for label in text.gold & text.found)
        missed, wrong = text.gold - text.found, text.found - text.gold
        if missed or wrong:
            pairs.update(product(missed or {"-"}, wrong or {"-"}))
    rows, columns = ({pair[i] for pair in pairs}.union(labels) for i in (0, 1))
    return {a: {b: pairs[a, b] for b in sorted(columns)} for a in sorted(rows)}


def _count(texts: Sequence[LabelledText], label: str) -> PRFScore:
    right = sum(label in t.gold and label in t.found for t in texts)
    gold, found = sum(label in t.gold for t in texts), sum(label in t.found for t in texts)
    return PRFScore(tp=right, fp=found - right, fn=gold - right)


def _row(score: PRFScore) -> dict[str, float | int | None]:
    return {**score_row(score), "missed": score.fn, "wrong": score.fp}


def _by_length(texts: Sequence[LabelledText]) -> dict[str, dict[str, float | int]]:
    """Quarters of the texts; those of one length are in the same."""
    if not texts:
        return {}
    lengths = np.array([len(text.doc) for text in texts])
    quarters = np.searchsorted(np.quantile(lengths, (0.25, 0.5, 0.75)), lengths)
    right = np.array([text.is_right for text in texts])
    rows = {}
    for quarter in np.unique(quarters):
        own = quarters == quarter
        name = f"{lengths[own].min()} to {lengths[own].max()} tokens"
        rows[name] = {"texts": int(own.sum()), "accuracy": float(right[own].mean())}
    return rows
