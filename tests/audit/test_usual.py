import pytest

from spacy_bilstm_crf.audit.judge import Judgement
from spacy_bilstm_crf.audit.usual import EQUAL, Usual, usual_of

from .conftest import document

TEXT = "Anna saw Oslo and Rome ."
PER, LOC, ROME = (0, 1, "PER"), (2, 3, "LOC"), (4, 5, "LOC")


def judged(**changed):
    spans = {PER: 0.9, LOC: 0.6, (2, 3, "PER"): 0.3, (2, 4, "LOC"): 0.05, ROME: 0.4}
    return Judgement({**spans, **changed}, dict.fromkeys(spans, 0.0))


def test_means_of_each_label_and_of_nothing():
    text = document(TEXT, ("Anna", "PER"), ("Oslo", "LOC"), ("Rome", "LOC"))
    usual = usual_of([text], [judged()])
    mean = (0.9 + 0.6 + 0.4) / 3
    assert usual.entity == pytest.approx(mean)
    assert usual.labels == pytest.approx(
        {"LOC": (0.6 + 0.4 + 10 * mean) / 12, "PER": (0.9 + 10 * mean) / 11}
    )
    assert usual.nothing == pytest.approx((1.0 + 0.95 + 1.0) / 3)  # saw, and, the full stop
    assert usual.of(None) == usual.nothing and usual.of((0, 1, "ORG")) == usual.entity


def test_what_is_not_known_does_not_count():
    text = document(TEXT, ("Anna", "PER"), unknown=[(9, 22)])  # "Oslo and Rome"
    usual = usual_of([text], [judged()])
    assert usual.labels == pytest.approx({"PER": 0.9}) and usual.nothing == 1.0
    assert usual_of([document(TEXT)], [judged()]) is EQUAL  # no entity to compare with


def test_equal_compares_probabilities_alone():
    assert EQUAL.suspicion(PER, LOC, 0.1, 0.8) == pytest.approx((1 + 0.8 - 0.1) / 2)


def test_a_suspicion_is_from_0_to_1_and_half_where_both_exceed_the_usual_alike():
    usual = Usual({"PER": 0.9, "LOC": 0.6}, entity=0.7, nothing=0.98)
    keys = [None, PER, LOC, (0, 1, "ORG")]
    found = [
        usual.suspicion(gold, suggested, p, q)
        for gold in keys
        for suggested in keys
        for p, q in ((0.0, 1.0), (1.0, 0.0), (0.5, 0.5))
    ]
    assert min(found) >= 0.0 and max(found) <= 1.0
    assert usual.suspicion(None, LOC, 0.98, 0.0) < 0.5 < usual.suspicion(None, LOC, 0.0, 0.1)
    assert usual.suspicion(PER, LOC, 0.6, 0.3) == pytest.approx(0.5)
    # The greatest is reached: sure of what models are never sure of, in the place of the sure.
    assert usual.suspicion(None, LOC, 0.0, 1.0) == pytest.approx(1.0)
