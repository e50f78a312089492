"""What is kept stays, what is hidden goes, and offsets lead back: against characters one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_bilstm_crf.redaction import Found, Redacted, redact

from .strategies import texts_and_spans

MASKS = st.sampled_from(["", "X", "<mask>"])


def is_hidden(text, found):
    hidden = [False] * len(text)
    for own in found:
        hidden[own.start : own.end] = [True] * (own.end - own.start)
    return hidden


@given(texts_and_spans(), MASKS)
def test_the_union_is_hidden_and_nothing_else(case, mask):
    text, found = case
    redacted = redact(text, found, lambda label, hidden: mask)
    covered = [False] * len(text)
    kept, last = "", 0
    for change in redacted.changes:
        assert redacted.text[change.new_start : change.new_end] == mask
        covered[change.start : change.end] = [True] * (change.end - change.start)
        kept += redacted.text[last : change.new_start]
        last = change.new_end
    kept += redacted.text[last:]
    hidden = is_hidden(text, found)
    assert covered == hidden
    assert kept == "".join(c for c, is_gone in zip(text, hidden) if not is_gone)


@given(texts_and_spans())
def test_the_original_can_be_restored(case):
    text, found = case
    redacted = redact(text, found, lambda label, hidden: f"[{label}]")
    hidden = [text[change.start : change.end] for change in redacted.changes]
    assert redacted.restore(hidden) == text
    assert Redacted(redacted.text, redacted.changes).restore(hidden) == text


@given(texts_and_spans(), MASKS, st.data())
def test_offsets_lead_back(case, mask, data):
    text, found = case
    redacted = redact(text, found, lambda label, hidden: mask)
    places = []  # of each character, the stretch of the original that it stands for
    last = at = 0
    for change in redacted.changes:
        places += [(i, i + 1) for i in range(at, change.start)]
        places += [(change.start, change.end)] * len(mask)
        at = change.end
    places += [(i, i + 1) for i in range(at, len(text))]
    assert len(places) == len(redacted.text)
    if places:
        start = data.draw(st.integers(0, len(places) - 1))
        end = data.draw(st.integers(start + 1, len(places)))
        assert redacted.to_original(start, end) == (places[start][0], places[end - 1][1])
        last = redacted.to_original(start, start)
        assert last[0] <= last[1] and last[0] in (places[start][0], places[start - 1][1])
    with pytest.raises(ValueError, match="the text has"):
        redacted.to_original(0, len(places) + 1)


@given(texts_and_spans())
def test_spans_that_adjoin_are_two(case):
    text, found = case
    changes = redact(text, found, lambda label, hidden: "X").changes
    borders = {own.start for own in found} | {own.end for own in found}
    assert all({change.start, change.end} <= borders for change in changes)
    for before, after in zip(changes, changes[1:]):
        assert before.end <= after.start
    for own in found:  # none is cut in two
        assert any(change.start <= own.start and own.end <= change.end for change in changes)


def test_the_most_probable_gives_the_label():
    found = [Found(0, 4, "PER", 0.4), Found(2, 9, "LOC", 0.6, "probable span"), Found(9, 10, "ORG")]
    redacted = redact("0123456789.", found, lambda label, hidden: f"<{label} {hidden}>")
    assert redacted.text == "<LOC 012345678><ORG 9>."
    assert [change[:2] + change[4:] for change in redacted.changes] == [
        (0, 9, "LOC", 0.6, "probable span"),
        (9, 10, "ORG", None, "entity"),
    ]
    sure = redact("0123", [Found(0, 3, "PER", 0.9), Found(1, 4, "RULE")], lambda label, _: label)
    assert sure.text == "RULE"


def test_an_offset_inside_a_mask():
    redacted = redact("to Anna!", [Found(3, 7, "PER")], lambda label, hidden: "[PER]")
    assert redacted.text == "to [PER]!"
    assert redacted.to_original(5, 5) == (3, 7)
    assert redacted.to_original(3, 3) == (3, 3) and redacted.to_original(8, 9) == (7, 8)
    assert redacted.to_original(0, 4) == (0, 7)


@pytest.mark.parametrize("start, end", [(2, 2), (-1, 2), (3, 2), (0, 5)])
def test_spans_that_are_none(start, end):
    with pytest.raises(ValueError, match="A span of PER is of characters"):
        redact("text", [Found(start, end, "PER")], lambda label, hidden: "X")
