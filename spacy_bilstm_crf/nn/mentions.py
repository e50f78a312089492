"""What a document says about the same word elsewhere."""

import torch
from torch import Tensor


def mean_of_mentions(states: Tensor, word_of: Tensor) -> Tensor:
    """The mean of the states of all mentions of a word.

    states: (tokens, width). word_of: (tokens,) which word of its document each token is, from 0.
    RETURNS: (tokens, width), the same for all mentions.
    """
    n_words = int(word_of.max()) + 1
    total = states.new_zeros(n_words, states.shape[1]).index_add(0, word_of, states)
    count = torch.bincount(word_of, minlength=n_words).unsqueeze(1)
    return (total / count).index_select(0, word_of)
