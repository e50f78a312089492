"""Words from their characters by a convolution."""

import torch
from torch import Tensor, nn


class CharCNN(nn.Module):
    """Character embeddings, a convolution over the word, and the maximum over its positions.

    Source: Ma and Hovy 2016, https://arxiv.org/abs/1603.01354.

    n_chars: number of character ids; id 0 is padding and embeds to zeros.
    char_width: width of a character embedding.
    filters: number of filters, the width of the output.
    window: characters that a filter sees, odd.
    """

    PADDING = 0

    def __init__(self, n_chars: int, char_width: int, filters: int, window: int = 3) -> None:
        super().__init__()
        if window < 1 or window % 2 == 0:
            raise ValueError(f"The character window must be odd and positive, got {window}.")
        self.embedding = nn.Embedding(n_chars, char_width, padding_idx=self.PADDING)
        self.convolution = nn.Conv1d(char_width, filters, window, padding=window // 2)
        bound = (3.0 / char_width) ** 0.5
        nn.init.uniform_(self.embedding.weight, -bound, bound)
        nn.init.zeros_(self.embedding.weight.data[self.PADDING])
        nn.init.xavier_uniform_(self.convolution.weight)
        nn.init.zeros_(self.convolution.bias)  # type: ignore[arg-type]

    def forward(self, chars: Tensor) -> Tensor:
        """Embed a batch of words.

        chars: (words, characters) ids, PADDING after the last character of a word.
        RETURNS: (words, filters). A word does not depend on the others or on its padding: zeros
            stand beyond its last character either way, and padding never wins the maximum.
        """
        x = self.convolution(self.embedding(chars).transpose(1, 2))
        padding = (chars == self.PADDING).unsqueeze(1)
        # A word with no characters keeps one position, so that its maximum is finite.
        padding[:, :, :1] = False
        return torch.amax(x.masked_fill(padding, -torch.inf), dim=2)
