"""Tags that a doc forbids: those that contradict the entities on it, and its white space."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import ENT_IOB, ENT_TYPE, IS_SPACE
from spacy.tokens import Doc

from ..tags import IOB_BEGIN, OUTSIDE, Spans, border_tags, n_labels, n_tags, spans_to_ids


def forbidden_tags(
    docs: Sequence[Doc], labels: Sequence[str], *, n_trained: int, keep_ents: bool
) -> NDArray[np.bool_] | None:
    """The tags that tokens can't have.

    As in spaCy's ner, no entity begins or ends with a token of white space, blocked tokens are in
    no entity, and an entity that is on the doc stays: its tokens have its tags, so that the rest is
    read in its light. If its label is none of ours, or it reaches across sentences, they are O. No
    token has a tag of a label that the model was not trained on.

    labels: in the order of their tags.
    n_trained: how many of their tags the model was trained on.
    keep_ents: whether entities on the docs, and blocked tokens, count.
    RETURNS: (tokens, tags), doc after doc; None if nothing is forbidden.
    """
    is_space = np.concatenate([doc.to_array(IS_SPACE) for doc in docs]).astype(bool)
    has_preset = [keep_ents and doc.has_annotation("ENT_IOB") for doc in docs]
    all_trained = n_trained == n_tags(len(labels))
    if all_trained and not is_space.any() and not any(has_preset):
        return None
    forbidden: NDArray[np.bool_] = is_space[:, None] & border_tags(len(labels))
    first = 0
    for doc, has_entities in zip(docs, has_preset):
        if has_entities:
            tags = _preset_tags(doc, labels[: n_labels(n_trained)])
            (places,) = np.nonzero(tags >= 0)
            forbidden[first + places] = True
            forbidden[first + places, tags[places]] = False
        first += len(doc)
    forbidden[:, n_trained:] = True
    return forbidden


def preset_tokens(doc: Doc) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Find tokens that are in an entity or blocked, and those that are blocked; both (tokens,)."""
    iob, types = doc.to_array([ENT_IOB, ENT_TYPE]).T
    blocked = (iob == IOB_BEGIN) & (types == 0)
    return (types != 0) | blocked, blocked


def _preset_tags(doc: Doc, labels: Sequence[str]) -> NDArray[np.int64]:
    """(tokens,) tag ids that are given, -1 where none is."""
    taken, _ = preset_tokens(doc)
    tags = np.where(taken, OUTSIDE, -1)
    breaks = np.zeros(len(doc), dtype=bool)
    if doc.has_annotation("SENT_START"):
        breaks = doc.to_array("SENT_START") == 1
    for ent in doc.ents:
        if ent.label_ in labels and not breaks[ent.start + 1 : ent.end].any():
            size = ent.end - ent.start
            label = np.array([labels.index(ent.label_)])
            whole = Spans(np.array([0]), np.array([size]), label)
            tags[ent.start : ent.end] = spans_to_ids(whole, size)
    return tags
