"""Word n-grams weighed by labels."""

import numpy as np
import pytest
import spacy
from spacy.training import Example

from spacy_bilstm_crf.models import NaiveBayesNgrams
from spacy_bilstm_crf.models.naive_bayes_ngrams import log_count_ratios
from spacy_bilstm_crf.models.training_docs import offer_training_docs

TEXTS = [
    ("a good film", {"pos": 1.0, "neg": 0.0}),
    ("a good cast", {"pos": 1.0, "neg": 0.0}),
    ("not good", {"pos": 0.0, "neg": 1.0}),
    ("a bad film", {"pos": 0.0, "neg": 1.0}),
    ("a bad cast", {"pos": 0.0, "neg": 1.0}),
    ("not bad", {"pos": 1.0, "neg": 0.0}),
]

MODEL = {
    "@architectures": "spacy_bilstm_crf.NaiveBayesNgrams.v1",
    "exclusive_classes": True,
    "ngram_size": 2,
    "min_freq": 1,
}


def _nlp(texts=TEXTS):
    nlp = spacy.blank("en")
    nlp.add_pipe("textcat", config={"model": MODEL})
    examples = [Example.from_dict(nlp.make_doc(text), {"cats": cats}) for text, cats in texts]
    return nlp, examples


def _initialize(nlp, examples):
    offer_training_docs(nlp.get_pipe("textcat").model, lambda: (eg.reference for eg in examples))
    return nlp.initialize(lambda: examples)


def test_ratios_are_those_of_naive_bayes():
    # Two n-grams; three texts with the label, of four: the first n-gram is in all that have it and
    # none other, the second in one with it and in the one without.
    of_label, n_texts = np.array([[3], [1]]), np.array([3, 2])
    p, q = np.array([4, 2]) / 6, np.array([1, 2]) / 3
    assert log_count_ratios(of_label, n_texts) == pytest.approx(abs(np.log(p / q)), abs=1e-6)


def test_two_labels_that_exclude_each_other_weigh_as_one():
    n_texts, of_one = np.array([5, 3, 9]), np.array([[4], [0], [5]])
    both = np.hstack([of_one, n_texts[:, None] - of_one])
    assert log_count_ratios(both, n_texts) == pytest.approx(log_count_ratios(of_one, n_texts))


def test_ngrams_that_say_nothing_have_no_value_and_unknown_ones_are_left_out():
    nlp, examples = _nlp()
    _initialize(nlp, examples)
    features = next(
        node for node in nlp.get_pipe("textcat").model.walk() if node.name == "naive_bayes_ngrams"
    )
    docs = [nlp.make_doc(text) for text in ("A good", "unheard of", "")]
    rows, values, lengths = features.predict(docs)
    assert lengths.tolist() == [3, 0, 0]  # a, good, a good
    keys = features.layers[1].attrs["keys"]
    known = dict(zip(keys[rows].tolist(), values.tolist()))
    assert known[nlp.vocab.strings["a"]] == pytest.approx(0.0, abs=1e-6)
    # "good": 2 of 3 positive and 1 of 3 negative texts; all n-grams: 14 on each side, of 12 kinds.
    assert known[nlp.vocab.strings["good"]] == pytest.approx(np.log(3 / 2), abs=1e-6)


def test_counts_do_not_depend_on_how_many_are_counted_at_once(monkeypatch):
    tables = []
    for chunk in (1, 5_000_000):
        monkeypatch.setattr("spacy_bilstm_crf.models.naive_bayes_ngrams._CHUNK", chunk)
        nlp, examples = _nlp()
        _initialize(nlp, examples)
        layer = next(n for n in nlp.get_pipe("textcat").model.walk() if n.name == "naive_bayes")
        tables.append((layer.attrs["keys"], layer.attrs["ratios"]))
    assert (tables[0][0] == tables[1][0]).all()
    assert (tables[0][1] == tables[1][1]).all()


def test_learns_is_saved_and_loaded(tmp_path):
    nlp, examples = _nlp()
    sgd = _initialize(nlp, examples)
    for _ in range(100):
        nlp.update(examples, sgd=sgd)
    found = [nlp(text).cats["pos"] for text, _ in TEXTS]
    assert [p > 0.5 for p in found] == [cats["pos"] == 1.0 for _, cats in TEXTS]
    nlp.to_disk(tmp_path)
    again = spacy.load(tmp_path)
    assert [again(text).cats["pos"] for text, _ in TEXTS] == found
    copied = spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes())
    assert [copied(text).cats["pos"] for text, _ in TEXTS] == found


def test_without_labels_it_says_what_to_do():
    with pytest.raises(ValueError, match="learn_words.v1"):
        NaiveBayesNgrams(True).initialize(X=[spacy.blank("en")("a good film")])


@pytest.mark.parametrize("setting", ["ngram_size", "min_freq"])
def test_sizes_are_at_least_one(setting):
    with pytest.raises(ValueError, match="at least 1"):
        NaiveBayesNgrams(True, **{setting: 0})
