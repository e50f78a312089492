"""Calibration: confidences beside the share of entities that are right."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..confidence import get_confidence
from .errors import CORRECT, Match

_BINS = 10
_LEAST = 1e-7  # probabilities of which the logarithm is taken are not below it


def calibration(pairs: Iterable[tuple[float, bool]]) -> dict[str, Any] | None:
    """The expected calibration error (Naeini et al. 2015) of predicted entities, in ten bins: how
    far the share of right ones is from the mean confidence. And two scores that also say how well
    confidences tell right entities from wrong ones: the Brier score, the mean square of what a
    confidence lacks to the truth (0 or 1), and the log-loss, in nats an entity.

    pairs: for each predicted entity its confidence and whether it is right.
    RETURNS: the numbers of "entities", their "precision", "mean_confidence",
        "expected_calibration_error", "brier_score" and "log_loss", and of each of the "bins" that
        has any its "entities", mean "confidence" and the share that is "right". None if there are
        no entities.
    """
    rows = list(pairs)
    if not rows:
        return None
    confidence, right = np.array(rows, dtype=float).T
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    filled = [
        {
            "entities": int((bins == i).sum()),
            "confidence": round(float(confidence[bins == i].mean()), 4),
            "right": round(float(right[bins == i].mean()), 4),
        }
        for i in range(_BINS)
        if (bins == i).any()
    ]
    error = sum(row["entities"] * abs(row["confidence"] - row["right"]) for row in filled)
    of_truth = np.where(right == 1, confidence, 1 - confidence)
    return {
        "entities": len(rows),
        "precision": round(float(right.mean()), 4),
        "mean_confidence": round(float(confidence.mean()), 4),
        "expected_calibration_error": round(error / len(rows), 4),
        "brier_score": round(float(((1 - of_truth) ** 2).mean()), 4),
        "log_loss": round(float(-np.log(np.clip(of_truth, _LEAST, 1.0)).mean()), 4),
        "bins": filled,
    }


def calibration_of(matches: Iterable[Match]) -> dict[str, Any] | None:
    """`calibration` of the found entities of matches whose confidence is known."""
    found = [(match.found, match.kind == CORRECT) for match in matches if match.found is not None]
    pairs = [(get_confidence(span), right) for span, right in found]
    return calibration((p, right) for p, right in pairs if p is not None)
