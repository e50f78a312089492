import pytest

from spacy_bilstm_crf.audit.checks import (
    check,
    check_duplicates,
    check_edges,
    check_label_names,
    check_same_sentences,
)
from spacy_bilstm_crf.corpora.annotated import AnnotatedSpan

from .conftest import document

LONG = "The ferry from Bergen to Oslo was late again today ."


def texts(n, label="PERSON", name="Anna"):
    return [document(f"{name} sleeps", (name, label), name=f"{label}{i}") for i in range(n)]


@pytest.mark.parametrize("slip", ["Person", "PERSN", "PERSONS", "PRESON", "PER-SON", "PERZON"])
def test_misspelt_labels(slip):
    found = list(check_label_names([*texts(30), *texts(1, slip), *texts(20, "ORG", "Acme")]))
    assert [(f.gold_label, f.suggested_label) for f in found] == [(slip, "PERSON")]
    assert found[0].suspicion == pytest.approx(30 / 31, abs=1e-6) and "30" in found[0].note
    assert found[0].gold_probability is None and found[0].suggested_probability is None
    assert (found[0].start, found[0].end) == (found[0].suggested_start, found[0].suggested_end)


@pytest.mark.parametrize("other, n", [("PLACE", 1), ("PERSN", 10)])
def test_labels_that_are_others(other, n):
    assert list(check_label_names([*texts(30), *texts(n, other)])) == []
    assert (
        list(check_label_names([*texts(30, "LOC"), *texts(1, "DOC")])) == []
    )  # short ones are near


def test_edges():
    right = [document("He saw Anna , Mia", ("Anna", "PER"), name=f"r{i}") for i in range(3)]
    wrong = document("He saw Anna , Mia", ("Anna ,", "PER"), name="w")
    (found,) = check_edges([*right, wrong])
    text = wrong.text.text
    assert text[found.start : found.end] == "Anna ,"
    assert text[found.suggested_start : found.suggested_end] == "Anna"
    assert found.suspicion == 0.75  # three of four commas are outside


@pytest.mark.parametrize("name", ["Oslo ( Norway )", "Dept .", "« Vind »", "90 %"])
def test_marks_that_belong_to_a_name(name):
    marks = (")", ".", "»", "«", "%") * 3
    right = [document(f"in Oslo {mark} x", ("Oslo", "LOC")) for mark in marks]
    assert list(check_edges([*right, document(f"in {name} x", (name, "LOC"))])) == []
    (found,) = check_edges([*right, document("in Oslo ) x", ("Oslo )", "LOC"))])
    assert found.suspicion == 0.75


def test_blanks_at_edges():
    (found,) = check_edges([document("He saw Anna today", ("Anna ", "PER"))])
    assert found.suspicion == 1.0 and (found.suggested_start, found.suggested_end) == (7, 11)


def test_the_same_sentence_in_two_ways():
    most = [document(LONG, ("Bergen", "LOC"), ("Oslo", "LOC"), name=f"m{i}") for i in range(3)]
    one = document(LONG, ("Bergen", "ORG"), name="one", split="test")
    found = list(check_same_sentences([*most, one]))
    assert {(f.document, f.gold_label, f.suggested_label, f.suspicion) for f in found} == {
        ("one", "ORG", "LOC", 0.75),
        ("one", None, "LOC", 0.75),
    }
    assert {f.kind for f in found} == {"inconsistent"} and "3 of 4" in found[0].note
    assert all(f.suggested_probability is None for f in found)
    assert list(check_same_sentences(most)) == []
    short = [document("in Oslo", *spans, name=str(spans)) for spans in ([], [("Oslo", "LOC")])]
    assert list(check_same_sentences(short)) == []


def test_of_two_that_differ_both_are_found():
    two = [document(LONG, ("Oslo", label), name=label) for label in ("LOC", "ORG")]
    found = list(check_same_sentences(two))
    assert {(f.document, f.suggested_label) for f in found} == {("LOC", "ORG"), ("ORG", "LOC")}
    assert {f.suspicion for f in found} == {0.5}


def test_the_same_sentence_within_a_document():
    words = LONG.replace("late", "very late")
    three = document(
        f"{LONG} {words} {LONG} {words} {LONG}",
        *[("Bergen", "LOC"), ("Oslo", "LOC")] * 4,
        ("Bergen", "ORG"),
        sentences=[0, 53, 111, 164, 222],
        wrong=[AnnotatedSpan(222 + 25, 222 + 29, "LOC")],
    )
    (found,) = check_same_sentences([three])
    assert (found.gold_label, found.suggested_label, found.start) == ("ORG", "LOC", 222 + 15)
    assert found.sentence_start == 222 and "2 of 3" in found.note
    assert found.suspicion == pytest.approx(2 / 3)  # and Oslo is known to be no LOC there


@pytest.mark.parametrize("across", ["today . The ferry", "today . The", ". The ferry"])
def test_sentences_that_an_entity_crosses_are_left_out(across):
    place = [("Bergen", "LOC"), ("Oslo", "LOC")]
    right = [document(LONG, *place, name=name) for name in "ab"]
    two = document(f"{LONG} {LONG}", *place, (across, "MISC"), *place[1:], sentences=[0, 53])
    assert list(check_same_sentences([*right, two])) == []
    text = f"{LONG} {LONG} {LONG}"
    three = document(text, *place, (across, "MISC"), *place[1:], sentences=[0, 53, 106])
    found = list(check_same_sentences([*right, three]))  # nothing is annotated in the third
    assert [f.start for f in found] == [106 + 15, 106 + 25]
    assert all("2 of 3 places" in f.note for f in found)


def test_duplicates_across_splits():
    train = document(LONG, ("Oslo", "LOC"), name="t")
    same, other = (document(LONG, ("Oslo", "LOC"), split=s, name=s) for s in ("dev", "train"))
    found = list(check_duplicates([train, other, same]))
    assert [(f.kind, f.split, f.document, f.suspicion) for f in found] == [
        ("duplicate", "dev", "dev", 1.0)
    ]
    assert "train.txt" in found[0].note and found[0].gold_label is found[0].suggested_label is None
    assert (found[0].start, found[0].end) == (0, len(LONG))
    assert len(list(check([train, same]))) == 1


def test_the_best_of_another_split_counts():
    near = LONG.replace("today", "tonight")
    texts = [(near, "train"), (LONG, "dev"), (LONG, "dev"), (LONG, "test"), (near, "dev")]
    documents = [document(text, split=split, name=str(i)) for i, (text, split) in enumerate(texts)]
    found = {f.document: (f.suspicion, f.note) for f in check_duplicates(documents)}
    # Of those before and of another split, the most similar, and the last of these.
    assert {name: note.split(", ")[-1] for name, (_, note) in found.items()} == {
        "1": "0",
        "2": "0",
        "3": "2",
        "4": "0",
    }
    assert found["1"] == found["2"] and found["3"][0] == found["4"][0] == 1.0
    assert 0.5 <= found["1"][0] < 1.0
