"""The order in which an LSTM reads the tokens of a batch: step by step, without padding."""

import numpy as np
import torch

from ..nn.lstm.recurrence import Steps
from .windows import Windows


def make_steps(windows: Windows, n_tokens: int, *, bidirectional: bool) -> list[Steps]:
    """Lay windows out in steps.

    n_tokens: of the flat array.
    RETURNS: the steps of the forward LSTM, and those of the backward one if there is one, which
        reads each window from its end.
    """
    if len(windows.sizes) == 1:
        return _one_sequence(int(windows.first[0]), int(windows.sizes[0]), bidirectional)
    order = np.argsort(-windows.sizes, kind="stable")
    first, sizes, core_first, core_end = (column[order] for column in windows)
    # How many windows are longer than each step.
    n_rows = len(sizes) - np.cumsum(np.bincount(sizes, minlength=1))[:-1]
    step = np.repeat(np.arange(len(n_rows)), n_rows)
    row = np.arange(len(step)) - np.repeat(np.cumsum(n_rows) - n_rows, n_rows)
    result = []
    for token in [first[row] + step, (first + sizes - 1)[row] - step][: 1 + bidirectional]:
        is_core = (core_first[row] <= token) & (token < core_end[row])
        target = np.where(is_core, token, n_tokens)
        arrays = (torch.from_numpy(array) for array in (token, target))
        result.append(Steps(n_rows.tolist(), *arrays))
    return result


def _one_sequence(first: int, size: int, bidirectional: bool) -> list[Steps]:
    """The same for a short text, where it matters how long this takes."""
    forward = torch.arange(first, first + size)
    tokens = [forward, forward.flip(0)] if bidirectional else [forward]
    return [Steps([1] * size, token, token) for token in tokens]
