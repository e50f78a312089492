"""Docs -> integer features of their word types, by array look-ups in sorted keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import ORTH
from spacy.strings import StringStore, get_string_id
from spacy.tokens import Doc
from spacy.vectors import Vectors
from spacy.vocab import Vocab

from .word_cache import cached_for_words

N_CASES = 7
# Longer words are read by their first and last characters: the ends say most about a name.
_MAX_CHARS = 32


class Vocabulary(NamedTuple):
    """The words and characters of the training data. Their ids are positions in sorted keys.

    words: (words,) sorted hashes of the folded words. Row 0 of the word table is the unknown word,
        so the word at position i has id i + 1.
    counts: (words,) how often each was seen.
    chars: (characters,) sorted code points. Id 0 is padding, 1 any unseen character.
    """

    words: NDArray[np.uint64]
    counts: NDArray[np.int64]
    chars: NDArray[np.uint32]


class TypeFeatures(NamedTuple):
    """The features of word types.

    words: (types,) ids in the word table.
    counts: (types,) how often the training data has the word, 0 for unknown ones.
    chars: (types, longest) character ids.
    cases: (types,) letter-case classes, below N_CASES.
    keys: for each type its hash, the lower-cased hash and the folded hash, for look-ups in vectors.
    """

    words: NDArray[np.int64]
    counts: NDArray[np.int64]
    chars: NDArray[np.int64]
    cases: NDArray[np.int64]
    keys: list[tuple[int, int, int]]


@cached_for_words
def _word(text: str) -> tuple[tuple[int, int, int], int]:
    """The look-up keys of a word (as is, lower-cased, folded) and its letter case."""
    lower = text.lower()
    folded = "".join("0" if c.isdigit() else c for c in lower) if _has_digit(text) else lower
    keys = (get_string_id(text), get_string_id(lower), get_string_id(folded))
    return keys, _letter_case(text, lower)


def _has_digit(text: str) -> bool:
    return any(c.isdigit() for c in text)


def _letter_case(text: str, lower: str) -> int:
    if _has_digit(text):
        return 0 if text.isdigit() else 1
    upper = text.upper()
    if lower == upper:
        return 2  # no cased letters
    if text == lower:
        return 3
    if text == upper:
        return 4
    if text[:1] != lower[:1] and text[1:] == lower[1:]:
        return 5
    return 6


def learn_vocabulary(
    docs: Iterable[Doc], *, min_freq: int
) -> tuple[Vocabulary, list[tuple[int, int, int]], Vocab]:
    """Collect the words and characters of docs.

    min_freq: words seen less often get no id.
    RETURNS: the vocabulary; for each of its words the keys of the most frequent spelling, to
        find the pretrained vector that the word starts from; and the docs' spaCy vocab.
    RAISES: ValueError if there are no docs.
    """
    vocab: Vocab | None = None
    spellings: Counter[str] = Counter()
    for doc in docs:
        vocab = doc.vocab
        for orth, count in doc.count_by(ORTH).items():
            spellings[doc.vocab.strings[orth]] += count
    if vocab is None:
        raise ValueError("WordCharEmbed needs docs to learn its words from: there are none.")
    frequency: Counter[int] = Counter()
    best: dict[int, tuple[int, int, int]] = {}
    for text, count in sorted(spellings.items(), key=lambda item: (-item[1], item[0])):
        keys, _ = _word(text)
        frequency[keys[2]] += count
        best.setdefault(keys[2], keys)
    kept = sorted(key for key, count in frequency.items() if count >= min_freq)
    vocabulary = Vocabulary(
        words=np.array(kept, dtype=np.uint64),
        counts=np.array([frequency[key] for key in kept], dtype=np.int64),
        chars=np.array(sorted({ord(c) for text in spellings for c in text}), dtype=np.uint32),
    )
    return vocabulary, [best[key] for key in kept], vocab


def types_of(docs: Sequence[Doc]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The word types of a batch of docs. RETURNS: (types,) their hashes; (tokens,) the type of each
    token."""
    orths = np.concatenate([doc.to_array(ORTH) for doc in docs])
    types, type_of = np.unique(orths, return_inverse=True)
    return types, type_of.astype(np.int64)


def type_features(
    types: NDArray[np.uint64], strings: StringStore, vocabulary: Vocabulary
) -> TypeFeatures:
    """The features of word types, given by their hashes."""
    texts = [strings[orth] for orth in types.tolist()]
    looked_up = [_word(text) for text in texts]
    keys = [keys for keys, _ in looked_up]
    folded = np.array([folded for _, _, folded in keys], dtype=np.uint64)
    position = _find(vocabulary.words, folded)
    known = position >= 0
    counts = np.zeros(len(texts), dtype=np.int64)
    counts[known] = vocabulary.counts[position[known]]
    return TypeFeatures(
        words=position + 1,
        counts=counts,
        chars=_char_ids(texts, vocabulary.chars),
        cases=np.array([case for _, case in looked_up], dtype=np.int64),
        keys=keys,
    )


def lookup_vectors(
    vectors: Vectors, keys: Sequence[tuple[int, int, int]]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Pretrained vectors of words. A word is looked up as it is, then lower-cased, then with its
    digits folded, since tables differ in what they were made of.

    keys: for each word, its hashes in that order.
    RETURNS: (words, width), zeros where there is none; and (words,), True where there is one.
        Every word has one in a floret table.
    """
    if vectors.mode == "floret":
        return _to_cpu(vectors.get_batch([own for own, _, _ in keys])), np.ones(len(keys), bool)
    row_of = vectors.key2row
    rows = np.array(
        [next((row_of[key] for key in own if key in row_of), -1) for own in keys], dtype=np.int64
    )
    found = rows >= 0
    values = np.zeros((len(rows), vectors.shape[1]), dtype=np.float32)
    values[found] = _to_cpu(vectors.data[rows[found]])
    return values, found


def _find(sorted_keys: NDArray, wanted: NDArray) -> NDArray[np.int64]:
    """The position of each wanted key in sorted keys, -1 where it is absent."""
    if len(sorted_keys) == 0:
        return np.full(len(wanted), -1, dtype=np.int64)
    position = np.minimum(np.searchsorted(sorted_keys, wanted), len(sorted_keys) - 1)
    return np.where(sorted_keys[position] == wanted, position, -1).astype(np.int64)


def _char_ids(texts: Sequence[str], chars: NDArray[np.uint32]) -> NDArray[np.int64]:
    half = _MAX_CHARS // 2
    texts = [t if len(t) <= _MAX_CHARS else t[:half] + t[-half:] for t in texts]
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    encoded = "".join(texts).encode("utf-32-le", errors="surrogatepass")
    ids = np.zeros((len(texts), max(1, lengths.max(initial=0))), dtype=np.int64)
    inside = np.arange(ids.shape[1]) < lengths[:, None]
    ids[inside] = _find(chars, np.frombuffer(encoded, dtype=np.uint32)) + 2
    return ids


def _to_cpu(array: object) -> NDArray[np.float32]:
    return array.get() if hasattr(array, "get") else np.asarray(array)  # type: ignore[no-any-return]
