"""Sentences read in one, so that a model also learns texts without sentence marks."""

import numpy as np
from spacy.attrs import SENT_START
from spacy.tokens import Doc

# spaCy's code for "no sentence begins here".
_INSIDE = np.uint64(2**64 - 1)


def join_sentences(doc: Doc, share: float) -> Doc:
    """Leave out half of the sentence marks of a doc, for training.

    A model that knows single sentences only does worse where nothing marks them, and one that
    knows joined ones only does worse where something does.

    share: with which probability it is done.
    RETURNS: a copy without some of the marks, at random (`np.random`), or the doc itself.
    """
    if share == 0.0 or np.random.random() >= share:
        return doc
    starts = doc.to_array([SENT_START]).reshape(-1)
    (marks,) = np.nonzero(starts[1:] == 1)
    if len(marks) == 0:
        return doc
    starts[1 + marks[np.random.random(len(marks)) < 0.5]] = _INSIDE
    joined = doc.copy()
    joined.from_array([SENT_START], starts.reshape(-1, 1))  # type: ignore[arg-type]
    return joined
