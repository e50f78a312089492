"""Token features of prefixes and suffixes."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from spacy.strings import get_string_id
from spacy.tokens import Doc
from thinc.api import HashEmbed, Model, chain, concatenate, with_array
from thinc.types import Floats2d, Ints2d

from .word_cache import cached_for_words


def AffixEmbed(
    width: int = 10, rows: int = 2000, lengths: Sequence[int] = (2, 3, 4, 5)
) -> Model[list[Doc], list[Floats2d]]:
    """Embed tokens by their first and last characters (spacy_bilstm_crf.AffixEmbed.v1).

    Source: the spelling features of Huang et al. 2015, section 4.1.1,
    https://arxiv.org/abs/1508.01991. It stands beside other features by `concatenate.v1`.

    width: of the embedding of each prefix and each suffix.
    rows: of each table; affixes are hashed into them (`thinc.api.HashEmbed`).
    lengths: of the affixes, in characters. Shorter words are their own affix.
    RETURNS: a model from docs to arrays of shape (tokens, 2 * lengths * width).
    RAISES: ValueError if there are no lengths, or one is less than 1.
    """
    sizes = tuple(lengths)
    if not sizes or min(sizes) < 1:
        raise ValueError(f"AffixEmbed needs affixes of at least one character, got {sizes}.")
    tables: list[Model[Any, Any]] = [
        HashEmbed(width, rows, column=i, seed=i) for i in range(2 * len(sizes))
    ]
    embed = tables[0] if len(tables) == 1 else concatenate(*tables)
    return chain(Model("affixes", partial(_affixes, sizes)), with_array(embed))


def _affixes(
    sizes: tuple[int, ...], model: Model[Any, Any], docs: list[Doc], is_train: bool
) -> tuple[list[Ints2d], Any]:
    keys: list[Any] = []
    for doc in docs:
        rows = [_keys(token.text, sizes) for token in doc]
        own: Any = np.array(rows, dtype=np.uint64).reshape(len(doc), 2 * len(sizes))
        keys.append(model.ops.asarray(own))
    return keys, lambda d_keys: []


@cached_for_words
def _keys(text: str, sizes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(
        get_string_id(affix) for size in sizes for affix in (text[:size] + "-", "-" + text[-size:])
    )
