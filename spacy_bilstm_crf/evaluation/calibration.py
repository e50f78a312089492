"""Calibration: confidences beside the share of entities that are right."""

from collections.abc import Iterable
from typing import Any

import numpy as np

_BINS = 10


def calibration(pairs: Iterable[tuple[float, bool]]) -> dict[str, Any] | None:
    """The expected calibration error (Naeini et al. 2015) of predicted entities, in ten bins: how
    far the share of right ones is from the mean confidence.

    pairs: for each predicted entity its confidence and whether it is right.
    RETURNS: the numbers of "entities", their "precision", "mean_confidence" and
        "expected_calibration_error", and of each of the "bins" that has any its "entities", mean
        "confidence" and the share that is "right". None if there are no entities.
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
    return {
        "entities": len(rows),
        "precision": round(float(right.mean()), 4),
        "mean_confidence": round(float(confidence.mean()), 4),
        "expected_calibration_error": round(error / len(rows), 4),
        "bins": filled,
    }
