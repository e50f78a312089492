import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import get_entities
from spacy.training import iob_to_biluo

from spacy_bilstm_crf.tags import (
    MISSING,
    Spans,
    allowed_transitions,
    border_tags,
    ids_to_spans,
    iob_to_ids,
    is_tag,
    n_tags,
    read_tags,
    spans_to_ids,
    tag_names,
)

LABELS = ["PER", "LOC", "ORG"]
NAMES = tag_names(LABELS)
CODES = {"-": 0, "I": 1, "O": 2, "B": 3}


@st.composite
def entities(draw, max_length=30):
    """A number of tokens, and entities within them as (start, end, label index)."""
    length = draw(st.integers(0, max_length))
    spans, start = [], 0
    while start < length:
        size = draw(st.integers(1, 4))
        if draw(st.booleans()) and start + size <= length:
            spans.append((start, start + size, draw(st.integers(0, len(LABELS) - 1))))
        start += size
    return length, spans


def as_spans(spans):
    columns = np.array(spans, dtype=np.int64).reshape(-1, 3).T
    return Spans(*columns)


def test_order_of_tags():
    assert NAMES[:6] == ["O", "B-PER", "I-PER", "L-PER", "U-PER", "B-LOC"]
    assert len(NAMES) == n_tags(3) == 13
    assert tag_names(LABELS)[: n_tags(2)] == tag_names(LABELS[:2])


@given(entities())
def test_spans_to_ids_and_back(drawn):
    length, spans = drawn
    ids = spans_to_ids(as_spans(spans), length)
    assert len(ids) == length
    assert list(zip(*(column.tolist() for column in ids_to_spans(ids)))) == spans


@given(entities())
def test_tag_ids_agree_with_spacy(drawn):
    length, spans = drawn
    iob = ["O"] * length
    for start, end, label in spans:
        iob[start:end] = [
            f"{'B' if i == start else 'I'}-{LABELS[label]}" for i in range(start, end)
        ]
    ids = spans_to_ids(as_spans(spans), length)
    assert [NAMES[i] for i in ids] == list(iob_to_biluo(iob))


@given(entities())
def test_entities_are_allowed_paths(drawn):
    length, spans = drawn
    allowed = allowed_transitions(len(LABELS))
    ids = spans_to_ids(as_spans(spans), length)
    assert allowed.pairs[ids[:-1], ids[1:]].all()
    if length:
        assert allowed.start[ids[0]] and allowed.end[ids[-1]]


@given(st.lists(st.integers(0, len(NAMES) - 1), max_size=8))
def test_allowed_paths_are_those_that_give_entities(ids):
    ids = np.array(ids, dtype=np.int64)
    allowed = allowed_transitions(len(LABELS))
    is_allowed = len(ids) == 0 or (
        allowed.start[ids[0]] and allowed.end[ids[-1]] and allowed.pairs[ids[:-1], ids[1:]].all()
    )
    try:
        spans = ids_to_spans(ids)
        gives_entities = (spans_to_ids(spans, len(ids)) == ids).all()
    except ValueError:
        gives_entities = False
    assert gives_entities == is_allowed


def test_allowed_transitions_by_name():
    allowed = allowed_transitions(2)
    names = tag_names(["A", "B"])
    follows = {
        name: {n for n, ok in zip(names, row) if ok} for name, row in zip(names, allowed.pairs)
    }
    anywhere = {"O", "B-A", "U-A", "B-B", "U-B"}
    assert follows["O"] == follows["L-A"] == follows["U-B"] == anywhere
    assert follows["B-A"] == follows["I-A"] == {"I-A", "L-A"}
    assert {n for n, ok in zip(names, allowed.start) if ok} == anywhere
    assert {n for n, ok in zip(names, allowed.end) if ok} == {"O", "L-A", "U-A", "L-B", "U-B"}


def test_border_tags():
    borders = [name for name, border in zip(NAMES, border_tags(len(LABELS))) if border]
    assert borders == [name for name in NAMES if name[0] in "BLU"]


def test_iob_codes_of_several_docs():
    codes = [CODES[c] for c in "BIO-IIBI"]
    labels = [0, 0, 0, 0, 1, 1, 1, 0]
    first = [True, False, False, False, False, True, False, False]
    ids = iob_to_ids(np.array(codes), np.array(labels), np.array(first))
    expected = ["B-PER", "L-PER", "O", None, "U-LOC", "U-LOC", "U-LOC", "U-PER"]
    assert [None if i == MISSING else NAMES[i] for i in ids] == expected


@pytest.mark.parametrize(
    "tags",
    [
        ["I-PER", "I-PER", "O", "I-LOC"],  # IOB1
        ["I-PER", "B-PER", "I-PER", "I-LOC"],  # IOB1 with its B between neighbours
        ["B-PER", "I-PER", "B-PER", "O"],  # IOB2
        ["B-PER", "I-PER", "E-PER", "S-PER", "S-LOC", "B-LOC", "E-LOC"],  # BIOES
    ],
)
def test_read_tags_agrees_with_seqeval(tags):
    assert get_entities(read_tags(tags)) == get_entities(tags)


def test_read_biluo():
    tags = ["B-PER", "I-PER", "L-PER", "U-PER", "O", "U-LOC", "B-LOC", "L-LOC"]
    expected = ["B-PER", "I-PER", "I-PER", "B-PER", "O", "B-LOC", "B-LOC", "I-LOC"]
    assert read_tags(tags) == expected


def test_read_bmewo():
    tags = ["B-PER", "M-PER", "E-PER", "W-PER", "O", "W-LOC", "W-LOC", "M-LOC", "E-LOC", "S-PER"]
    expected = "B-PER I-PER I-PER B-PER O B-LOC B-LOC B-LOC I-LOC B-PER".split()
    assert read_tags(tags) == expected


def test_is_tag():
    tags = ["O", "-", "B-PER", "M-a b", "W-x", "PER", "B-", "X-PER", ""]
    assert [is_tag(tag) for tag in tags] == [True] * 5 + [False] * 4


def test_an_entity_that_ended_is_not_continued():
    assert read_tags(["E-PER", "I-PER"]) == ["B-PER", "B-PER"]


def test_unknown_is_not_outside():
    assert read_tags(["-", "I-PER", "-"]) == ["-", "B-PER", "-"]


@pytest.mark.parametrize("tag", ["X-PER", "PER", "B", "B-", "", "b-PER"])
def test_unknown_tags_are_errors(tag):
    with pytest.raises(ValueError, match="token 2"):
        read_tags(["O", tag])


@pytest.mark.parametrize("spans", [[(0, 2, 0), (1, 3, 0)], [(2, 5, 0)], [(1, 1, 0)], [(-1, 1, 0)]])
def test_impossible_spans_are_errors(spans):
    with pytest.raises(ValueError, match="not overlap"):
        spans_to_ids(as_spans(spans), 4)
