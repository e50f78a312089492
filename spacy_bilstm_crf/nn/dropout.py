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
        if not self.training or self.rate == 0.0:
            return x
        keep = 1.0 - self.rate
        mask = torch.empty_like(x[:, :1]).bernoulli_(keep).div_(max(keep, 1e-6))
        return x * mask

    def extra_repr(self) -> str:
        """Show the rate when the module is printed."""
        return f"rate={self.rate}"
