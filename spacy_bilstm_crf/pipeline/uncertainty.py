"""How unsure a model is of texts: what annotating them would teach it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..models.tag_distribution import TagDistribution
from .prediction import decode_entities


class Uncertainty(NamedTuple):
    """How unsure a model is of the analysis of each text. An analysis is a sequence of tags.

    n_tokens: (texts,) their lengths.
    best, second: (texts,) the log-probabilities of the most probable analysis and of the next one,
        -inf where there is only one.
    entropy: (texts,) of the analyses, in nats.
    errors: (texts,) how many errors are to be expected: found entities that are none, and entities
        that are not found.
    """

    n_tokens: NDArray[np.int64]
    best: NDArray[np.float64]
    second: NDArray[np.float64]
    entropy: NDArray[np.float64]
    errors: NDArray[np.float64]

    @property
    def mnlp(self) -> NDArray[np.float64]:
        """The log-probability of the best analysis, by tokens: the lower, the more unsure. Source:
        the maximum normalized log-probability of Shen et al. 2017,
        https://arxiv.org/abs/1707.05928. RETURNS: (texts,), at most 0."""
        return self.best / np.maximum(self.n_tokens, 1)

    @property
    def margin(self) -> NDArray[np.float64]:
        """By how much the best analysis is more probable than the next one. RETURNS: (texts,)."""
        return np.exp(self.best) - np.exp(self.second)

    def of_texts(self, n_sequences: NDArray[np.int64]) -> Uncertainty:
        """That of texts which have several of these, one after another and independent.

        n_sequences: (texts,) how many of these each has, perhaps none.
        """
        texts = np.repeat(np.arange(len(n_sequences)), n_sequences)

        def total(values: NDArray[np.generic]) -> NDArray[np.float64]:
            sums: NDArray[np.float64] = np.zeros(len(n_sequences))
            np.add.at(sums, texts, values)
            return sums

        # The next best analysis of a text has the next best one of a single sequence.
        less: NDArray[np.float64] = np.full(len(n_sequences), -np.inf)
        np.maximum.at(less, texts, self.second - self.best)
        best = total(self.best)
        return Uncertainty(
            total(self.n_tokens).astype(np.int64),
            best,
            best + less,
            total(self.entropy),
            total(self.errors),
        )


def sequence_uncertainty(tags: TagDistribution, threshold: float | None = None) -> Uncertainty:
    """How unsure a model is of each sequence of a batch: exact, by forward and backward.

    threshold: that of the component, which says what counts as found.
    RETURNS: that of each sequence, in their order; `of_texts` makes that of docs.
    """
    n_sequences = len(tags.lengths)
    best, second, entropy, expected = (np.zeros(n_sequences) for _ in range(4))
    for lattice, sequences in tags.lattices():
        _, logs = lattice.k_best(2)
        best[sequences], second[sequences] = logs.cpu().numpy()
        entropy[sequences] = lattice.entropy().cpu().numpy()
        # Every entity begins with a B or is a U.
        begins = lattice.marginals[:, :, 1::4] + lattice.marginals[:, :, 4::4]
        expected[sequences] = begins.sum((1, 2)).cpu().numpy()
    _add_found(tags, threshold, expected)
    return Uncertainty(tags.lengths, best, second, entropy, np.maximum(expected, 0.0))


def text_uncertainty(tags: TagDistribution, threshold: float | None = None) -> Uncertainty:
    """How unsure a model is of each doc of a batch; the threshold is as for sequences."""
    ends = np.searchsorted(np.cumsum(tags.lengths), np.cumsum(tags.doc_lengths), side="right")
    return sequence_uncertainty(tags, threshold).of_texts(np.diff(ends, prepend=0))


def _add_found(
    tags: TagDistribution, threshold: float | None, expected: NDArray[np.float64]
) -> None:
    """Turn the entities to be expected in each sequence into the errors to be expected: for each
    entity that is found, add that it is none, and take off that it is one, which then is not among
    those that are not found."""
    found = decode_entities(tags, threshold=threshold, confidence=True, candidates_above=None)
    assert found.confidences is not None
    sequences = np.searchsorted(np.cumsum(tags.lengths), found.entities.starts, side="right")
    np.add.at(expected, sequences, 1.0 - 2.0 * found.confidences)
