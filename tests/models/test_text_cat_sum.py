"""A classifier by n-grams and states."""

import numpy as np
import pytest
import spacy
from spacy.training import Example

from spacy_bilstm_crf.models.training_docs import offer_training_docs

TEXTS = [
    ("a good film", "pos"),
    ("not good", "neg"),
    ("a bad film", "neg"),
    ("not bad", "pos"),
    ("good", "pos"),
    ("bad", "neg"),
]
TOK2VEC = {
    "@architectures": "spacy_bilstm_crf.BiLSTMTok2Vec.v1",
    "hidden_width": 8,
    "embed": {"@architectures": "spacy_bilstm_crf.WordCharEmbed.v1", "char_filters": 4},
}


def _nlp(architecture="spacy_bilstm_crf.TextCatSum.v1", pipe="textcat"):
    linear = {
        "@architectures": "spacy_bilstm_crf.NaiveBayesNgrams.v1",
        "exclusive_classes": pipe == "textcat",
        "ngram_size": 2,
        "min_freq": 1,
        "no_output_layer": architecture.startswith("spacy_bilstm_crf"),
    }
    model = {"@architectures": architecture, "linear_model": linear, "tok2vec": TOK2VEC}
    nlp = spacy.blank("en")
    nlp.add_pipe(pipe, config={"model": model})
    examples = [
        Example.from_dict(
            nlp.make_doc(text), {"cats": {own: float(own == label) for own in ("pos", "neg")}}
        )
        for text, label in TEXTS
    ]
    offer_training_docs(nlp.get_pipe(pipe).model, lambda: (eg.reference for eg in examples))
    sgd = nlp.initialize(lambda: examples)
    return nlp, examples, sgd


@pytest.mark.parametrize("pipe", ["textcat", "textcat_multilabel"])
@pytest.mark.parametrize(
    "architecture", ["spacy_bilstm_crf.TextCatSum.v1", "spacy.TextCatEnsemble.v2"]
)
def test_learns_is_saved_and_loaded(architecture, pipe, tmp_path):
    nlp, examples, sgd = _nlp(architecture, pipe)
    for _ in range(150):
        nlp.update(examples, sgd=sgd)
    found = [nlp(text).cats for text, _ in TEXTS]
    assert [own["pos"] > 0.5 for own in found] == [label == "pos" for _, label in TEXTS]
    nlp.to_disk(tmp_path)
    again = spacy.load(tmp_path)
    assert [again(text).cats for text, _ in TEXTS] == found


def test_begins_with_the_n_grams_alone_and_trains_both():
    nlp, examples, sgd = _nlp()
    model = nlp.get_pipe("textcat").model
    scores = model.get_ref("output_layer")
    assert not scores.get_param("W").any()
    assert model.predict([nlp("good film")])[0].tolist() == [0.5, 0.5]
    encoder_before = model.get_ref("tok2vec").to_bytes()
    for _ in range(3):  # the encoder has a gradient once the weights above it are not 0
        nlp.update(examples, sgd=sgd)
    linear = next(node for node in model.walk() if node.name == "sparse_linear")
    assert linear.get_param("W").any() and scores.get_param("W").any()
    assert model.get_ref("tok2vec").to_bytes() != encoder_before


def test_an_empty_doc_beside_others():
    nlp, _, _ = _nlp()
    alone = nlp.get_pipe("textcat").model.predict([nlp("good")])
    beside = nlp.get_pipe("textcat").model.predict([nlp.make_doc(""), nlp("good")])
    assert beside[1] == pytest.approx(alone[0], abs=1e-6)
    assert np.isfinite(beside).all()
