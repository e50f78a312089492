"""Parts of many docs: what is read at once."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter

import numpy as np
from spacy.tokens import Doc

# About how many tokens are read at once: what bounds the memory that a batch of any size takes. The
# arrays of many more would go back to the system after each use, and come anew page by page.
_PART = 4000


def parts(docs: Sequence[Doc]) -> Iterator[list[Doc]]:
    """Docs in their order, about as many tokens at a time."""
    part_of = np.cumsum([len(doc) for doc in docs]) // _PART
    for _, part in groupby(zip(part_of.tolist(), docs), key=itemgetter(0)):
        yield [doc for _, doc in part]
