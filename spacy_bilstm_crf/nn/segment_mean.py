"""The mean over each group of tokens."""

from __future__ import annotations

import torch
from torch import Tensor

from . import compiled


def segment_mean(states: Tensor, group_of: Tensor) -> Tensor:
    """The mean of the states of each group of tokens.

    states: (tokens, width). group_of: (tokens,) the group of each token, from 0, none empty.
    RETURNS: (groups, width).
    """
    counts = torch.bincount(group_of)
    total = states.new_zeros(len(counts), states.shape[1])
    if runs_compiled(states) and not states.requires_grad:
        from .segment_kernels import add_rows

        add_rows(*(t.numpy() for t in (states.contiguous(), group_of, total)))
    else:
        total = total.index_add(0, group_of, states)
    return total / counts.unsqueeze(1)


def runs_compiled(states: Tensor) -> bool:
    """Tell whether compiled loops serve."""
    return states.device.type == "cpu" and states.dtype == torch.float32 and compiled.has_numba()
