"""The spans of which a model is not sure whether they are entities."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..models.tag_distribution import TagDistribution
from ..pipeline.candidates import candidate_spans
from ..tags import Spans


def doubtful_spans(tags: TagDistribution, least: float) -> tuple[Spans, NDArray[np.float64]]:
    """Find the spans of which either answer, that they are entities of a label and that they are
    not, is at least so probable.

    least: above 0, and at most 0.5.
    RETURNS: the spans, which may overlap, by start; and (spans,) P(entity of the label | text).
    """
    spans, probabilities = candidate_spans(tags, least)
    is_open = probabilities <= 1.0 - least
    return Spans(*(column[is_open] for column in spans)), probabilities[is_open]
