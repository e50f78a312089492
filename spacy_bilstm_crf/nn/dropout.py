"""Dropout with one mask per sequence."""

import torch
from torch import Tensor, nn


class LockedDropout(nn.Module):
    """Drop the same features at every step of a sequence (variational dropout).

    Source: Gal and Ghahramani 2016, https://arxiv.org/abs/1512.05287.

    rate: the probability that a feature is dropped.
    """

    def __init__(self, rate: float = 0.0) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        """x: (batch, time, features). RETURNS: the same shape."""
        return x * self._mask(x[:, :1]) if self.is_active() else x

    def is_active(self) -> bool:
        """Tell whether anything is dropped."""
        return self.training and self.rate > 0.0

    def drop_shared(self, x: Tensor, sequence_of: Tensor) -> Tensor:
        """x: (tokens, features). sequence_of: (tokens,) the sequence of each, in order.
        RETURNS: the same shape."""
        if not self.is_active():
            return x
        mask = self._mask(x.new_empty(int(sequence_of[-1]) + 1, x.shape[1]))
        return x * mask.index_select(0, sequence_of)

    def _mask(self, x: Tensor) -> Tensor:
        keep = 1.0 - self.rate
        return torch.empty_like(x).bernoulli_(keep).div_(max(keep, 1e-6))

    def extra_repr(self) -> str:
        """Show the rate when the module is printed."""
        return f"rate={self.rate}"
