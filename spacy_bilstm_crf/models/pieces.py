"""Long docs in pieces: reading one takes no more memory than reading a short one."""

from collections.abc import Iterator

import numpy as np
from spacy.tokens import Doc

# Tokens of a piece, about; what the encoder makes of them takes 5 KB a token for a while.
PIECE = 32000


def pieces(doc: Doc, step: int) -> Iterator[tuple[Doc, slice]]:
    """Cut a doc where its encoding does not change: before a sentence; or, where no sentences are
    marked, between the windows in which the encoder reads it, with a window more on either side.

    step: tokens that a window gives, `max_length - 2 * overlap`.
    YIELDS: a piece, and which of its tokens count.
    """
    if doc.has_annotation("SENT_START"):
        starts = np.flatnonzero(doc.to_array("SENT_START") == 1)
        margin = 0
    else:
        starts = np.arange(0, len(doc), step)
        margin = step
    # Of the places where one may cut, the first after each full piece.
    cuts = starts[np.flatnonzero(np.diff(starts // PIECE)) + 1].tolist()
    for start, end in zip([0, *cuts], [*cuts, len(doc)]):
        first, last = max(start - margin, 0), min(end + margin, len(doc))
        yield doc[first:last].as_doc(), slice(start - first, end - first)
