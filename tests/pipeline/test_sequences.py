"""Sentences, long docs, and batches: what is read together must not change what is found."""

import numpy as np
import pytest
from spacy.tokens import Doc

from spacy_bilstm_crf.batching import chunks
from spacy_bilstm_crf.batching.buckets import make_buckets
from spacy_bilstm_crf.batching.sequences import sequence_lengths

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


def test_sequence_lengths(trained):
    docs = [trained.make_doc(text) for text in ("a b c", "", "d e")]
    assert sequence_lengths(docs).tolist() == [3, 2]
    docs[0][0].is_sent_start = True
    docs[0][2].is_sent_start = True
    assert sequence_lengths(docs).tolist() == [2, 1, 2]
    assert sequence_lengths([docs[1]]).tolist() == []


@pytest.mark.parametrize("length", [8, 9, 20, 63])
def test_windows_give_every_token_once_and_from_their_middle(length):
    lengths = np.array([3, length, 1, 8])
    buckets = make_buckets(lengths, "cpu", max_length=8, overlap=2)
    import torch

    tokens = torch.arange(int(lengths.sum()))
    assert buckets.map(lambda x, sizes, mask: x, tokens).tolist() == tokens.tolist()
    context = buckets.map(lambda x, sizes, mask: x - x[:, :1], tokens).tolist()
    ends = buckets.map(lambda x, sizes, mask: x.gather(1, sizes[:, None] - 1) - x, tokens).tolist()
    for i, token in enumerate(range(3, 3 + length)):
        assert context[token] >= min(i, 2)
        assert ends[token] >= min(length - 1 - i, 2)
    assert all(index.shape[1] <= 8 for index, _, _ in buckets)


def test_buckets_keep_padding_low():
    lengths = np.random.RandomState(0).randint(1, 60, size=300)
    buckets = make_buckets(lengths, "cpu")
    cells = sum(index.numel() for index, _, _ in buckets)
    assert cells < 1.15 * lengths.sum()
    buckets = make_buckets(np.full(100, 1000), "cpu")
    assert max(index.numel() for index, _, _ in buckets) <= 17000


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


@pytest.mark.parametrize("marked", [False, True])
def test_long_docs_in_pieces_are_read_as_a_whole(monkeypatch, marked):
    nlp = small_nlp(max_length=10, overlap=2)
    nlp.initialize(lambda: make_examples(nlp))
    words = [f"w{i % 7}" for i in range(97)]
    starts = [i % 9 == 0 for i in range(97)] if marked else None
    docs = [
        Doc(nlp.vocab, words=words, sent_starts=starts),
        Doc(nlp.vocab, words=["Paris"]),
        Doc(nlp.vocab),
    ]
    model = nlp.get_pipe("ner").model
    whole = model.predict(docs).by_doc()
    monkeypatch.setattr(chunks, "CHUNK", 20)
    monkeypatch.setattr("spacy_bilstm_crf.models.with_chunks.CHUNK", 20)
    cores = [chunk[core].text.split() for chunk, core in chunks.chunks(docs[0], step=6, margin=10)]
    assert len(cores) > 3 and sum(cores, []) == words
    for one, other in zip(whole, model.predict(docs).by_doc(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
