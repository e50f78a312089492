import pytest

from spacy_bilstm_crf.audit.findings import by_sentence, find_doubts, finding_of, suspicion_of
from spacy_bilstm_crf.audit.judge import Judgement
from spacy_bilstm_crf.corpora.annotated import AnnotatedSpan

from .conftest import document

TEXT = "In May Anna Smith of Oslo saw Bergen ."


def doubts_of(text, spans, nothing):
    return list(find_doubts(text, Judgement(spans, nothing)))


def judged(text):
    spans = {
        (1, 2, "PER"): 0.1,
        (2, 3, "PER"): 0.05,
        (2, 4, "PER"): 0.9,
        (5, 6, "ORG"): 0.2,
        (5, 6, "LOC"): 0.7,
        (7, 8, "LOC"): 0.6,
        (7, 9, "LOC"): 0.3,
    }
    nothing = {(1, 2, "PER"): 0.85, (2, 3, "PER"): 0.02, (5, 6, "ORG"): 0.1, (7, 8, "LOC"): 0.1}
    return Judgement(spans, {**dict.fromkeys(spans, 0.05), **nothing})


@pytest.fixture
def text():
    return document(TEXT, ("May", "PER"), ("Anna", "PER"), ("Oslo", "ORG"), sentences=[0, 7])


def test_kinds_and_suspicions(text):
    found = [finding_of(text, doubt) for doubt in find_doubts(text, judged(text))]
    rows = {
        (f.kind, TEXT[f.start : f.end], f.gold_label, f.suggested_label, f.suspicion) for f in found
    }
    assert rows == {
        ("spurious", "May", "PER", None, 0.875),
        ("border", "Anna", "PER", "PER", 0.925),
        ("label", "Oslo", "ORG", "LOC", 0.75),
        ("missing", "Bergen", None, "LOC", 0.75),
    }
    by_kind = {f.kind: f for f in found}
    border = by_kind["border"]
    assert TEXT[border.suggested_start : border.suggested_end] == "Anna Smith"
    assert border.gold_probability == 0.05 and border.suggested_probability == 0.9
    assert border.group == 'border: "Anna" PER -> "Anna Smith" PER'
    spurious, missing = by_kind["spurious"], by_kind["missing"]
    assert spurious.suggested_start is None and spurious.suggested_probability == 0.85
    assert spurious.group == 'spurious: "May" PER -> no entity'
    assert missing.gold_probability is None and missing.suggested_probability == 0.6
    for f in found:
        place = f.start - f.sentence_start
        assert f.sentence[place : place + f.end - f.start] == TEXT[f.start : f.end]


def test_a_sentence_is_as_suspicious_as_its_worst_doubt(text):
    found = [suspicion_of(own) for own in by_sentence(text, find_doubts(text, judged(text)))]
    assert found == pytest.approx([0.875, 0.925])
    assert suspicion_of([]) == 0.0


def test_what_is_unknown_or_known_to_be_wrong_is_no_finding():
    text = document(TEXT, ("May", "PER"), unknown=[(30, 36)], wrong=[AnnotatedSpan(7, 17, "PER")])
    keys = {(d.gold, d.suggested) for d in find_doubts(text, judged(text))}
    assert ((1, 2, "PER"), None) in keys and (None, (5, 6, "LOC")) in keys
    assert not any(d and d[:2] in ((7, 8), (7, 9), (2, 4)) for _, d in keys)


def test_ids_tell_findings_apart_and_groups_join_them():
    one, two = (document(TEXT, ("Oslo", "ORG"), name=name) for name in "ab")
    spans = {(5, 6, "ORG"): 0.2, (5, 6, "LOC"): 0.7}
    first, second = (
        [finding_of(text, doubt) for doubt in doubts_of(text, spans, dict.fromkeys(spans, 0.1))]
        for text in (one, two)
    )
    assert len(first) == len(second) == 1
    assert first[0].group == second[0].group and first[0].id != second[0].id
    again = document(TEXT, ("Oslo", "ORG"), name="a")
    (doubt,) = doubts_of(again, spans, dict.fromkeys(spans, 0.3))
    assert finding_of(again, doubt).id == first[0].id
