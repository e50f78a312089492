"""The BILUO tag scheme: entity labels <-> tags, allowed transitions, tag ids <-> spans.

Tag ids are ordered so that a label added later never renumbers an earlier one: 0 is O, and label
`i` owns the ids `1 + 4 * i` to `4 + 4 * i` for B, I, L and U. The number of labels therefore fixes
which transitions are allowed, whatever the labels are called.

Everything here is numpy: no torch, no spaCy.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

PREFIXES = "BILU"
OUTSIDE = 0
MISSING = -1
"""Tag id of a token whose tag is not known. Never the same as "O"."""

# The values of spaCy's token attribute ENT_IOB.
IOB_MISSING, IOB_INSIDE, IOB_OUTSIDE, IOB_BEGIN = range(4)

_TAG = re.compile(r"([BILUESMW])-(.+)")


class Spans(NamedTuple):
    """Entities as three aligned arrays of shape (entities,); ends are exclusive."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    labels: NDArray[np.int64]


class AllowedTransitions(NamedTuple):
    """The transitions that BILUO allows. Shapes: pairs (tags, tags), start (tags,), end (tags,)."""

    pairs: NDArray[np.bool_]
    start: NDArray[np.bool_]
    end: NDArray[np.bool_]


def n_tags(n_labels: int) -> int:
    """The number of tags for so many labels: 4n + 1."""
    return 1 + len(PREFIXES) * n_labels


def n_labels(n_tags: int) -> int:
    """The number of labels that so many tags are for."""
    return (n_tags - 1) // len(PREFIXES)


def tag_names(labels: Sequence[str]) -> list[str]:
    """The tags in the order of their ids: "O", "B-X", "I-X", "L-X", "U-X", "B-Y", ..."""
    return ["O"] + [f"{prefix}-{label}" for label in labels for prefix in PREFIXES]


