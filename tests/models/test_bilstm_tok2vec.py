"""Sentences, long docs, and batches: what is read together must not change what is found."""

import numpy as np
import pytest
import spacy
import torch

from spacy_bilstm_crf.torch_bridge.torch_layer import forget_words, module_of

from ..conftest import TRAIN, entities, make_examples, small_nlp, train


def emissions(nlp, docs):
    return nlp.get_pipe("ner").model.predict(docs).by_doc()


def test_a_doc_does_not_depend_on_its_batch_company(trained):
    docs = [trained.make_doc(text) for text in ("Anna", TRAIN[0][0], "Paris " * 40, "x y z")]
    together = emissions(trained, docs)
    for doc, expected in zip(docs, together):
        np.testing.assert_allclose(emissions(trained, [doc])[0], expected, atol=1e-5)


def test_sentences_are_read_one_by_one(trained):
    texts = [text for text, _ in TRAIN]
    doc = trained.make_doc(" ".join(texts))
    alone = np.concatenate(emissions(trained, [trained.make_doc(text) for text in texts]))
    assert np.abs(emissions(trained, [doc])[0] - alone).max() > 1e-3
    starts = np.cumsum([0] + [len(trained.make_doc(text)) for text in texts])
    for token in doc:
        token.is_sent_start = token.i in starts
    np.testing.assert_allclose(emissions(trained, [doc])[0], alone, atol=1e-5)


def test_long_docs_agree_with_short_ones(trained):
    # Far from the borders of a window, the LSTM has forgotten where it began.
    text = " ".join(text for text, _ in TRAIN)
    doc = trained.make_doc(" ".join([text] * 60))
    assert len(doc) > 1000
    found = entities(trained(doc))
    size = len(trained.make_doc(text))
    period = [(s % size, e % size, label) for s, e, label in found if size <= s < 2 * size]
    for block in range(2, 55):
        same = [(s % size, e % size, label) for s, e, label in found if s // size == block]
        assert same == period


@pytest.mark.slow
def test_training_on_docs_longer_than_a_window():
    nlp = small_nlp(max_length=8, overlap=2)
    text = "Anna Smith lives in Paris and Jordan lives in Paris " * 3
    spans = [
        m
        for i in range(3)
        for m in ((i * 52, i * 52 + 10, "PER"), (i * 52 + 20, i * 52 + 25, "LOC"))
    ]
    examples = make_examples(nlp, [(text, {"entities": spans})])
    nlp.initialize(lambda: examples)
    assert train(nlp, examples, steps=60)[-1] < 1.0
    assert len(nlp(text).ents) == 6


@pytest.mark.parametrize("max_length,overlap", [(8, 4), (10, -1), (0, 0), (10**30, 0)])
def test_impossible_windows_are_errors(max_length, overlap):
    with pytest.raises(ValueError, match="max_length"):
        small_nlp(max_length=max_length, overlap=overlap)


def test_empty_docs_alone_have_no_vectors(trained):
    for memory in (0.0, 0.5):
        nlp = small_nlp(doc_memory=memory)
        nlp.initialize(lambda nlp=nlp: make_examples(nlp))
        tok2vec = nlp.get_pipe("ner").model.get_ref("tok2vec")
        width = tok2vec.get_dim("nO")
        assert [x.shape for x in tok2vec.predict([nlp.make_doc("")])] == [(0, width)]
        shapes = [x.shape for x in tok2vec.predict([nlp.make_doc(""), nlp.make_doc("a b")])]
        assert shapes == [(0, width), (2, width)]


def test_a_change_of_the_features_alone_reaches_the_encoder(trained, tmp_path):
    trained.to_disk(tmp_path)
    nlp = spacy.load(tmp_path)
    docs = [nlp.make_doc(text) for text, _ in TRAIN]
    before = emissions(nlp, docs)
    embed = nlp.get_pipe("ner").model.get_ref("tok2vec").get_ref("embed").get_ref("flat")
    with torch.no_grad():
        module_of(embed).words.weight.mul_(2.0)
    changed = emissions(nlp, docs)
    assert max(np.abs(a - b).max() for a, b in zip(before, changed)) > 1e-2
    forget_words(nlp.get_pipe("ner").model)
    for own, again in zip(changed, emissions(nlp, docs)):
        np.testing.assert_array_equal(own, again)
