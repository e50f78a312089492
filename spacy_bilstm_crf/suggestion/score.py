"""What annotating a text would teach a model, by how unsure it is of it."""

from __future__ import annotations

from enum import Enum

import numpy as np
from numpy.typing import NDArray

from ..pipeline.uncertainty import Uncertainty


class Score(str, Enum):
    """What texts are ranked by.

    mnlp: how improbable the best analysis is, by tokens.
    entropy: the entropy of the analyses, by tokens.
    margin: how near the next best analysis is to the best one.
    errors: the errors to be expected among entities, by tokens.
    """

    mnlp = "mnlp"
    entropy = "entropy"
    margin = "margin"
    errors = "errors"

    def of(self, uncertainty: Uncertainty) -> NDArray[np.float64]:
        """The scores of texts: at least 0, and the higher, the more there is to learn. All but the
        margin are by tokens, since annotation costs by the word. RETURNS: (texts,)."""
        tokens = np.maximum(uncertainty.n_tokens, 1)
        if self == Score.mnlp:
            return -uncertainty.mnlp
        if self == Score.margin:
            return 1.0 - uncertainty.margin
        return (uncertainty.entropy if self == Score.entropy else uncertainty.errors) / tokens
