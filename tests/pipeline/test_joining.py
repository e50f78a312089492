"""Sentence marks that are left out in training: one draw for encoder and CRF."""

import numpy as np
import pytest
from spacy.tokens import Doc
from spacy.training import Example

from spacy_bilstm_crf.batching.sequences import sequence_lengths
from spacy_bilstm_crf.pipeline.bilstm_crf_ner import BiLSTMCRFRecognizer
from spacy_bilstm_crf.pipeline.joining import join_sentences

from ..conftest import make_examples, small_nlp


def marked_doc(nlp, n_sentences=400, marks=(True, False, False)):
    words = ["Paris", "is", "far"] * n_sentences
    return Doc(nlp.vocab, words=words, sent_starts=list(marks) * n_sentences)


def test_half_of_the_marks_are_left_out_of_a_share_of_docs():
    doc = marked_doc(small_nlp())
    joined = [join_sentences(doc, 0.25) for _ in range(400)]
    changed = [other for other in joined if other is not doc]
    assert 0.18 < len(changed) / len(joined) < 0.32
    n_left = [len(sequence_lengths([other])) for other in changed]
    assert 190 < np.mean(n_left) < 210 and len(set(n_left)) > 10
    for other in changed:
        assert [t.text for t in other] == [t.text for t in doc]
        starts = np.array([t.is_sent_start for t in other])
        assert starts[0] and not starts[1::3].any() and not starts[2::3].any()
    assert len(sequence_lengths([doc])) == 400


def test_docs_without_marks_stay_as_they_are():
    nlp = small_nlp()
    for doc in (Doc(nlp.vocab), Doc(nlp.vocab, words=["a", "b"])):
        assert join_sentences(doc, 1.0) is doc
    doc = marked_doc(nlp)
    assert join_sentences(doc, 0.0) is doc


def test_encoder_and_loss_read_the_same_sequences(monkeypatch):
    nlp = small_nlp(join=1.0)
    doc = marked_doc(nlp)
    examples = [*make_examples(nlp), Example(doc, doc)]
    nlp.initialize(lambda: examples)
    pipe = nlp.get_pipe("ner")
    encoded, scored = [], []
    begin_update, get_loss = pipe.model.begin_update, BiLSTMCRFRecognizer.get_loss

    def begin(docs):
        encoded.append(sequence_lengths(docs).tolist())
        return begin_update(docs)

    def loss(self, examples, scores):
        scored.append(scores.lengths.tolist())
        return get_loss(self, examples, scores)

    monkeypatch.setattr(pipe.model, "begin_update", begin)
    monkeypatch.setattr(BiLSTMCRFRecognizer, "get_loss", loss)
    for _ in range(3):
        nlp.update(examples)
    assert encoded == scored
    assert 100 < len(encoded[0]) < 300 and encoded[0] != encoded[1]
    assert sum(encoded[0]) == 1200 + sum(len(eg.predicted) for eg in examples[:-1])
    assert len(sequence_lengths([doc])) == 400  # the user's own doc keeps its marks


def test_a_subclass_that_overrides_get_loss_is_heard():
    class Own(BiLSTMCRFRecognizer):
        def get_loss(self, examples, scores):
            loss, gradient = super().get_loss(examples, scores)
            return 1000.0 + loss, gradient

    nlp = small_nlp()
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    pipe = nlp.get_pipe("ner")
    pipe.__class__ = Own
    assert pipe.update(examples)["ner"] > 1000.0


@pytest.mark.parametrize("join", [1.5, -0.1, "often", None])
def test_a_share_is_a_number_from_0_to_1(join):
    with pytest.raises(ValueError, match="join"):
        small_nlp(join=join)
