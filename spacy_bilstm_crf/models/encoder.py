"""The encoder over the flat tokens of a batch, with a memory of their docs around it."""

from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..batching.layout import Layout
from ..nn import BiLSTMEncoder
from ..nn.doc_memory import DocSummary, recall_words, recall_words_
from ..nn.type_cache import TypeCache

TensorVectors = tuple[Tensor, Tensor | None, NDArray[np.uint64] | None, object]

# MKL multiplies so many rows as it does thousands.
_BLOCK = 16


class DocEncoder(nn.Module):
    """A BiLSTMEncoder over the tokens of docs.

    On a CPU they are read by our own LSTM, step by step and without padding; on a GPU, in bfloat16,
    and where a stack or convolutions read windows, by torch's in padded buckets. Both have the same
    weights and give the same.

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
        self.cache = TypeCache(self.parameters())

    def forward(
        self,
        vectors: TensorVectors,
        layout: Layout,
        doc_of: Tensor | None,
        word_of: Tensor | None,
        in_half: bool = False,
    ) -> Tensor:
        """Encode a batch.

        vectors: `models.by_doc.Vectors` of the features, as tensors.
        doc_of, word_of: (tokens,) for a memory: which doc a token is of, and which of all docs'
            words it is, from 0.
        in_half: whether to multiply in bfloat16.
        RETURNS: (tokens, output_width).
        """
        rows, row_of, *_ = vectors
        if len(layout.lengths) == 0:
            return rows.new_zeros(0, self.output_width)
        depth, has_cnn = self.encoder.settings["depth"], len(self.encoder.cnn.layers) > 0
        # Of a window, all layers are read before the next one: step by step, one after another is.
        in_steps = not layout.has_windows or (depth <= 1 and not has_cnn)
        on_cpu = rows.device.type == "cpu" and not in_half and in_steps
        if on_cpu and depth > 0 and not has_cnn and not torch.is_grad_enabled():
            return self._predict(vectors, layout, doc_of, word_of)
        features = rows if row_of is None else rows.index_select(0, row_of)
        if self.summary is not None and doc_of is not None:
            summary = self.summary(features, doc_of)
            features = torch.cat([features, summary.index_select(0, doc_of)], dim=1)
        if on_cpu:
            encoded = self._encode_flat(features, layout)
        elif in_half:
            with torch.autocast(features.device.type, dtype=torch.bfloat16):
                encoded = layout.buckets.map(self._encode, features.bfloat16()).float()
        else:
            encoded = layout.buckets.map(self._encode, features)
        return encoded if word_of is None else recall_words(encoded, word_of)

    def _predict(
        self,
        vectors: TensorVectors,
        layout: Layout,
        doc_of: Tensor | None,
        word_of: Tensor | None,
    ) -> Tensor:
        """`forward` without a gradient. All that is linear is done once a row, and the rows of
        words are kept for the batches that follow."""
        rows, row_of, keys, token = vectors
        if keys is None:
            projected = self._project(rows)
        else:
            assert row_of is not None
            projected, slots, _ = self.cache.look_up(
                keys, lambda nth: self._project_each(rows[nth]), token
            )
            row_of = slots.index_select(0, row_of)
        shared = None
        if self.summary is not None and doc_of is not None:
            own = projected[:, -self.summary.linear.out_features :]
            own = own if row_of is None else own.index_select(0, row_of)
            summary = self.summary.summarize(own, doc_of)
            last = torch.from_numpy(layout.lengths).cumsum(0) - 1
            shared = summary.index_select(0, doc_of.index_select(0, last))
        output = rows.new_empty(int(layout.lengths.sum()) + 1, self.output_width)
        steps = layout.steps(bidirectional=bool(self.encoder.settings["bidirectional"]))
        self.encoder.predict_flat(projected, row_of, shared, layout.sequence_of, steps, output)
        if word_of is not None:
            recall_words_(output[:-1], word_of)
        return output[:-1]

    def _project_each(self, rows: Tensor) -> Tensor:
        """`_project` whose rows do not depend, not even in the last bit, on how many there are, so
        that kept ones change nothing: products of few rows are computed in other ways."""
        padding = rows.new_zeros(-len(rows) % _BLOCK, rows.shape[1])
        return self._project(torch.cat([rows, padding]))[: len(rows)]

    def _project(self, rows: Tensor) -> Tensor:
        projected = self.encoder.project(rows)
        if self.summary is None:
            return projected
        return torch.cat([projected, self.summary.project(rows)], dim=1)

    def _encode_flat(self, features: Tensor, layout: Layout) -> Tensor:
        if len(self.encoder.cnn.layers) > 0:
            features = self._convolve(features, layout)
        steps = layout.steps(bidirectional=bool(self.encoder.settings["bidirectional"]))
        return self.encoder.learn_flat(features, layout.sequence_of, steps)

    def _convolve(self, features: Tensor, layout: Layout) -> Tensor:
        encoder = self.encoder
        return layout.buckets.map(
            lambda x, lengths, mask: encoder.cnn(encoder.dropout(x), mask), features
        )

    def _encode(self, x: Tensor, lengths: Tensor, mask: Tensor) -> Tensor:
        return cast(Tensor, self.encoder(x, lengths))
