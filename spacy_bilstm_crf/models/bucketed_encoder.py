"""The encoder over flat tokens: padded into buckets, encoded, unpadded, with a memory around it."""

from typing import Any, cast

import torch
from torch import Tensor, nn

from ..batching.buckets import Buckets
from ..nn import BiLSTMEncoder
from ..nn.doc_memory import DocSummary, recall_words


class BucketedEncoder(nn.Module):
    """A BiLSTMEncoder that reads the flat tokens of a batch.

    memory: whether to add the mean over all mentions of a token's word to the output.
    doc_width: width of the summary of a token's doc that is added to the input.
    settings: those of the encoder, without the summary.
    """

    def __init__(
        self, input_width: int, memory: bool = False, doc_width: int = 0, **settings: Any
    ) -> None:
        super().__init__()
        self.settings = {
            **settings, "input_width": input_width, "memory": memory, "doc_width": doc_width
        }  # fmt: skip
        self.encoder = BiLSTMEncoder(input_width + doc_width, **settings)
        self.summary = None
        if doc_width > 0:
            self.summary = DocSummary(input_width, doc_width, self.encoder.dropout)
        self.output_width = self.encoder.output_width * (1 + memory)

    def forward(
        self,
        flat: Tensor,
        buckets: Buckets,
        doc_of: Tensor | None,
        word_of: Tensor | None,
        in_half: bool = False,
    ) -> Tensor:
        """flat: (tokens, input_width). doc_of, word_of: (tokens,) for a memory: which doc a token
        is of, and which of all docs' words it is, from 0. in_half: whether to multiply in bfloat16.
        RETURNS: (tokens, output_width)."""
        if len(flat) == 0:
            return flat[:, :1].expand(0, self.output_width)
        if self.summary is not None and doc_of is not None:
            flat = self.summary(flat, doc_of)
        if in_half:
            with torch.autocast(flat.device.type, dtype=torch.bfloat16):
                encoded = buckets.map(self._encode, flat.bfloat16()).float()
        else:
            encoded = buckets.map(self._encode, flat)
        return encoded if word_of is None else recall_words(encoded, word_of)

    def _encode(self, x: Tensor, lengths: Tensor, mask: Tensor) -> Tensor:
        return cast(Tensor, self.encoder(x, lengths))
