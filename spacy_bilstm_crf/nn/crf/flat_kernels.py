"""Compiled decoding on a CPU: the best tags, and the probabilities of spans, of sequences that lie
one after another. No padding, and no operation of torch: of a short text, they would be the cost.

It computes what `LinearChainCRF.viterbi` and `Lattice.path_probability` do for padded batches.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..compiled import compiled
from .chain import LinearChainCRF
from .lattice import FAR_BEHIND


def viterbi(chain: LinearChainCRF, emissions: Tensor, lengths: NDArray[np.int64]) -> NDArray:
    """The best allowed tags of each sequence.

    emissions: (tokens, K) scores. lengths: (sequences,) tokens of each.
    RETURNS: (tokens,) tag ids.
    """
    tags = np.empty(len(emissions), dtype=np.int64)
    _viterbi(emissions.detach().contiguous().numpy(), lengths, *_scores(chain), tags)
    return tags


def span_probability(
    chain: LinearChainCRF,
    emissions: Tensor,
    lengths: NDArray[np.int64],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    tags: NDArray[np.int64],
    temperature: float = 1.0,
) -> NDArray[np.float64]:
    """P(the tokens from first to last have the tags), by the forward-backward algorithm in double
    precision, among the allowed tag sequences.

    emissions, lengths: as for `viterbi`.
    first, last: (spans,) tokens, in order; a span is within a sequence.
    tags: (spans, 4) the tag of a span of one token; of the first token of a longer one, of those
        inside, and of the last.
    temperature: as for `Lattice`.
    RAISES: ValueError if a sequence has no allowed tag sequence, or a span is not within one.
    """
    ends = np.cumsum(lengths)
    places = np.searchsorted(ends, first, side="right")
    if len(first) and not (
        first[0] >= 0
        and (np.diff(first) >= 0).all()
        and places[-1] < len(ends)
        and (first <= last).all()
        and (last < ends[places]).all()
        and tags.min() >= 0
        and tags.max() < emissions.shape[1]
    ):
        raise ValueError("A span must be within a sequence, and of one of the labels.")
    probabilities = np.empty(len(first))
    flat = emissions.detach().contiguous().numpy()
    scale = 1.0 / temperature
    if not _spans(flat, lengths, *_scores(chain), scale, first, last, tags, probabilities):
        raise ValueError("The constraints on a sequence leave no allowed tag sequence.")
    return probabilities


def _scores(chain: LinearChainCRF) -> list[NDArray]:
    return [
        tensor.detach().numpy()
        for tensor in (
            chain.start_transitions,
            chain.transitions,
            chain.end_transitions,
            chain.forbidden_start,
            chain.forbidden_pairs,
            chain.forbidden_end,
        )
    ]


@compiled
def _viterbi(
    scores: NDArray,
    lengths: NDArray,
    start: NDArray,
    pairs: NDArray,
    end: NDArray,
    forbidden_start: NDArray,
    forbidden_pairs: NDArray,
    forbidden_end: NDArray,
    path: NDArray,
) -> None:
    n_tags = scores.shape[1]
    lowest = np.float32(-np.inf)
    allowed = np.where(forbidden_pairs, lowest, pairs)
    best = np.empty((max(1, lengths.max()), n_tags), dtype=np.float32)
    first = 0
    for length in lengths:
        for j in range(n_tags):
            best[0, j] = lowest if forbidden_start[j] else start[j] + scores[first, j]
        for t in range(1, length):
            for j in range(n_tags):
                best[t, j] = lowest
            for i in range(n_tags):
                before = best[t - 1, i]
                for j in range(n_tags):
                    score = before + allowed[i, j]
                    best[t, j] = score if score > best[t, j] else best[t, j]
            for j in range(n_tags):
                best[t, j] += scores[first + t, j]
        last = length - 1
        tag, greatest = -1, lowest
        for j in range(n_tags):
            score = lowest if forbidden_end[j] else best[last, j] + end[j]
            if tag < 0 or score > greatest:
                tag, greatest = j, score
        path[first + last] = tag
        for t in range(last, 0, -1):
            before, greatest = 0, best[t - 1, 0] + allowed[0, tag]
            for i in range(1, n_tags):
                score = best[t - 1, i] + allowed[i, tag]
                if score > greatest:
                    before, greatest = i, score
            tag = before
            path[first + t - 1] = tag
        first += length


@compiled
def _weights(
    scores: NDArray,
    first: int,
    length: int,
    start: NDArray,
    end: NDArray,
    forbidden_start: NDArray,
    forbidden_end: NDArray,
    scale: float,
    emit: NDArray,
) -> None:
    """Each step's weights of tags, of which the greatest is 1; 0 for forbidden ones.

    scale: what all scores are multiplied by.
    """
    n_tags = scores.shape[1]
    for t in range(length):
        greatest = -np.inf
        for j in range(n_tags):
            score: Any = np.float64(scores[first + t, j])
            if t == 0:
                score = -np.inf if forbidden_start[j] else score + start[j]
            if t == length - 1:
                score = -np.inf if forbidden_end[j] else score + end[j]
            emit[t, j] = score
            greatest = score if score > greatest else greatest
        for j in range(n_tags):
            if emit[t, j] == -np.inf:
                emit[t, j] = 0.0
            else:
                emit[t, j] = np.exp(max(scale * (emit[t, j] - greatest), FAR_BEHIND))


@compiled
def _forward_backward(
    emit: NDArray, length: int, weights: NDArray, alpha: NDArray, beta: NDArray
) -> bool:
    """The scaled recursions of Rabiner 1989, section V.A; `emit` is divided by its scales."""
    n_tags = len(weights)
    for t in range(length):
        for j in range(n_tags):
            alpha[t, j] = 1.0 if t == 0 else 0.0
        if t > 0:
            for i in range(n_tags):
                before = alpha[t - 1, i]
                for j in range(n_tags):
                    alpha[t, j] += before * weights[i, j]
        norm = 0.0
        for j in range(n_tags):
            alpha[t, j] *= emit[t, j]
            norm += alpha[t, j]
        if not norm > 0.0:
            return False
        for j in range(n_tags):
            alpha[t, j] /= norm
            emit[t, j] /= norm
    beta[length - 1] = 1.0
    for t in range(length - 1, 0, -1):
        for i in range(n_tags):
            total = 0.0
            for j in range(n_tags):
                total += weights[i, j] * emit[t, j] * beta[t, j]
            beta[t - 1, i] = total
    return True


@compiled
def _spans(
    scores: NDArray,
    lengths: NDArray,
    start: NDArray,
    pairs: NDArray,
    end: NDArray,
    forbidden_start: NDArray,
    forbidden_pairs: NDArray,
    forbidden_end: NDArray,
    scale: float,
    first: NDArray,
    last: NDArray,
    tags: NDArray,
    probabilities: NDArray,
) -> bool:
    n_tags = scores.shape[1]
    greatest = -np.inf
    for i in range(n_tags):
        for j in range(n_tags):
            if not forbidden_pairs[i, j] and pairs[i, j] > greatest:
                greatest = np.float64(pairs[i, j])
    weights = np.zeros((n_tags, n_tags))
    for i in range(n_tags):
        for j in range(n_tags):
            if not forbidden_pairs[i, j]:
                weights[i, j] = np.exp(scale * (np.float64(pairs[i, j]) - greatest))
    longest = max(1, lengths.max())
    emit, alpha, beta = (
        np.empty((longest, n_tags)),
        np.empty((longest, n_tags)),
        np.empty((longest, n_tags)),
    )
    sequence, begin, done = 0, 0, -1
    for n in range(len(first)):
        while first[n] >= begin + lengths[sequence]:
            begin += lengths[sequence]
            sequence += 1
        if done != sequence:
            done = sequence
            _weights(
                scores,
                begin,
                lengths[sequence],
                start,
                end,
                forbidden_start,
                forbidden_end,
                scale,
                emit,
            )
            if not _forward_backward(emit, lengths[sequence], weights, alpha, beta):
                return False
        t, stop = first[n] - begin, last[n] - begin
        tag = tags[n, 0] if t == stop else tags[n, 1]
        probability = alpha[t, tag]
        while t < stop:
            t += 1
            following = tags[n, 3] if t == stop else tags[n, 2]
            probability *= weights[tag, following] * emit[t, following]
            tag = following
        probabilities[n] = min(max(probability * beta[stop, tag], 0.0), 1.0)
    return True


def warm_up() -> None:
    """Load all of them, by a call for one token."""
    chain, one = LinearChainCRF(5), np.ones(1, dtype=np.int64)
    first, tags = np.zeros(1, dtype=np.int64), np.array([[4, 1, 2, 3]])
    viterbi(chain, torch.zeros(1, 5), one)
    span_probability(chain, torch.zeros(1, 5), one, first, first, tags)
