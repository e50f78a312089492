"""Words from their characters by an LSTM."""

import torch
from torch import Tensor, nn

from .lstm.encoder import BiLSTMEncoder


class CharLSTM(nn.Module):
    """Character embeddings, and the last states of an LSTM that reads the word forwards and of one
    that reads it backwards.

    Source: Lample et al. 2016, https://arxiv.org/abs/1603.01360.

    n_chars: number of character ids; id 0 stands beyond the end of a word.
    char_width: width of a character embedding.
    filters: the width of the output, an even number: each direction has half of it.
    """

    PADDING = 0

    def __init__(self, n_chars: int, char_width: int, filters: int) -> None:
        super().__init__()
        if filters % 2:
            raise ValueError(f"char_filters must be even for a character LSTM, got {filters}.")
        self.embedding = nn.Embedding(n_chars, char_width)
        self.encoder = BiLSTMEncoder(char_width, filters // 2)
        bound = (3.0 / char_width) ** 0.5
        nn.init.uniform_(self.embedding.weight, -bound, bound)
        nn.init.zeros_(self.embedding.weight.data[self.PADDING])

    def forward(self, chars: Tensor) -> Tensor:
        """Embed a batch of words.

        chars: (words, characters) ids, PADDING after the last character of a word.
        RETURNS: (words, filters). A word does not depend on the others or on its padding.
        """
        lengths = (chars != self.PADDING).sum(dim=1).clamp(min=1)
        states = self.encoder(self.embedding(chars), lengths)
        half = states.size(2) // 2
        rows = torch.arange(len(chars), device=chars.device)
        return torch.cat([states[rows, lengths - 1, :half], states[:, 0, half:]], dim=1)
