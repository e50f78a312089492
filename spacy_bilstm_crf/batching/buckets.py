"""Where tokens stand in padded buckets: the one place that pads and unpads.

Tokens of a batch lie in one flat array, sequence after sequence. Sequences, or windows, of like
length form a bucket (rows, time).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .windows import Windows

# Padded cells of a bucket: what bounds the memory that a batch takes in the encoder.
_MAX_CELLS = 16384
# What a bucket costs beyond its cells, counted in cells.
_BUCKET_IN_CELLS = 60
# On a GPU a step takes as long for a thousand rows as for one.
_GPU_STEP_IN_ROWS = 1000.0


@dataclass(frozen=True)
class Buckets:
    """Padded buckets over a flat array of tokens.

    buckets: for each bucket, the token index of each cell, (rows, time), where padding repeats the
        row's last token; the rows' lengths, (rows,); and its mask of tokens, (rows, time).
    take: (tokens,) the cell of each token, counted through all buckets in order.
    """

    buckets: list[tuple[Tensor, Tensor, Tensor]]
    take: Tensor

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        return iter(self.buckets)

    def map(self, function: Callable[[Tensor, Tensor, Tensor], Tensor], flat: Tensor) -> Tensor:
        """Apply function(padded, lengths, mask) -> (rows, time, ...) to each bucket of `flat` and
        return one result per token: (tokens, ...)."""
        results = []
        for index, lengths, mask in self:
            results.append(function(pad(flat, index), lengths, mask).flatten(0, 1))
        return torch.cat(results).index_select(0, self.take)


def pad(flat: Tensor, index: Tensor) -> Tensor:
    """Put flat tokens into a bucket. flat: (tokens, ...). index: (rows, time).
    RETURNS: (rows, time, ...). With index_select, whose gradient is several times as fast as that
    of flat[index]."""
    return flat.index_select(0, index.flatten()).unflatten(0, index.shape)


def make_buckets(windows: Windows, device: torch.device, *, step_in_rows: float = 1.5) -> Buckets:
    """Lay windows out in buckets.

    step_in_rows: what one more step of a bucket costs, counted in rows: little where the work of a
        step grows with its rows, as in an LSTM, and much where it hardly does. On a GPU it does
        not.
    """
    if device.type == "cuda":
        step_in_rows = max(step_in_rows, _GPU_STEP_IN_ROWS)
    window_first, sizes, core_first, core_end = windows
    order = np.argsort(-sizes, kind="stable")
    buckets = []
    cells = np.zeros(len(sizes), dtype=np.int64)  # the first cell of each window
    n_cells = 0
    for rows in np.split(order, _bucket_borders(sizes[order], step_in_rows)):
        if len(rows) == 0:
            continue
        time = sizes[rows[0]]
        offsets = np.minimum(np.arange(time), sizes[rows, None] - 1)
        mask = np.arange(time) < sizes[rows, None]
        arrays = (window_first[rows, None] + offsets, sizes[rows], mask)
        buckets.append(tuple(torch.from_numpy(array).to(device) for array in arrays))
        cells[rows] = n_cells + np.arange(len(rows)) * time
        n_cells += len(rows) * time
    core_sizes = core_end - core_first
    within = np.arange(core_sizes.sum()) - np.repeat(np.cumsum(core_sizes) - core_sizes, core_sizes)
    take = np.repeat(cells + core_first - window_first, core_sizes) + within
    return Buckets(buckets, torch.from_numpy(take).to(device))  # type: ignore[arg-type]


def _bucket_borders(sizes: NDArray[np.int64], step_in_rows: float) -> list[int]:
    """Where to begin a new bucket in rows sorted by falling size, at the least cost: the cells of
    all buckets, their steps and the buckets themselves. Full buckets are cut further.

    Rows of one size stay together, so this looks at the borders between sizes only: `best[i]` is
    the least cost of the rows before border i, `cut[i]` where their last bucket begins.
    """
    borders = np.flatnonzero(np.diff(sizes, prepend=-1, append=-1))
    times = sizes[borders[:-1]]
    best = np.zeros(len(borders))
    cut = np.zeros(len(borders), dtype=np.int64)
    for i in range(1, len(borders)):
        rows = borders[i] - borders[:i]
        costs = best[:i] + times[:i] * (rows + step_in_rows) + _BUCKET_IN_CELLS
        cut[i] = costs.argmin()
        best[i] = costs[cut[i]]
    chosen: list[int] = []
    i = len(borders) - 1
    while i > 0:
        begin, end = borders[cut[i]], borders[i]
        full = max(1, _MAX_CELLS // int(sizes[begin]))
        chosen += range(begin, end, full)
        i = cut[i]
    return sorted(chosen)[1:]
