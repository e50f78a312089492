"""Tag ids of the gold entities in examples."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import ENT_IOB, ENT_TYPE, ORTH
from spacy.strings import get_string_id
from spacy.training import Example

from ..tags import (
    IOB_BEGIN,
    IOB_INSIDE,
    IOB_MISSING,
    IOB_OUTSIDE,
    OUTSIDE,
    Spans,
    iob_to_ids,
    spans_to_ids,
)

_CODES = {
    "B": IOB_BEGIN, "U": IOB_BEGIN, "I": IOB_INSIDE, "L": IOB_INSIDE, "O": IOB_OUTSIDE
}  # fmt: skip


def gold_tag_ids(
    examples: Sequence[Example], labels: Sequence[str], *, name: str
) -> NDArray[np.int64]:
    """The gold tags of the predicted docs' tokens, doc after doc.

    labels: the labels, in the order of their tags.
    name: the component's name, for errors.
    RETURNS: (tokens,) tag ids; MISSING for tokens with no annotation and for tokens that do not
        align with the reference's.
    RAISES: ValueError if an entity has a label that is not among `labels`.
    """
    index = {get_string_id(label): i for i, label in enumerate(labels)}
    iob, types, first = [], [], []
    for eg in examples:
        doc_iob, doc_types = _same_tokens(eg) if is_same(eg) else _aligned_tokens(eg)
        iob.append(doc_iob)
        types.append(doc_types)
        first.append(np.arange(len(doc_iob)) == 0)
    all_iob, all_types = np.concatenate(iob), np.concatenate(types)
    # A blocked token has the code of a begin and no type: it is known to be outside.
    all_iob[(all_types == 0) & (all_iob == IOB_BEGIN)] = IOB_OUTSIDE
    unique, inverse = np.unique(all_types, return_inverse=True)
    unknown = [key for key in unique.tolist() if key and key not in index]
    if unknown:
        strings = examples[0].reference.vocab.strings
        raise ValueError(
            f"The training data has the label {strings[unknown[0]]!r}, which '{name}' does not "
            f"have (its labels: {', '.join(labels)}). Add it with add_label, or take the entities "
            "of this label out of the data."
        )
    label_index = np.array([index.get(key, 0) for key in unique.tolist()], dtype=np.int64)
    return iob_to_ids(all_iob, label_index[inverse], np.concatenate(first))


def incorrect_tags(
    examples: Sequence[Example], labels: Sequence[str], key: str
) -> list[tuple[int, NDArray[np.int64]]]:
    """Spans of `reference.spans[key]`, which are known not to be entities of their label, or of any
    label if they have none.

    RETURNS: for each, its first token, counted through the predicted docs, and the tags that it
        does not have.
    """
    incorrect, first = [], 0
    for eg in examples:
        for span in eg.get_aligned_spans_y2x(eg.reference.spans.get(key, []), allow_overlap=True):
            size = np.array([len(span)])
            for i, label in enumerate(labels):
                if span.label_ in ("", label):
                    spans = Spans(np.array([0]), size, np.array([i]))
                    incorrect.append((first + span.start, spans_to_ids(spans, len(span))))
        first += len(eg.predicted)
    return incorrect


def is_same(eg: Example) -> bool:
    """Tell whether the predicted doc has the tokens of the reference."""
    predicted, reference = eg.predicted, eg.reference
    return len(predicted) == len(reference) and bool(
        (predicted.to_array(ORTH) == reference.to_array(ORTH)).all()
    )


def join_across_entities(lengths: NDArray[np.int64], tags: NDArray[np.int64]) -> NDArray[np.int64]:
    """Join sequences that a gold entity reaches across: cut there, it would have no tags.

    lengths: (sequences,). tags: (tokens,) tag ids. RETURNS: (sequences left,) with the same sum.
    """
    last = tags[np.cumsum(lengths) - 1]
    is_open = (last > OUTSIDE) & ((last - 1) % 4 < 2)  # B or I
    starts = np.flatnonzero(~np.concatenate([[False], is_open[:-1]]))
    return np.add.reduceat(lengths, starts)


def _same_tokens(eg: Example) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    array = eg.reference.to_array([ENT_IOB, ENT_TYPE])
    return array[:, 0].astype(np.int64), array[:, 1].astype(np.uint64)


def _aligned_tokens(eg: Example) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    tags = eg.get_aligned_ner()
    iob = [IOB_MISSING if tag is None else _CODES[tag[0]] for tag in tags]
    # By hand: spaCy's `biluo_to_iob` also changes a "U-" or "L-" within a label.
    types = [get_string_id(tag[2:]) if tag and len(tag) > 2 else 0 for tag in tags]
    return np.array(iob, dtype=np.int64), np.array(types, dtype=np.uint64)
