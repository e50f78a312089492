"""The mean over each group of tokens."""

import torch
from torch import Tensor


def segment_mean(states: Tensor, group_of: Tensor) -> Tensor:
    """The mean of the states of each group of tokens.

    states: (tokens, width). group_of: (tokens,) the group of each token, from 0, none empty.
    RETURNS: (groups, width).
    """
    counts = torch.bincount(group_of)
    total = states.new_zeros(len(counts), states.shape[1]).index_add(0, group_of, states)
    return total / counts.unsqueeze(1)
