"""Where the tokens of a batch stand: its sequences, and how the encoder reads them."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..nn.lstm.recurrence import Steps
from .buckets import Buckets, make_buckets
from .steps import make_steps
from .windows import Windows, cut_windows


class Layout:
    """The sequences of a batch in one flat array of tokens, laid out for an encoder.

    lengths: (sequences,) tokens of each sequence; they follow one another.
    device: of the encoder.
    max_length, overlap: as for `cut_windows`.
    """

    def __init__(
        self,
        lengths: NDArray[np.int64],
        device: torch.device,
        *,
        max_length: int | None = None,
        overlap: int = 0,
    ) -> None:
        self.lengths = lengths
        self.device = device
        self._max_length, self._overlap = max_length, overlap

    @cached_property
    def sequence_of(self) -> Tensor:
        """The sequence of each token. RETURNS: (tokens,)."""
        numbers = np.repeat(np.arange(len(self.lengths)), self.lengths)
        return torch.from_numpy(numbers).to(self.device)

    @cached_property
    def _windows(self) -> Windows:
        return cut_windows(self.lengths, max_length=self._max_length, overlap=self._overlap)

    @property
    def has_windows(self) -> bool:
        """Tell whether a sequence is so long that it is read in windows."""
        return self._max_length is not None and self.lengths.max(initial=0) > self._max_length

    @cached_property
    def buckets(self) -> Buckets:
        """Padded, as torch's LSTM reads them on a GPU."""
        return make_buckets(self._windows, self.device)

    def steps(self, *, bidirectional: bool) -> list[Steps]:
        """Step by step, as our own LSTM reads them on a CPU."""
        return make_steps(self._windows, int(self.lengths.sum()), bidirectional=bidirectional)
