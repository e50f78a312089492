"""Exact probabilities of entities, and of readings of a text."""

from __future__ import annotations

import heapq
import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from thinc.api import Model
from thinc.types import Floats2d
from torch import Tensor

from ..models.crf import crf_lattices
from ..nn import Lattice
from ..tags import Spans, ids_to_spans


def span_confidences(
    crf: Model[Any, Any], emissions: Floats2d, lengths: NDArray[np.int64], spans: Spans
) -> NDArray[np.float64]:
    """P(span is an entity of its label | text) of each span, none of which reaches across
    sequences.

    emissions: (tokens, tags) scores, -inf for tags that are ruled out, sequence after sequence.
    lengths: (sequences,) tokens of each sequence.
    spans: their places are tokens of the flat emissions.
    RETURNS: (spans,).
    """
    result = np.zeros(len(spans.starts))
    first = np.cumsum(lengths) - lengths
    sequence = np.searchsorted(first, spans.starts, side="right") - 1
    # Sequences without a span need no probabilities.
    wanted, own = np.unique(sequence, return_inverse=True)
    chosen = np.zeros(len(lengths), dtype=bool)
    chosen[wanted] = True
    tokens = np.repeat(chosen, lengths)
    if len(wanted) == 0:
        return result
    kept = emissions[_index(emissions, tokens)]
    for lattice, rows in crf_lattices(crf, kept, lengths[wanted]):
        row_of = np.full(len(wanted), -1)
        row_of[rows] = np.arange(len(rows))
        here = np.flatnonzero(row_of[own] >= 0)
        start = spans.starts[here] - first[sequence[here]]
        last = spans.ends[here] - 1 - first[sequence[here]]
        result[here] = _probabilities(lattice, row_of[own[here]], start, last, spans.labels[here])
    return result


def _index(emissions: Floats2d, tokens: NDArray[np.bool_]) -> Any:
    """An index of tokens in the library that the emissions are of."""
    return tokens if isinstance(emissions, np.ndarray) else np.flatnonzero(tokens).tolist()


def candidate_spans(
    crf: Model[Any, Any], emissions: Floats2d, lengths: NDArray[np.int64], threshold: float
) -> tuple[Spans, NDArray[np.float64]]:
    """All spans whose P(entity of a label | text) is at least a threshold above 0, by start.

    Arguments as for `span_confidences`. RETURNS: the spans, which may overlap; and (spans,).
    """
    found: list[tuple[NDArray[Any], ...]] = []
    first = np.cumsum(lengths) - lengths
    for lattice, sequences in crf_lattices(crf, emissions, lengths):
        likely = (lattice.marginals >= threshold).cpu().numpy()
        for label in range((likely.shape[2] - 1) // 4):
            rows, start, last = _likely_spans(likely[:, :, 1 + 4 * label : 5 + 4 * label])
            labels = np.full(len(rows), label)
            scores = _probabilities(lattice, rows, start, last, labels)
            keep = scores >= threshold
            offset = first[sequences[rows]]
            columns = (start + offset, last + 1 + offset, labels, scores)
            found.append(tuple(column[keep] for column in columns))
    starts, ends, labels, scores = (np.concatenate(column) for column in zip(*found))
    order = np.lexsort((labels, ends, starts))
    return Spans(starts[order], ends[order], labels[order]), scores[order]


def _likely_spans(likely: NDArray[np.bool_]) -> tuple[NDArray[np.int64], ...]:
    """Spans of which each tag is likely: none is more probable than the least of its tags.

    likely: (rows, steps, 4) for the tags B, I, L and U of a label.
    RETURNS: the row, first and last step of each.
    """
    n_steps = likely.shape[1]
    steps = np.arange(n_steps)
    begin, inside, end, single = np.moveaxis(likely, 2, 0)
    # The next step at which it can't go on inside: no span reaches past it.
    stop = np.minimum.accumulate(np.where(inside, n_steps, steps)[:, ::-1], axis=1)[:, ::-1]
    begin_row, begin_step = np.nonzero(begin[:, :-1])
    end_row, end_step = np.nonzero(end)
    places = end_row * n_steps + end_step  # sorted
    own = begin_row * n_steps
    low = np.searchsorted(places, own + begin_step, side="right")
    reach = np.minimum(stop[begin_row, begin_step + 1], n_steps - 1)
    counts = np.searchsorted(places, own + reach, side="right") - low
    nth = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    last = end_step[np.repeat(low, counts) + nth]
    one_row, one_step = np.nonzero(single)
    return (
        np.concatenate([one_row, np.repeat(begin_row, counts)]),
        np.concatenate([one_step, np.repeat(begin_step, counts)]),
        np.concatenate([one_step, last]),
    )


def choose_spans(spans: Spans, scores: NDArray[np.float64]) -> tuple[Spans, NDArray[np.float64]]:
    """The most probable spans that do not overlap: each that overlaps a more probable one is left
    out. RETURNS: the spans left, by start, and their scores."""
    taken = np.zeros(spans.ends.max(initial=0), dtype=bool)
    chosen = []
    for i in np.argsort(-scores, kind="stable").tolist():
        place = slice(spans.starts[i], spans.ends[i])
        if not taken[place].any():
            taken[place] = True
            chosen.append(i)
    index = np.sort(np.array(chosen, dtype=np.int64))
    return Spans(*(column[index] for column in spans)), scores[index]


def n_best_readings(
    crf: Model[Any, Any], emissions: Floats2d, lengths: NDArray[np.int64], k: int
) -> list[tuple[float, Spans]]:
    """The k most probable readings of one text, best first; fewer if it has fewer.

    Arguments as for `span_confidences`. RETURNS: for each reading its probability and entities.
    """
    by_sequence: dict[int, list[tuple[float, NDArray[np.int64]]]] = {}
    for lattice, sequences in crf_lattices(crf, emissions, lengths):
        tags, logs = (tensor.cpu().numpy() for tensor in lattice.k_best(k))
        for row, sequence in enumerate(sequences.tolist()):
            by_sequence[sequence] = [
                (float(log), path[row, : lengths[sequence]])
                for path, log in zip(tags, logs[:, row])
                if log > -np.inf
            ]
    # Sequences are independent: the best of all combinations are those of the best so far. Logs,
    # since a reading of thousands of words may be less probable than floats can say.
    readings: list[tuple[float, list[NDArray[np.int64]]]] = [(0.0, [])]
    for sequence in range(len(lengths)):
        combined = (
            (p + q, [*paths, path]) for p, paths in readings for q, path in by_sequence[sequence]
        )
        readings = heapq.nlargest(k, combined, key=lambda reading: reading[0])
    return [(math.exp(log), ids_to_spans(np.concatenate(paths))) for log, paths in readings]


def _probabilities(
    lattice: Lattice,
    rows: NDArray[np.int64],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    labels: NDArray[np.int64],
) -> NDArray[np.float64]:
    begin = 1 + 4 * labels
    tags = np.stack([begin + 3, begin, begin + 1, begin + 2], axis=1)
    device = lattice.scores.device
    tensors: list[Tensor] = [torch.from_numpy(a).to(device) for a in (rows, first, last, tags)]
    probabilities: NDArray[np.float64] = lattice.path_probability(*tensors).cpu().numpy()
    return probabilities
