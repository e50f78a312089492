"""Annotated documents in the units of training."""

import pytest
import spacy
from spacy.tokens import Doc, DocBin

from spacy_bilstm_crf.evaluation.held_out import find_recognizer, read_held_out

from ..conftest import small_nlp


def write(path, *docs):
    DocBin(docs=docs).to_disk(path)
    return path


def make(vocab, n_sentences, label="PER"):
    words, ents = ["Jordan", "sat", "."] * n_sentences, [f"B-{label}", "O", "O"] * n_sentences
    return Doc(vocab, words=words, ents=ents, sent_starts=[True, False, False] * n_sentences)


def test_parts_know_their_document(trained, tmp_path):
    config = {"@readers": "spacy_bilstm_crf.SentenceRuns.v1", "path": "?", "max_sentences": 2}
    trained.config["corpora"]["dev"] = config
    ner = trained.get_pipe("ner")
    empty = Doc(trained.vocab)
    path = write(
        tmp_path / "dev.spacy",
        *(make(trained.vocab, n) for n in (3, 1)),
        empty,
        make(trained.vocab, 4),
    )
    held_out = read_held_out(trained, ner, path)
    parts = [(len(eg.reference), i) for eg, i in zip(held_out.examples, held_out.documents) if eg.x]
    assert [own for own in parts if own[0]] == [(6, 0), (3, 0), (3, 1), (6, 3), (6, 3)]
    assert not held_out.is_sentences
    assert read_held_out(trained, ner, tmp_path).path == path
    single = write(tmp_path / "single.spacy", *(make(trained.vocab, 1) for _ in range(3)))
    assert read_held_out(trained, ner, single).is_sentences


def test_what_can_not_be_used(trained, tmp_path):
    ner = trained.get_pipe("ner")
    other = write(tmp_path / "other.spacy", make(trained.vocab, 1, "DRUG"))
    with pytest.raises(ValueError, match="other.spacy has the label 'DRUG', which 'ner' does not"):
        read_held_out(trained, ner, other)
    none = write(tmp_path / "none.spacy", trained.make_doc("It rained."))
    with pytest.raises(ValueError, match="none.spacy has no entities"):
        read_held_out(trained, ner, none)
    with pytest.raises(ValueError, match="dev.spacy is not there"):
        read_held_out(trained, ner, tmp_path)
    with pytest.raises(OSError, match="nowhere.spacy"):
        read_held_out(trained, ner, tmp_path / "nowhere.spacy")


def test_the_component_is_found():
    nlp = small_nlp()
    assert find_recognizer(nlp)[0] == "ner"
    nlp.add_pipe("bilstm_crf_ner", name="second")
    assert find_recognizer(nlp, "second")[0] == "second"
    for name in (None, "third"):
        with pytest.raises(ValueError, match="must be one of ner, second"):
            find_recognizer(nlp, name)
    with pytest.raises(ValueError, match="no bilstm_crf_ner"):
        find_recognizer(spacy.blank("xx"))
