"""Thresholds with a promise: from annotated documents, what may be said of those to come.

What is promised is of the mean over documents, which are taken to be drawn independently from the
same source as those to come; entities within a document are not independent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..pipeline.settings import LEAST_PROBABILITY

Values = Sequence[NDArray[np.float64]]

# From the least probability that is computed to 0.99, evenly spaced in log-odds. Above that, few
# documents have anything found, and what few have can't be promised.
_LOG_ODDS = np.linspace(-1, 1, 200) * math.log(1 / LEAST_PROBABILITY - 1)
THRESHOLDS = np.maximum(1 / (1 + np.exp(-_LOG_ODDS)), LEAST_PROBABILITY)
"""Those that are tried for precision, ascending."""
# More are never given: nearly as much is lost as is allowed.
_MOST_DOCUMENTS = 2**30
# A config keeps numbers with so many digits.
_DIGITS = 6


class Found(NamedTuple):
    """A threshold that keeps the promise.

    threshold: from LEAST_PROBABILITY to 1.
    loss: the mean over the documents of the share that is missed (or wrong) with it.
    documents: how many they are.
    """

    threshold: float
    loss: float
    documents: int


def greatest_loss(n: int, allowed: float, confidence: float | None) -> float:
    """The greatest mean loss on documents that allows to promise a loss of documents to come.

    n: the number of documents, each with a loss from 0 to 1.
    allowed: the loss to promise, above 0 and below 1.
    confidence: None to promise the expected loss, by conformal risk control (Angelopoulos et al.
        2022, https://arxiv.org/abs/2208.02814). Or the probability, over the choice of the
        documents, with which the true loss is at most as great: by Hoeffding's inequality (1963,
        theorem 1), as in Learn then Test (Angelopoulos et al. 2021,
        https://arxiv.org/abs/2110.01052).
    RETURNS: below 0 if there are too few documents for any promise.
    """
    if confidence is None:
        return ((n + 1) * allowed - 1) / n
    limit = -math.log(1 - confidence) / n
    if -math.log1p(-allowed) < limit:
        return -1.0
    low, high = 0.0, allowed
    while high - low > 1e-9:
        middle = (low + high) / 2
        # The p-value is exp(-n * divergence), which falls as the loss rises to what is allowed.
        low, high = (middle, high) if _divergence(middle, allowed) >= limit else (low, middle)
    return low


def _divergence(a: float, b: float) -> float:
    """Of Kullback and Leibler, between Bernoulli distributions."""
    first = a * math.log(a / b) if a > 0 else 0.0
    return first + (1 - a) * math.log((1 - a) / (1 - b))


def documents_needed(loss: float, allowed: float, confidence: float | None) -> int | None:
    """How many documents would do for a promise if their mean loss were this; None if no number
    would. Arguments as for `greatest_loss`."""
    high = 1
    while greatest_loss(high, allowed, confidence) < loss:
        high *= 2
        if high > _MOST_DOCUMENTS:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        enough = greatest_loss(middle, allowed, confidence) >= loss
        low, high = (low, middle) if enough else (middle, high)
    return high


def threshold_for_recall(found_at: Values, recall: float, confidence: float | None) -> Found:
    """The greatest threshold with which documents to come have so much of their entities found.

    found_at: for each document that has entities, the greatest threshold at which each of them (or
        of their tokens) is found; 0 where at none.
    recall: the share of a document's entities, in the mean over documents. Below 1.
    confidence: see `greatest_loss`. As less is found the greater the threshold, no correction for
        trying many is due.
    RAISES: ValueError if there are too few documents, or too much is missed even at
        LEAST_PROBABILITY.
    """
    n, allowed = len(found_at), 1 - recall
    values = np.concatenate(found_at)
    weights = np.concatenate([np.full(len(own), 1 / (n * len(own))) for own in found_at])
    order = np.argsort(values)
    values, missed = values[order], np.concatenate([[0.0], np.cumsum(weights[order])])
    tried = np.unique(np.append(values[values > LEAST_PROBABILITY], LEAST_PROBABILITY))
    tried = np.floor(tried * 10**_DIGITS) / 10**_DIGITS
    losses = missed[np.searchsorted(values, tried)]
    _check(f"recall {recall:g}", losses[0], n, allowed, confidence, f"missed at {tried[0]:g}")
    best = np.flatnonzero(losses <= greatest_loss(n, allowed, confidence))[-1]
    return Found(float(tried[best]), float(losses[best]), n)


def wrong_shares(scores: Values, right: Sequence[NDArray[np.bool_]]) -> NDArray[np.float64]:
    """For each document and each of THRESHOLDS, the share of found entities that are wrong; NaN
    where none is found.

    scores, right: for each document, the probabilities of its entities, and which are right.
    RETURNS: (documents, THRESHOLDS).
    """
    result = np.full((len(scores), len(THRESHOLDS)), np.nan)
    for row, own, is_right in zip(result, scores, right):
        chosen = own[:, None] >= THRESHOLDS
        found = chosen.sum(axis=0)
        wrong = (chosen & ~is_right[:, None]).sum(axis=0)
        row[found > 0] = wrong[found > 0] / found[found > 0]
    return result


def threshold_for_precision(
    wrong: NDArray[np.float64], precision: float, confidence: float
) -> Found:
    """The least threshold with which so much of what is found in documents to come is right.

    wrong: from `wrong_shares`. A document in which nothing is found counts as one that is just as
        wrong as allowed: the mean is then at most what is allowed where it is so over the others.
    precision: the share of a document's found entities that are right, in the mean over documents
        in which any is found. Below 1.
    confidence: a probability; see `greatest_loss`. Precision may fall as the threshold rises:
        thresholds are tested in a fixed sequence, from the greatest down to the first that fails
        (Learn then Test, section 2.2).
    RAISES: ValueError if there are too few documents, or the greatest threshold fails.
    """
    n, allowed = len(wrong), 1 - precision
    losses = np.where(np.isnan(wrong), allowed, wrong).mean(axis=0)
    _check(
        f"precision {precision:g}",
        losses[-1],
        n,
        allowed,
        confidence,
        f"wrong at {THRESHOLDS[-1]:g}",
    )
    failed = np.flatnonzero(losses > greatest_loss(n, allowed, confidence))
    first = failed[-1] + 1 if len(failed) else 0
    own = wrong[:, first][~np.isnan(wrong[:, first])]
    return Found(round(float(THRESHOLDS[first]), _DIGITS), float(own.mean()), len(own))


def _check(
    what: str, loss: float, n: int, allowed: float, confidence: float | None, how: str
) -> None:
    """RAISES: ValueError if the least loss that there is allows no promise."""
    if loss <= greatest_loss(n, allowed, confidence):
        return
    enough = documents_needed(loss, allowed, confidence)
    if enough is None:
        raise ValueError(
            f"There is no threshold for {what}: in the mean over {n} documents, {loss:.2%} is {how}"
            ", the last threshold that is computed. Promise less, or train a better pipeline."
        )
    raise ValueError(
        f"{n} documents are too few to promise {what}, though only {loss:.2%} is {how}: {enough} "
        "with as few errors would do. Give more, or promise less."
    )
