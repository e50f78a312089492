import pytest
from hypothesis import given

from spacy_bilstm_crf.redaction import Found, Mask, Masks, redact

from .strategies import texts_and_spans

TEXT = "Anna Holt met ANNA in Oslo. Anna  Holt, anna, Bo: Oslo"
PLACES = [(0, 9, "PER"), (14, 18, "PER"), (22, 26, "LOC"), (28, 38, "PER"), (40, 44, "PER")]
FOUND = [Found(*place) for place in [*PLACES, (46, 48, "PER"), (50, 54, "LOC")]]


def masked(*arguments, text=TEXT, found=FOUND):
    return redact(text, found, Masks(*arguments).replace_in(text)).text


def test_kinds():
    assert masked() == "[PER] met [PER] in [LOC]. [PER], [PER], [PER]: [LOC]"
    assert masked(Mask.pseudonym) == "PER_1 met PER_2 in LOC_1. PER_1, PER_3, PER_4: LOC_1"
    assert masked(Mask.box) == "█████████ met ████ in ████. ██████████, ████, ██: ████"


def test_case_and_length():
    kept = masked(Mask.pseudonym, True)
    assert kept == "Per_1 met PER_2 in Loc_1. Per_1, per_3, Per_4: Loc_1"
    kept = masked(Mask.pseudonym, False, True)
    assert kept == "PER_1____ met PER2 in LOC1. PER_1_____, PER3, P4: LOC1"
    both = masked(Mask.pseudonym, True, True)
    assert both == "Per_1____ met PER2 in Loc1. Per_1_____, per3, P4: Loc1"
    assert masked(Mask.pseudonym, False, True, text="I", found=[Found(0, 1, "PER")]) == "1"


@pytest.mark.parametrize("mask", [Mask.label, Mask.box])
def test_only_pseudonyms_keep_something(mask):
    for kept in [{"keep_case": True}, {"keep_length": True}]:
        with pytest.raises(ValueError, match="kept by pseudonyms"):
            Masks(mask, **kept)


def test_a_pseudonym_is_none_that_the_text_has():
    text = "Anna is PER_1"
    assert masked(Mask.pseudonym, text=text, found=[Found(0, 4, "PER")]) == "PER_2 is PER_1"


@given(texts_and_spans())
def test_lengths_are_kept(case):
    text, found = case
    for masks in [Masks(Mask.box), Masks(Mask.pseudonym, keep_length=True)]:
        redacted = redact(text, found, masks.replace_in(text))
        assert len(redacted.text) == len(text)
        assert all(c.start == c.new_start and c.end == c.new_end for c in redacted.changes)


@given(texts_and_spans())
def test_masks_do_not_depend_on_what_they_hide(case):
    """But for length and, with pseudonyms, which strings are the same."""
    text, found = case
    hidden = [False] * len(text)
    for own in found:
        hidden[own.start : own.end] = [True] * (own.end - own.start)
    other = "".join("\u4e00" if gone and c.strip() else c for c, gone in zip(text, hidden))
    for masks in [Masks(), Masks(Mask.box)]:
        first, second = (redact(t, found, masks.replace_in(t)) for t in (text, other))
        assert first == second
