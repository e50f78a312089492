"""What tokens that belong together have in common."""

import torch
from torch import Tensor


def group_means(states: Tensor, group_of: Tensor) -> Tensor:
    """The mean of the states of each group of tokens.

    states: (tokens, width). group_of: (tokens,) the group of each token, from 0, none empty.
    RETURNS: (groups, width).
    """
    n_groups = int(group_of.max()) + 1
    total = states.new_zeros(n_groups, states.shape[1]).index_add(0, group_of, states)
    return total / torch.bincount(group_of, minlength=n_groups).unsqueeze(1)
