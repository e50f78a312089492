"""Words from their characters by a convolution."""

import torch
from torch import Tensor, nn
from torch.nn import functional


class CharCNN(nn.Module):
    """Character embeddings, a convolution over the word, and the maximum over its positions.

    Source: Ma and Hovy 2016, https://arxiv.org/abs/1603.01354.

    A filter's response to a window is a sum over its characters, and there are few of them: what
    each character adds at each place of the window is computed once a batch and then looked up.
    This is the same convolution, several times as fast on a CPU as multiplying it out.

    n_chars: number of character ids; id 0 stands beyond both ends of a word.
    char_width: width of a character embedding.
    filters: number of filters, the width of the output.
    window: characters that a filter sees, odd.
    """

    PADDING = 0

    def __init__(self, n_chars: int, char_width: int, filters: int, window: int = 3) -> None:
        super().__init__()
        if window < 1 or window % 2 == 0:
            raise ValueError(f"The character window must be odd and positive, got {window}.")
        self.embedding = nn.Embedding(n_chars, char_width)
        self.convolution = nn.Conv1d(char_width, filters, window)
        bound = (3.0 / char_width) ** 0.5
        nn.init.uniform_(self.embedding.weight, -bound, bound)
        nn.init.zeros_(self.embedding.weight.data[self.PADDING])
        nn.init.xavier_uniform_(self.convolution.weight)
        nn.init.zeros_(self.convolution.bias)  # type: ignore[arg-type]

    def forward(self, chars: Tensor) -> Tensor:
        """Embed a batch of words.

        chars: (words, characters) ids, PADDING after the last character of a word.
        RETURNS: (words, filters). A word does not depend on the others or on its padding: the
            same id stands beyond its last character either way, and the maximum is over its own
            characters only.
        """
        weight, bias = self.convolution.weight, self.convolution.bias
        assert bias is not None
        window = weight.size(2)
        table = torch.einsum("cw,fwp->pcf", self.embedding.weight, weight)
        windows = functional.pad(chars, (window // 2, window // 2)).unfold(1, window, 1)
        places = torch.arange(window, device=chars.device) * table.size(1)
        # Words differ much in length: only their own characters are looked up, word after word.
        # A word with no characters keeps one position, so that its maximum is finite.
        own = chars != self.PADDING
        own[:, :1] = True
        rows = windows[own] + places
        responses = functional.embedding_bag(rows, table.flatten(0, 1), mode="sum")
        lengths = own.sum(dim=1)
        return torch.segment_reduce(responses, "max", lengths=lengths, unsafe=True) + bias
