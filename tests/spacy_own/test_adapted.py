"""What is left of spaCy's own tests that ask for more than our component has; see left_out.py."""

import pickle

import pytest
import spacy
from spacy.tokens import Span

from spacy_bilstm_crf.tags import tag_names

from ..conftest import entities, make_examples, small_nlp, train


@pytest.mark.parametrize("label", ["CITIZENSHIP", "LARGE-ANIMAL"])
def test_labels_from_bytes(label):
    """test_issue2179, test_issue3209, test_labels_from_BILUO"""
    nlp, again = small_nlp(), small_nlp()
    nlp.get_pipe("ner").add_label(label)
    nlp.initialize(lambda: make_examples(nlp, [("a b c", {})] * 2))
    again.from_bytes(nlp.to_bytes())
    assert again.get_pipe("ner").labels == (label,)
    assert tag_names(again.get_pipe("ner").labels) == [
        "O", f"B-{label}", f"I-{label}", f"L-{label}", f"U-{label}"
    ]  # fmt: skip


@pytest.mark.slow
def test_overwrite_token():
    nlp = small_nlp()
    with pytest.warns(UserWarning, match="without training examples"):
        nlp.initialize()
    doc = nlp("I live in New York")
    assert [token.ent_iob_ for token in doc] == ["O"] * 5
    # A component that comes later can make entities of what is O.
    other = small_nlp()
    data = [("I live in New York", {"entities": [(10, 18, "GPE")]})]
    examples = make_examples(other, data)
    other.initialize(lambda: examples)
    train(other, examples, steps=40)
    assert entities(other.get_pipe("ner")(doc)) == [(3, 5, "GPE")]


@pytest.mark.slow
def test_overfitting_io(tmp_path):
    nlp = small_nlp()
    data = [
        ("Who is Shaka Khan?", {"entities": [(7, 17, "PERSON")]}),
        ("I like London and Berlin.", {"entities": [(7, 13, "LOC"), (18, 24, "LOC")]}),
    ]
    examples = make_examples(nlp, data)
    nlp.initialize(lambda: examples)
    assert train(nlp, examples, steps=80)[-1] < 0.01
    nlp.to_disk(tmp_path)
    again = spacy.load(tmp_path)
    again.get_pipe("ner").add_label("RANDOM_NEW_LABEL")
    for pipeline in (nlp, spacy.load(tmp_path), again):
        assert entities(pipeline("I like London.")) == [(2, 3, "LOC")]
    doc = nlp.make_doc("I like London and London.")
    doc.ents = [Span(doc, 2, 3, label="LOC", kb_id=1234)]
    doc = nlp.get_pipe("ner")(doc)
    assert [(ent.text, ent.label_, ent.kb_id) for ent in doc.ents] == [
        ("London", "LOC", 1234),
        ("London", "LOC", 0),
    ]


def test_issue4725():
    """A component that was not initialized can be pickled, with its settings."""
    ner = spacy.blank("xx").create_pipe("bilstm_crf_ner", config={"threshold": 0.25})
    assert pickle.loads(pickle.dumps(ner)).cfg == ner.cfg
    assert ner.cfg["threshold"] == 0.25


@pytest.mark.slow
def test_issue999(tmp_path):
    """Examples one by one, with an optimizer of nlp's own."""
    data = [
        ("hey", []),
        ("hey there", []),
        ("i'm looking for a place to eat", []),
        ("i'm looking for a place in the north of town", [(31, 36, "LOCATION")]),
        ("show me chinese restaurants", [(8, 15, "CUISINE")]),
        ("show me chines restaurants", [(8, 14, "CUISINE")]),
    ]
    nlp = small_nlp()
    examples = make_examples(nlp, [(text, {"entities": ents}) for text, ents in data])
    nlp.initialize(lambda: examples)
    for _ in range(40):
        for example in examples:
            nlp.update([example])
    nlp.to_disk(tmp_path)
    again = spacy.load(tmp_path)
    assert [
        [(ent.start_char, ent.end_char, ent.label_) for ent in again(text).ents] for text, _ in data
    ] == [ents for _, ents in data]
