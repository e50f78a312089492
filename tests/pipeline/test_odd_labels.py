"""Labels that look like tags, or like nothing at all."""

import pytest
import spacy
from spacy.tokens import Doc, DocBin, Span
from spacy.training import Example
from spacy.vocab import Vocab

from spacy_bilstm_crf.corpora.annotated import ReadOptions
from spacy_bilstm_crf.corpora.formats import columns
from spacy_bilstm_crf.corpora.make_doc import make_doc
from spacy_bilstm_crf.pipeline.alignment import gold_tag_ids
from spacy_bilstm_crf.tags import MISSING, read_tags, tag_names

from ..conftest import entities, small_nlp, train

ODD = [
    "LEGAL-ACT", "EU-ORG", "SOUL-MUSIC", "U-A", "L-A", "B-A", "A", "B-", "U-", "L-L-", "U-U-",
    "O", "-", "--", " ", "two words", "\N{LABEL}", "Ü", "B-B-A",
]  # fmt: skip
WORDS = ["New", "York", "saw", "Anna"]
FINER = ["New", "Yo", "rk", "saw", "Anna"]


def reference(vocab, label, words=WORDS):
    doc = Doc(vocab, words=words, spaces=[True, True, True, False])
    doc.ents = [Span(doc, 0, 2, label), Span(doc, 3, 4, label)]
    return doc


@pytest.mark.parametrize("label", ODD)
@pytest.mark.parametrize("words", [WORDS, FINER])
def test_odd_labels_in_examples(label, words):
    vocab = Vocab()
    spaces = [True, True, True, False] if words == WORDS else [True, False, True, True, False]
    example = Example(Doc(vocab, words=words, spaces=spaces), reference(vocab, label))
    ids = gold_tag_ids([example], ODD, name="ner")
    names = [tag_names(ODD)[i] for i in ids]
    inside = [f"I-{label}"] * (len(words) - len(WORDS))
    assert MISSING not in ids
    assert names == [f"B-{label}", *inside, f"L-{label}", "O", f"U-{label}"]


@pytest.mark.parametrize("label", [label for label in ODD if " " not in label])
def test_odd_labels_in_columns(label, tmp_path):
    assert read_tags([f"B-{label}", f"L-{label}", "O", f"U-{label}"]) == [
        f"B-{label}", f"I-{label}", "O", f"B-{label}"
    ]  # fmt: skip
    path = tmp_path / "odd.conll"
    path.write_text(f"New B-{label}\nYork I-{label}\nsaw O\nAnna S-{label}\n", encoding="utf-8")
    docs = [make_doc(text, spacy.blank("xx"))[0] for text in columns.read(path, ReadOptions())]
    (doc,) = DocBin(docs=docs).get_docs(Vocab())
    assert entities(doc) == [(0, 2, label), (3, 4, label)]


def test_odd_labels_are_learned_and_predicted():
    """Of two labels that differ in what looks like a prefix, each is learned as itself."""
    nlp = small_nlp()
    examples = []
    for text, label in (
        ("Anna Smith saw", "U-A"),
        ("Oslo Bay saw", "B-A"),
        ("Act One saw", "L-L-"),
    ):
        doc = nlp.make_doc(text)
        gold = Doc(nlp.vocab, words=[text[:-4], "saw"])
        gold.ents = [Span(gold, 0, 1, label)]
        examples.append(Example(doc, gold))
    nlp.initialize(lambda: examples)
    train(nlp, examples, steps=40)
    assert [entities(nlp(eg.text)) for eg in examples] == [
        [(0, 2, "U-A")], [(0, 2, "B-A")], [(0, 2, "L-L-")]
    ]  # fmt: skip
