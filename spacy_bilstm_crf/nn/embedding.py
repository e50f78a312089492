"""Token features: a learned word table, characters, letter case and pretrained vectors."""

from __future__ import annotations

from typing import Any, Literal, cast

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from .char_cnn import CharCNN
from .char_lstm import CharLSTM
from .type_cache import TypeCache


class WordCharEmbedding(nn.Module):
    """Embed tokens by word, characters and case.

    The features of a word type are given, and computed, once per batch; tokens point at types.
    Unseen words share row 0 of the word table. In training, words take that row at random, rare
    ones more often, so that it is trained and the other features carry their weight.

    n_words: rows of the word table, row 0 for the unknown word.
    n_chars: number of character ids.
    n_cases: number of letter-case classes.
    word_width, char_width, char_filters, char_window, case_width: as named; without filters, or
        with a case_width of 0, there are no such features.
    char_encoder: "cnn" for `CharCNN`, "lstm" for `CharLSTM`, which has no window.
    vector_width: width of the pretrained vectors, 0 for none.
    tuned: whether the word table stands in the space of the pretrained vectors: an unknown word
        that has a vector is then embedded by it. Otherwise vectors are features of their own.

    touched_rows: for an optimizer that updates row by row: the rows of the table that have gathered
        a gradient, by the name of the table.
    """

    UNKNOWN = 0

    def __init__(
        self,
        n_words: int,
        n_chars: int,
        n_cases: int,
        word_width: int,
        char_width: int,
        char_filters: int,
        char_window: int,
        case_width: int,
        vector_width: int,
        tuned: bool,
        char_encoder: Literal["cnn", "lstm"] = "cnn",
    ) -> None:
        super().__init__()
        self.settings = {
            key: value for key, value in locals().items() if key not in ("self", "__class__")
        }
        self.tuned = tuned
        self.words = nn.Embedding(n_words, word_width)
        self.touched_rows: dict[str, list[Tensor]] = {"words.weight": []}
        self.chars: nn.Module | None = None
        if char_filters > 0 and char_encoder == "lstm":
            self.chars = CharLSTM(n_chars, char_width, char_filters)
        elif char_filters > 0:
            self.chars = CharCNN(n_chars, char_width, char_filters, char_window)
        self.cases = nn.Embedding(n_cases, case_width) if case_width > 0 else None
        bound = (3.0 / word_width) ** 0.5
        nn.init.uniform_(self.words.weight, -bound, bound)
        nn.init.zeros_(self.words.weight.data[self.UNKNOWN])
        if self.cases is not None:
            nn.init.uniform_(self.cases.weight, -0.5, 0.5)
        self.cache = TypeCache(self.parameters())

    @property
    def output_width(self) -> int:
        """The sum of the widths of all features."""
        s = self.settings
        extra = 0 if self.tuned else s["vector_width"]
        return s["word_width"] + s["char_filters"] + s["case_width"] + extra

    def forward(
        self,
        types: Tensor,
        words: Tensor,
        drop: Tensor,
        chars: Tensor,
        cases: Tensor,
        vectors: Tensor | None = None,
        has_vector: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Embed a batch of tokens.

        types: (tokens,) index of each token's type in the arrays that follow.
        words: (types,) row of the word table, UNKNOWN for words outside it.
        drop: (types,) probability that the word becomes unknown in training.
        chars: (types, characters) character ids.
        cases: (types,) letter-case classes.
        vectors: (types, vector_width) pretrained vectors, zeros where there is none.
        has_vector: (types,) True where there is one.
        RETURNS: (rows, output_width), and (tokens,) which of the rows each token has. In training
            a type has two, with its word and without it, if both are met.
        """
        row_of, type_of = types, None
        if self.training:
            dropped = torch.rand(len(types), device=types.device) < drop[types]
            pairs, row_of = torch.unique(2 * types + dropped, return_inverse=True)
            type_of = pairs // 2
            words = words[type_of].masked_fill(pairs % 2 == 1, self.UNKNOWN)
        embedded = cast(
            Tensor,
            _RowLookup.apply(words, self.words.weight, self.touched_rows["words.weight"]),
        )
        if self.tuned and vectors is not None and has_vector is not None:
            if type_of is not None:
                vectors, has_vector = vectors[type_of], has_vector[type_of]
            pretrained = (words == self.UNKNOWN) & has_vector
            embedded = torch.where(pretrained.unsqueeze(1), vectors, embedded)
        per_type = []
        if self.chars is not None:
            per_type.append(self.chars(chars))
        if self.cases is not None:
            per_type.append(self.cases(cases))
        if vectors is not None and not self.tuned:
            per_type.append(vectors)
        if per_type:
            others = torch.cat(per_type, dim=1)
            if type_of is not None:
                others = others.index_select(0, type_of)
            embedded = torch.cat([embedded, others], dim=1)
        return embedded, row_of


class _RowLookup(torch.autograd.Function):
    """`weight[ids]`, whose backward pass adds the rows' gradients to `weight.grad` in place.

    A batch meets a few hundred of the table's rows. Autograd would allocate, clear and add up a
    gradient of the whole table for each; on a CPU that takes longer than the CRF.
    """

    @staticmethod
    def forward(  # type: ignore[override]
        ctx: Any, ids: Tensor, weight: Tensor, met: list[Tensor]
    ) -> Tensor:
        ctx.save_for_backward(ids)
        ctx.weight, ctx.met = weight, met
        return weight.index_select(0, ids)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_rows: Tensor) -> Any:  # type: ignore[override]
        (ids,) = ctx.saved_tensors
        if ctx.weight.grad is None:
            ctx.weight.grad = torch.zeros_like(ctx.weight)
        ctx.weight.grad.index_add_(0, ids, d_rows)
        ctx.met.append(ids)
        return None, None, None