def allowed_transitions(n_labels: int) -> AllowedTransitions:
    """The transitions that BILUO allows. After O, L or U: O, or the B or U of any label; after B
    or I: the I or L of the same label. A sequence starts as after O and ends as before O."""
    ids = np.arange(n_tags(n_labels))
    prefix = np.where(ids == OUTSIDE, -1, (ids - 1) % 4)
    label = np.where(ids == OUTSIDE, -1, (ids - 1) // 4)
    closed = (prefix != 0) & (prefix != 1)  # no entity is open after O, L, U
    opens = (prefix != 1) & (prefix != 2)  # O, B, U continue no entity
    pairs = np.where(
        closed[:, None], opens[None, :], ~opens[None, :] & (label[:, None] == label[None, :])
    )
    return AllowedTransitions(pairs=pairs, start=opens, end=closed)


def border_tags(n_labels: int) -> NDArray[np.bool_]:
    """The tags of an entity's first or last token: B, L and U. RETURNS: (tags,)."""
    ids = np.arange(n_tags(n_labels))
    return (ids > OUTSIDE) & ((ids - 1) % 4 != PREFIXES.index("I"))


def iob_to_ids(
    iob: NDArray[np.integer], labels: NDArray[np.integer], first: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Turn per-token IOB codes into BILUO tag ids.

    iob: (tokens,) spaCy's codes: 0 missing, 1 inside, 2 outside, 3 begin.
    labels: (tokens,) index of the entity label, read where the code is 1 or 3.
    first: (tokens,) True where a doc starts: no entity reaches across.
    RETURNS: (tokens,) tag ids, MISSING where the code is 0.
    """
    inside = (iob == IOB_INSIDE) | (iob == IOB_BEGIN)
    previous = np.roll(labels, 1)
    after_entity = np.roll(inside, 1) & ~first
    begin = inside & ((iob == IOB_BEGIN) | ~after_entity | (previous != labels))
    goes_on = np.zeros_like(begin)
    goes_on[:-1] = inside[1:] & ~begin[1:]
    prefix = np.select([begin & goes_on, begin, goes_on], [0, 3, 1], default=2)
    ids = np.where(inside, 1 + 4 * labels.astype(np.int64) + prefix, OUTSIDE)
    return np.where(iob == IOB_MISSING, MISSING, ids)


def repair(ids: NDArray[np.integer], first: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Repair any sequence of tag ids: give the tags of the entities that conlleval finds in it.

    An entity starts at B, U, or at an I or L with no open entity of its label before it. It ends
    after L and U, or where the next token does not go on with it.

    ids: (tokens,) tag ids, none MISSING.
    first: (tokens,) True where a sequence starts: no entity reaches across.
    RETURNS: (tokens,) tag ids; those of a allowed sequence are unchanged.
    """
    ids = np.asarray(ids, dtype=np.int64)
    prefix = np.where(ids > OUTSIDE, (ids - 1) % 4, -1)
    label = (ids - 1) // 4
    stays_open = (np.roll(prefix, 1) == 0) | (np.roll(prefix, 1) == 1)
    goes_on = ((prefix == 1) | (prefix == 2)) & stays_open & (np.roll(label, 1) == label) & ~first
    iob = np.select([goes_on, prefix >= 0], [IOB_INSIDE, IOB_BEGIN], default=IOB_OUTSIDE)
    return iob_to_ids(iob, label, first)


def ids_to_spans(ids: NDArray[np.integer]) -> Spans:
    """The entities of a allowed sequence of tag ids, in order.

    ids: (tokens,) tag ids, one doc or several that each end with an allowed tag.
    RAISES: ValueError if the sequence is not allowed BILUO.
    """
    ids = np.asarray(ids, dtype=np.int64)
    entity = ids > OUTSIDE
    prefix = np.where(entity, (ids - 1) % 4, -1)
    starts = np.flatnonzero((prefix == 0) | (prefix == 3))
    lasts = np.flatnonzero((prefix == 2) | (prefix == 3))
    labels = (ids - 1) // 4
    if (
        len(starts) != len(lasts)
        or (labels[starts] != labels[lasts]).any()
        or (lasts < starts).any()
        or entity.sum() != (lasts - starts + 1).sum()
    ):
        raise ValueError("These tag ids are not a allowed BILUO sequence; decode with constraints.")
    return Spans(starts, lasts + 1, labels[starts].astype(np.int64))


def spans_to_ids(spans: Spans, length: int) -> NDArray[np.int64]:
    """Tag ids of `length` tokens with these entities and O elsewhere.

    RAISES: ValueError if spans are empty, overlap or lie outside the tokens.
    """
    order = np.argsort(spans.starts, kind="stable")
    starts, ends, labels = (np.asarray(column, dtype=np.int64)[order] for column in spans)
    if len(starts) and (
        starts[0] < 0
        or ends[-1] > length
        or (starts[1:] < ends[:-1]).any()
        or (ends <= starts).any()
    ):
        raise ValueError(f"Entities must be non-empty, within {length} tokens and not overlap.")
    sizes = ends - starts
    iob = np.full(length, IOB_OUTSIDE)
    label = np.zeros(length, dtype=np.int64)
    tokens = np.repeat(starts - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum())
    iob[tokens] = IOB_INSIDE
    iob[starts] = IOB_BEGIN
    label[tokens] = np.repeat(labels, sizes)
    return iob_to_ids(iob, label, np.arange(length) == 0)


def is_tag(tag: str) -> bool:
    """Tell whether a tag is one that `read_tags` reads."""
    return tag in ("O", "-") or _TAG.fullmatch(tag) is not None


def read_tags(tags: Sequence[str]) -> list[str]:
    """Read one sentence of IOB1, IOB2, BIOES, BILUO, BMES or BMEWO tags and return IOB2 tags.

    The schemes need no telling apart: an entity starts at B, S, U or W, at an I, M, E or L with no
    open entity of its type before it, and ends after E, L, S, U or W (the rules of the conlleval
    script).
    "-" marks a token whose tag is not known, as everywhere in spaCy, and stays "-".

    RAISES: ValueError naming the position and the tag if a tag belongs to no scheme.
    """
    result: list[str] = []
    open_label: str | None = None
    for i, tag in enumerate(tags):
        if tag in ("O", "-"):
            result.append(tag)
            open_label = None
            continue
        match = _TAG.fullmatch(tag)
        if match is None:
            raise ValueError(
                f"Tag {tag!r} of token {i + 1} is unknown: expected O, - (not known) or a prefix "
                "of IOB, BIOES, BILUO or BMEWO, a hyphen and a label, such as B-PER."
            )
        prefix, label = match.groups()
        begins = prefix in "BUSW" or open_label != label
        result.append(("B-" if begins else "I-") + label)
        open_label = None if prefix in "LEUSW" else label
    return result
