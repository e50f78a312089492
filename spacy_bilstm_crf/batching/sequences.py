"""Sequences: tokens that the encoder reads together, and the CRF scores together."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc


def sequence_lengths(docs: Iterable[Doc]) -> NDArray[np.int64]:
    """Tokens of each sequence of a batch of docs: the sentences of a doc that has sentence starts,
    else the whole doc. Docs with no tokens have no sequence. RETURNS: (sequences,)."""
    starts, length = [], 0
    for doc in docs:
        if len(doc) > 0:
            if doc.has_annotation("SENT_START"):
                marks = doc.to_array("SENT_START") == 1
                marks[0] = True
                starts.append(np.flatnonzero(marks) + length)
            else:
                starts.append(np.array([length]))
            length += len(doc)
    return np.diff(np.concatenate([*starts, [length]])).astype(np.int64)
