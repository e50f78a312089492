"""Scores of text classification that spaCy's own scorer does not have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.scorer import Scorer
from spacy.training import Example

from .calibration import calibration

Scores = dict[str, Any]
_LEAST = 1e-7  # probabilities of which the logarithm is taken are not below it


def category_scores(beta: float = 2.0, multi_label: bool = False) -> Callable[..., Scores]:
    """A scorer for `textcat` and `textcat_multilabel` (spacy_bilstm_crf.category_scores.v1): what
    `spacy.textcat_scorer.v2` gives, and

    - `cats_accuracy`: the share of texts whose labels are all right;
    - `cats_fbeta`: of the positive label, where there is one, else the mean over labels: F with
      recall weighing `beta` times as much as precision (van Rijsbergen 1979);
    - `cats_average_precision`: of the same: the mean precision at each text that has the label,
      in order of probability;
    - `cats_log_loss`: the mean of minus the logarithm of the probability of what is right;
    - `cats_calibration_error`: the expected calibration error of what is predicted (Naeini et al.
      2015), in ten bins.

    With a positive label, a text is predicted to have it from the component's `threshold` on, if
    that is above 0: `spacy find-threshold` finds one. Texts without gold labels do not count.

    multi_label: true for `textcat_multilabel`, whose labels do not exclude each other.
    beta: above 1, what is missed weighs more than what is found wrongly.
    RAISES: ValueError if beta is not above 0.
    """
    if beta <= 0:
        raise ValueError(f"beta must be above 0, got {beta}.")

    def score(examples: Iterable[Example], **kwargs: Any) -> Scores:
        examples = list(examples)
        labels = list(kwargs["labels"])
        scores: Scores = Scorer.score_cats(
            examples, "cats", **{**kwargs, "multi_label": multi_label}
        )
        known = [eg for eg in examples if any(label in eg.reference.cats for label in labels)]
        if not known or not labels:
            return scores
        gold = as_array([eg.reference.cats for eg in known], labels) > 0.5
        found = as_array([eg.predicted.cats for eg in known], labels)
        positive = kwargs.get("positive_label")
        said = decide(found, labels, multi_label, positive, kwargs.get("threshold"))
        columns = [labels.index(positive)] if positive in labels else range(len(labels))
        scores["cats_accuracy"] = float((said == gold).all(axis=1).mean())
        scores["cats_fbeta"] = _mean([fbeta(gold[:, i], said[:, i], beta) for i in columns])
        scores["cats_average_precision"] = _mean(
            [average_precision(gold[:, i], found[:, i]) for i in columns]
        )
        scores["cats_log_loss"] = log_loss(gold, found, multi_label)
        if not multi_label:
            best = found.argmax(axis=1)
            pairs = zip(found.max(axis=1), gold[np.arange(len(gold)), best])
        else:
            pairs = zip(found.ravel(), gold.ravel())
        calibrated = calibration((float(p), bool(right)) for p, right in pairs)
        if calibrated is not None:
            scores["cats_calibration_error"] = calibrated["expected_calibration_error"]
        return scores

    return score


def average_precision(gold: NDArray[np.bool_], found: NDArray[np.floating]) -> float | None:
    """The mean, over the texts that have a label, of the precision among those that are at least
    as probable; None if no text has it. gold, found: (texts,)."""
    if not gold.any():
        return None
    order = np.argsort(-found, kind="stable")
    right = np.cumsum(gold[order])
    # Texts of one probability are found together.
    last = np.searchsorted(-found[order], -found[order], side="right") - 1
    precision = right[last] / (last + 1)
    return float(precision[gold[order]].mean())


def log_loss(gold: NDArray[np.bool_], found: NDArray[np.floating], multi_label: bool) -> float:
    """The mean of minus the logarithm of the probability of what is right: of a text's label, or of
    each label's being there or not. gold, found: (texts, labels)."""
    right = np.where(gold, found, 1.0 - found) if multi_label else found
    losses = -np.log(np.clip(right, _LEAST, 1.0))
    return float(losses.mean() if multi_label else losses[gold].mean())


def as_array(cats: Sequence[dict[str, float]], labels: Sequence[str]) -> NDArray[np.float64]:
    """The values of labels, 0 of those that a text does not have. RETURNS: (texts, labels)."""
    return np.array([[own.get(label, 0.0) for label in labels] for own in cats])


def decide(
    found: NDArray[np.float64],
    labels: Sequence[str],
    multi_label: bool,
    positive: str | None,
    threshold: float | None,
) -> NDArray[np.bool_]:
    """Which labels texts have by their probabilities, `found`: (texts, labels). The other arguments
    are those that a scorer is given."""
    if multi_label:
        return found >= (0.5 if threshold is None else threshold)
    best = found.argmax(axis=1)
    if positive in labels and threshold:
        own = labels.index(positive)
        others = np.where(np.arange(len(labels)) == own, -1.0, found).argmax(axis=1)
        best = np.where(found[:, own] >= threshold, own, others)
    return np.arange(len(labels)) == best[:, None]


def fbeta(gold: NDArray[np.bool_], said: NDArray[np.bool_], beta: float) -> float | None:
    """F in which recall weighs beta times as much as precision; None if there is nothing to count.
    gold, said: (texts,)."""
    right, missed, wrong = (gold & said).sum(), (gold & ~said).sum(), (~gold & said).sum()
    total = (1 + beta**2) * right + beta**2 * missed + wrong
    return float((1 + beta**2) * right / total) if total else None


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
