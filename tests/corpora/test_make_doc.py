"""Spans of characters become entities of tokens, and nothing that is not known becomes O."""

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from spacy_bilstm_crf.corpora.annotated import AnnotatedSpan, AnnotatedText, FormatError, Unfit
from spacy_bilstm_crf.corpora.make_doc import WRONG, count_foreign, make_doc, read_back

nlp = spacy.blank("en")
TEXT = "Anna Holt  left New York City."


def span(surface, label="X", place="", text=TEXT):
    start = text.index(surface)
    return AnnotatedSpan(start, start + len(surface), label, place)


def ents(doc):
    return [(ent.text, ent.label_) for ent in doc.ents]


def tags(doc):
    return "".join(token.ent_iob_ or "?" for token in doc)


def test_white_space_at_borders_is_no_part_of_an_entity():
    doc, unfit = make_doc(AnnotatedText(TEXT, [span("Anna Holt  ", "PER")]), nlp)
    assert ents(doc) == [("Anna Holt", "PER")] and not unfit
    doc, unfit = make_doc(AnnotatedText(TEXT, [span("  ", place="line 3")]), nlp)
    assert not doc.ents and unfit == [Unfit("line 3", "only white space")]


def test_what_does_not_fit_is_unknown():
    doc, unfit = make_doc(AnnotatedText(TEXT, [span("nna Ho", place="line 1")]), nlp)
    assert not doc.ents and unfit == [Unfit("line 1", "border inside a token")]
    assert tags(doc) == "??OOOOOO"
    known = AnnotatedText(TEXT, [span("nna Ho"), span("Holt", "PER")])
    doc, _ = make_doc(known, nlp)
    assert ents(doc) == [("Holt", "PER")] and tags(doc)[:3] == "?BO"


def test_stretches_that_are_not_annotated():
    doc, _ = make_doc(AnnotatedText(TEXT, [span("Anna")], unknown=[(9, 13)]), nlp)
    assert tags(doc) == "BO??OOOO"


def test_wrong_spans_go_beside_the_entities():
    doc, _ = make_doc(AnnotatedText(TEXT, [span("Anna")], wrong=[span("New York", "PER")]), nlp)
    assert [(s.text, s.label_) for s in doc.spans[WRONG]] == [("New York", "PER")]
    assert read_back(doc).wrong == [span("New York", "PER")]


@pytest.mark.parametrize(
    "overlaps, expected, n_unfit",
    [
        ("longest", ["New York City"], 2),
        ("outermost", ["New York City"], 2),
        ("innermost", ["York", "City"], 1),
        ("first", ["York", "City"], 1),
    ],
)
def test_overlaps(overlaps, expected, n_unfit):
    spans = [span("York"), span("New York City"), span("City")]
    doc, unfit = make_doc(AnnotatedText(TEXT, spans), nlp, overlaps=overlaps)
    assert [ent.text for ent in doc.ents] == expected
    assert [reason for _, reason in unfit] == ["overlaps another"] * n_unfit
    assert "?" not in tags(doc)


def test_overlaps_may_be_an_error():
    spans = [span("New York", "LOC", "a, line 1"), span("York City", "ORG", "a, line 2")]
    with pytest.raises(FormatError, match="a, line 2: ORG 'York City' overlaps LOC 'New York' of"):
        make_doc(AnnotatedText(TEXT, spans), nlp, overlaps="error")
    twice = [span("New York"), span("New York")]
    assert len(make_doc(AnnotatedText(TEXT, twice), nlp, overlaps="error")[0].ents) == 1


def test_own_tokens_and_the_tokenizers():
    text = "On 2016-08-01 Anna left"
    tokens = [(0, 2), (3, 13), (14, 18), (19, 23)]
    given = AnnotatedText(text, [span("2016-08-01", text=text)], tokens=tokens, sentences=[0, 14])
    doc, _ = make_doc(given, nlp)
    assert [t.text for t in doc] == text.split() and doc.text == text
    assert [t.text for t in doc if t.is_sent_start] == ["On", "Anna"]
    assert count_foreign(given, nlp) == 1
    split, _ = make_doc(given, nlp, retokenize=True)
    assert [t.text for t in split][:6] == ["On", "2016", "-", "08", "-", "01"]
    assert ents(split) == [("2016-08-01", "X")]
    assert [t.text for t in split if t.is_sent_start] == ["On", "Anna"]


def test_spaces_that_are_not_known():
    given = AnnotatedText("a b", tokens=[(0, 1), (2, 3)], has_spaces=False)
    doc, _ = make_doc(given, nlp)
    assert doc.has_unknown_spaces and not read_back(doc).has_spaces


def test_a_tokenizer_that_changes_the_text_is_an_error():
    class Lower:
        def __init__(self, vocab):
            self.vocab = vocab

        def __call__(self, text):
            return spacy.tokens.Doc(self.vocab, words=text.lower().split())

    other = spacy.blank("en")
    other.tokenizer = Lower(other.vocab)
    with pytest.raises(FormatError, match="a.csv, line 2: the tokenizer changes the text"):
        make_doc(AnnotatedText("A b", place="a.csv, line 2"), other)


words = st.text(st.sampled_from("ab\U0001f600é. -\n\t"), max_size=30)


@given(words, st.lists(st.tuples(st.integers(0, 30), st.integers(1, 8), st.sampled_from("XY"))))
def test_docs_give_back_what_they_hold(text, drawn):
    spans = [
        AnnotatedSpan(start, min(len(text), start + size), label)
        for start, size, label in drawn
        if start < len(text)
    ]
    doc, unfit = make_doc(AnnotatedText(text, spans), nlp)
    back = read_back(doc)
    assert back.text == text and len(back.spans) + len(unfit) <= len(spans)
    again, none = make_doc(back, nlp)
    assert not none and again.to_json() == doc.to_json()
    unknown = {token.i for token in doc if not token.ent_iob}
    touched = {
        token.i
        for token in doc
        for s in spans
        if s.start < token.idx + len(token) and token.idx < s.end
    }
    assert unknown <= touched
