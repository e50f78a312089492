"""Accepted findings, applied to the spans of a text."""

from itertools import count

import pytest

from spacy_bilstm_crf.audit.changes import change
from spacy_bilstm_crf.audit.finding import Finding
from spacy_bilstm_crf.corpora.annotated import AnnotatedSpan, AnnotatedText

TEXT = "In New York City Anna left "
YORK, CITY, ANNA = (3, 11), (12, 16), (17, 21)


NUMBERS = count()


def finding(kind, place, gold, other=None, label=None):
    where = ("a.jsonl", 3, "train", "", TEXT, 0)
    suggested = *(other or (None, None)), label
    return Finding(
        str(next(NUMBERS)), kind, "g", *where, *place, gold, None, *suggested, None, 0.5, ""
    )


def spans_of(text):
    return [(TEXT[s.start : s.end], s.label) for s in text.spans]


def changed(findings, spans=((*YORK, "LOC"), (*ANNA, "ORG")), **values):
    text = AnnotatedText(TEXT, [AnnotatedSpan(*span) for span in spans], **values)
    after, done, unfit = change(text, findings)
    assert len(done) + len(unfit) == len(findings)
    return spans_of(after), [reason for _, reason in unfit]


def test_each_kind():
    label = finding("label", ANNA, "ORG", label="PER")
    assert changed([label]) == ([("New York", "LOC"), ("Anna", "PER")], [])
    border = finding("border", YORK, "LOC", (3, 16), "LOC")
    assert changed([border]) == ([("New York City", "LOC"), ("Anna", "ORG")], [])
    both = [border, finding("label", ANNA, "ORG", ANNA, "PER")]
    assert changed(both) == ([("New York City", "LOC"), ("Anna", "PER")], [])
    missing = finding("missing", CITY, None, CITY, "X")
    assert changed([missing])[0] == [("New York", "LOC"), ("City", "X"), ("Anna", "ORG")]
    assert changed([finding("spurious", ANNA, "ORG")]) == ([("New York", "LOC")], [])
    edges = finding("edges", (17, 22), "ORG", ANNA, "ORG")
    assert changed([edges], [(17, 22, "ORG")]) == ([("Anna", "ORG")], [])
    # Offsets of a doc leave white space at the borders out.
    assert changed([label], [(16, 22, "ORG")]) == ([("Anna", "PER")], [])


def test_confidence_is_of_what_was_found():
    spans = [AnnotatedSpan(*YORK, "LOC", "p", 0.5), AnnotatedSpan(*ANNA, "ORG", "q", 0.25)]
    label = finding("label", ANNA, "ORG", label="PER")
    after = change(AnnotatedText(TEXT, spans), [label])[0]
    assert after.spans == [spans[0], AnnotatedSpan(*ANNA, "PER", "q")]


def test_what_is_removed_makes_room_whatever_the_order():
    border = finding("border", YORK, "LOC", (3, 16), "LOC")
    city = finding("spurious", CITY, "ORG")
    spans = [(*YORK, "LOC"), (*CITY, "ORG")]
    for findings in ([border, city], [city, border]):
        assert changed(findings, spans) == ([("New York City", "LOC")], [])
    result, reasons = changed([border], spans)
    assert result == [("New York", "LOC"), ("City", "ORG")]
    assert reasons == ["overlaps the ORG 'City'"]


def test_decisions_that_contradict_or_repeat_each_other():
    to_person = finding("label", ANNA, "ORG", label="PER")
    again = finding("inconsistent", ANNA, "ORG", ANNA, "PER")
    to_place = finding("label", ANNA, "ORG", label="LOC")
    gone = finding("spurious", ANNA, "ORG")
    own = [(*ANNA, "ORG")]
    assert changed([to_person, again], own) == ([("Anna", "PER")], [])
    for other in (to_place, gone):
        result, reasons = changed([to_person, other], own)
        assert result == [("Anna", "PER")]
        assert reasons == ["another decision has changed the entity"]
    # Where the suggestion is there already, the other entity goes.
    border = finding("border", YORK, "LOC", (3, 16), "LOC")
    assert changed([border], [(*YORK, "LOC"), (3, 16, "LOC")]) == ([("New York City", "LOC")], [])


def test_parts_of_an_entity_become_one():
    spans = [(3, 6, "LOC"), (7, 11, "LOC"), (*ANNA, "ORG")]
    first, second = (finding("border", span[:2], "LOC", YORK, "LOC") for span in spans[:2])
    for findings in ([first, second], [second, first]):
        assert changed(findings, spans) == ([("New York", "LOC"), ("Anna", "ORG")], [])
    assert changed([first], spans)[1] == ["overlaps the LOC 'York'"]
    third = finding("border", ANNA, "ORG", (3, 21), "LOC")
    assert changed([first, second, third], spans)[1] == ["overlaps the LOC 'New York'"]


def test_an_entity_that_is_there_twice_changes_once():
    twice = [(*ANNA, "ORG"), (16, 21, "ORG"), (*YORK, "LOC")]
    gone = finding("spurious", ANNA, "ORG")
    assert changed([gone], twice) == ([("New York", "LOC")], [])
    label = finding("label", ANNA, "ORG", label="PER")
    assert changed([label], twice) == ([("New York", "LOC"), ("Anna", "PER")], [])


def test_entities_are_of_the_text_s_own_tokens():
    tokens = [(0, 2), (3, 11), (12, 16), (17, 26)]
    spans = [(*YORK, "LOC"), (17, 26, "ORG")]
    border = finding("border", (17, 26), "ORG", ANNA, "ORG")
    result, reasons = changed([border], spans, tokens=tokens)
    assert result[1] == ("Anna left", "ORG")
    assert reasons == ["does not begin and end with tokens"]
    fits = finding("border", YORK, "LOC", (0, 11), "LOC")
    assert changed([fits], spans, tokens=tokens)[0][0] == ("In New York", "LOC")


def test_spans_that_overlap_in_the_text_stay():
    spans = [(3, 16, "LOC"), (*CITY, "ORG")]
    label = finding("label", (3, 16), "LOC", label="GPE")
    assert changed([label], spans) == ([("New York City", "GPE"), ("City", "ORG")], [])


@pytest.mark.parametrize("place", [(50, 60), (16, 17)])
def test_an_entity_that_is_not_there(place):
    assert changed([finding("spurious", place, "ORG")])[1] == [
        "another decision has changed the entity"
    ]
