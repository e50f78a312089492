"""Spans that are probable enough to be entities, and the most probable analyses of a text."""

from __future__ import annotations

import heapq
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..models.tag_distribution import TagDistribution, span_probability
from ..tags import Spans, ids_to_spans


def candidate_spans(tags: TagDistribution, threshold: float) -> tuple[Spans, NDArray[np.float64]]:
    """All spans whose P(entity of a label | text) is at least a threshold above 0, by start.

    RETURNS: the spans, which may overlap; and (spans,).
    """
    found: list[tuple[NDArray[Any], ...]] = []
    first = np.cumsum(tags.lengths) - tags.lengths
    for lattice, sequences in tags.lattices():
        likely = (lattice.marginals >= threshold).cpu().numpy()
        for label in range((likely.shape[2] - 1) // 4):
            rows, start, last = _likely_spans(likely[:, :, 1 + 4 * label : 5 + 4 * label])
            labels = np.full(len(rows), label)
            scores = span_probability(lattice, rows, start, last, labels)
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


def top_k_entities(tags: TagDistribution, k: int) -> list[tuple[float, Spans]]:
    """The entities of the k most probable tag sequences of a text, best first; fewer if it has
    fewer. RETURNS: the probability and the entities of each."""
    by_sequence: dict[int, list[tuple[float, NDArray[np.int64]]]] = {}
    for lattice, sequences in tags.lattices():
        paths, logs = (tensor.cpu().numpy() for tensor in lattice.k_best(k))
        for row, sequence in enumerate(sequences.tolist()):
            by_sequence[sequence] = [
                (float(log), path[row, : tags.lengths[sequence]])
                for path, log in zip(paths, logs[:, row])
                if log > -np.inf
            ]
    # Sequences are independent: the best of all combinations are those of the best so far. Logs,
    # since an analysis of thousands of words may be less probable than floats can say.
    best: list[tuple[float, list[NDArray[np.int64]]]] = [(0.0, [])]
    for sequence in range(len(tags.lengths)):
        combined = (
            (p + q, [*paths, path]) for p, paths in best for q, path in by_sequence[sequence]
        )
        best = heapq.nlargest(k, combined, key=lambda analysis: analysis[0])
    return [(math.exp(log), ids_to_spans(np.concatenate(paths))) for log, paths in best]
