"""The spans of which a model is not sure whether they are entities."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..models.tag_distribution import TagDistribution
from ..pipeline.candidates import candidate_spans
from ..tags import Spans


class Doubts(NamedTuple):
    """Spans that may be entities, and may not. They may overlap.

    spans: in the tokens of the batch, by start.
    probabilities: (spans,) P(it is an entity of this label | text).
    """

    spans: Spans
    probabilities: NDArray[np.float64]

    @property
    def weights(self) -> NDArray[np.float64]:
        """How doubtful each is: the probability of the less probable answer. RETURNS: (spans,)."""
        return np.minimum(self.probabilities, 1.0 - self.probabilities)


def doubtful_spans(tags: TagDistribution, least: float) -> Doubts:
    """The spans of which either answer, yes or no, is at least so probable. least: above 0."""
    spans, scores = candidate_spans(tags, least)
    open_ = scores <= 1.0 - least
    return Doubts(Spans(*(column[open_] for column in spans)), scores[open_])
