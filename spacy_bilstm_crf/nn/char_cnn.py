"""Words from their characters by a convolution."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from .segment_mean import runs_compiled


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
        filters, _, window = weight.shape
        # What each character adds at each place of the window: (ids, window, filters).
        table = self.embedding.weight @ weight.permute(1, 2, 0).flatten(1)
        if runs_compiled(table):
            responses = _Convolution.apply(chars, table.unflatten(1, (window, filters)), bias)
            assert isinstance(responses, Tensor)
            return responses
        windows = functional.pad(chars, (window // 2, window // 2)).unfold(1, window, 1)
        # Words differ much in length: only their own characters are looked up, word after word.
        # A word with no characters keeps one position, so that its maximum is finite.
        own = chars != self.PADDING
        own[:, :1] = True
        rows = windows[own] * window + torch.arange(window, device=chars.device)
        responses = functional.embedding_bag(rows, table.view(-1, filters), mode="sum")
        lengths = own.sum(dim=1)
        return torch.segment_reduce(responses, "max", lengths=lengths, unsafe=True) + bias


class _Convolution(torch.autograd.Function):
    """The responses by compiled loops. A word's response passes its gradient on to the characters
    that the filter saw where it was greatest."""

    @staticmethod
    def forward(  # type: ignore[override]
        ctx: Any, chars: Tensor, table: Tensor, bias: Tensor
    ) -> Tensor:
        from .segment_kernels import convolve_words

        result = table.new_empty(len(chars), len(bias))
        place = torch.empty(result.shape, dtype=torch.int32)
        arrays = (chars, table, bias, result, place)
        convolve_words(*(array.detach().numpy() for array in arrays), CharCNN.PADDING)
        ctx.save_for_backward(chars, place)
        ctx.shape = table.shape
        return result

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_result: Tensor) -> Any:  # type: ignore[override]
        from .segment_kernels import convolve_words_back

        chars, place = ctx.saved_tensors
        d_table = d_result.new_zeros(ctx.shape)
        arrays = (chars, place, d_result.contiguous(), d_table)
        convolve_words_back(*(array.numpy() for array in arrays), CharCNN.PADDING)
        return None, d_table, d_result.sum(dim=0)
