"""A memory of the document: what a token learns of the rest of its doc.

Source: Luo et al. 2020, https://arxiv.org/abs/1911.02257.
"""

import torch
from torch import Tensor, nn

from .dropout import LockedDropout
from .segment_mean import segment_mean


class DocSummary(nn.Module):
    """Gives each token a summary of its doc beside its features: what the doc is about.

    input_width: of the features. width: of the summary.
    """

    def __init__(self, input_width: int, width: int, dropout: LockedDropout) -> None:
        super().__init__()
        self.linear = nn.Linear(input_width, width)
        self.dropout = dropout

    def forward(self, features: Tensor, doc_of: Tensor) -> Tensor:
        """features: (tokens, input_width). doc_of: (tokens,) the doc of each token, from 0.
        RETURNS: (tokens, input_width + width)."""
        means = self.dropout(segment_mean(features, doc_of).unsqueeze(0)).squeeze(0)
        summary = torch.tanh(self.linear(means))
        return torch.cat([features, summary.index_select(0, doc_of)], dim=1)


def recall_words(states: Tensor, word_of: Tensor) -> Tensor:
    """Give each token the mean of the states of its word, beside its own.

    states: (tokens, width). word_of: (tokens,) which word of its doc each token is, from 0 through
    all docs. RETURNS: (tokens, 2 * width).
    """
    means = segment_mean(states, word_of)
    return torch.cat([states, means.index_select(0, word_of)], dim=1)
