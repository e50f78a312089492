"""Windows of long sequences: what the encoder reads at once."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Windows(NamedTuple):
    """Stretches of a flat array of tokens that are read at once: whole sequences, and overlapping
    windows of long ones. Every token is taken from the one window in whose core it stands.

    first, sizes: (windows,) the first token, and how many are read.
    core_first, core_end: (windows,) the tokens that are taken.
    """

    first: NDArray[np.int64]
    sizes: NDArray[np.int64]
    core_first: NDArray[np.int64]
    core_end: NDArray[np.int64]


def cut_windows(
    lengths: NDArray[np.int64],
    *,
    max_length: int | None = None,
    overlap: int = 0,
    starts: NDArray[np.int64] | None = None,
) -> Windows:
    """Cut sequences longer than `max_length` into windows.

    lengths: (sequences,) tokens of each sequence.
    max_length: longest window in tokens; None for no windows.
    overlap: tokens of context that a window has on either side of the tokens it gives.
    starts: (sequences,) where each begins in the flat array, if they do not follow one another.
    """
    if starts is None:
        starts = np.cumsum(lengths) - lengths
    if max_length is None or lengths.max(initial=0) <= max_length:
        return Windows(starts, lengths, starts, starts + lengths)
    step = max(1, max_length - 2 * overlap)
    is_cut = lengths > max_length
    n_windows = np.where(is_cut, -(-lengths // step), 1)
    first = np.repeat(starts, n_windows)
    end = first + np.repeat(lengths, n_windows)
    nth = np.arange(n_windows.sum()) - np.repeat(np.cumsum(n_windows) - n_windows, n_windows)
    core_first = first + nth * step
    core_end = np.where(np.repeat(is_cut, n_windows), np.minimum(core_first + step, end), end)
    window_first = np.maximum(core_first - overlap, first)
    sizes = np.minimum(core_end + overlap, end) - window_first
    return Windows(window_first, sizes, core_first, core_end)
