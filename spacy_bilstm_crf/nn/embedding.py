"""Token features: a learned word table, characters, letter case and pretrained vectors."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .char_cnn import CharCNN


class WordCharEmbedding(nn.Module):
    """Embed tokens by word, characters and case.

    The features of a word type are given, and computed, once per batch; tokens point at types.
    Unseen words share row 0 of the word table. Rare words take their place at random in training,
    so that row 0 is trained (Lample et al. 2016, section 4.3, https://arxiv.org/abs/1603.01360).

    n_words: rows of the word table, row 0 for the unknown word.
    n_chars: number of character ids.
    n_cases: number of letter-case classes.
    word_width, char_width, char_filters, char_window, case_width: as named.
    vector_width: width of the pretrained vectors, 0 for none.
    tuned: whether the word table stands in the space of the pretrained vectors: an unknown word
        that has a vector is then embedded by it. Otherwise vectors are features of their own.
    word_dropout: probability that a rare word becomes unknown in training.
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
        word_dropout: float,
    ) -> None:
        super().__init__()
        self.settings = {
            key: value
            for key, value in locals().items()
            if key not in ("self", "__class__", "word_dropout")
        }
        self.tuned = tuned
        self.word_dropout = word_dropout
        self.words = nn.Embedding(n_words, word_width)
        self.chars = CharCNN(n_chars, char_width, char_filters, char_window)
        self.cases = nn.Embedding(n_cases, case_width)
        bound = (3.0 / word_width) ** 0.5
        nn.init.uniform_(self.words.weight, -bound, bound)
        nn.init.zeros_(self.words.weight.data[self.UNKNOWN])
        nn.init.uniform_(self.cases.weight, -0.5, 0.5)

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
        rare: Tensor,
        chars: Tensor,
        cases: Tensor,
        vectors: Tensor | None = None,
        has_vector: Tensor | None = None,
    ) -> Tensor:
        """Embed a batch of tokens.

        types: (tokens,) index of each token's type in the arrays that follow.
        words: (types,) row of the word table, UNKNOWN for words outside it.
        rare: (types,) True for words that may become unknown in training.
        chars: (types, characters) character ids.
        cases: (types,) letter-case classes.
        vectors: (types, vector_width) pretrained vectors, zeros where there is none.
        has_vector: (types,) True where there is one.
        RETURNS: (tokens, output_width).
        """
        token_words = words[types]
        if self.training and self.word_dropout > 0:
            coin = torch.rand(len(types), device=types.device) < self.word_dropout
            token_words = token_words.masked_fill(coin & rare[types], self.UNKNOWN)
        embedded = self.words(token_words)
        if self.tuned and vectors is not None and has_vector is not None:
            pretrained = (token_words == self.UNKNOWN) & has_vector[types]
            embedded = torch.where(pretrained.unsqueeze(1), vectors[types], embedded)
        per_type = [self.chars(chars), self.cases(cases)]
        if vectors is not None and not self.tuned:
            per_type.append(vectors)
        return torch.cat([embedded, torch.cat(per_type, dim=1)[types]], dim=1)
