"""The architectures in pipelines: with spaCy's layers below, and below spaCy's components."""

import subprocess
import sys

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc, DocBin
from spacy.training import Example
from thinc.api import Config, fix_random_seed

from spacy_bilstm_crf.models import BiLSTMTok2Vec, bilstm_tok2vec

from ..conftest import EXPECTED, TRAIN, entities, make_examples, model_config, predictions, train

pytestmark = pytest.mark.slow

MULTI_HASH = {
    "@architectures": "spacy.MultiHashEmbed.v2",
    "width": 32,
    "attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE"],
    "rows": [500, 200, 200, 200],
    "include_static_vectors": False,
}
LISTENER = {"@architectures": "spacy.Tok2VecListener.v1", "width": 32, "upstream": "*"}
WORD_CHAR = {"@architectures": "spacy_bilstm_crf.WordCharEmbed.v1"}


def fit(nlp, steps=60, **initialize):
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    train(nlp, examples, steps)
    return nlp


def add_ner(nlp, tok2vec, **model):
    nlp.add_pipe("bilstm_crf_ner", name="ner", config={"model": model_config(tok2vec, **model)})
    return nlp


def test_over_multi_hash_embed():
    assert predictions(fit(add_ner(spacy.blank("xx"), MULTI_HASH))) == EXPECTED


def test_over_multi_hash_embed_with_static_vectors():
    nlp = spacy.blank("xx")
    for word in ("Paris", "Jordan", "Anna"):
        nlp.vocab.set_vector(word, np.random.random(8).astype("f"))
    assert (
        predictions(fit(add_ner(nlp, {**MULTI_HASH, "include_static_vectors": True}))) == EXPECTED
    )


def shared(width=32):
    nlp = spacy.blank("xx")
    embed = {
        "@architectures": "spacy.Tok2Vec.v2",
        "embed": {**MULTI_HASH, "width": width},
        "encode": {
            "@architectures": "spacy.MaxoutWindowEncoder.v2",
            "width": width, "depth": 1, "window_size": 1, "maxout_pieces": 2,
        },
    }  # fmt: skip
    nlp.add_pipe("tok2vec", config={"model": embed})
    nlp.add_pipe(
        "tagger", config={"model": {"@architectures": "spacy.Tagger.v2", "tok2vec": LISTENER}}
    )
    return add_ner(nlp, LISTENER)


def tagged_examples(nlp):
    data = [(text, {**gold, "tags": ["X" if w[0].isupper() else "Y" for w in text.split()]})
            for text, gold in TRAIN]  # fmt: skip
    return make_examples(nlp, data)


def test_a_listener_trains_the_shared_tok2vec(tmp_path):
    nlp = shared()
    examples = tagged_examples(nlp)
    nlp.initialize(lambda: examples)
    before = nlp.get_pipe("tok2vec").model.to_bytes()
    with nlp.select_pipes(enable=["tok2vec", "ner"]):
        train(nlp, examples, steps=3)
    assert nlp.get_pipe("tok2vec").model.to_bytes() != before
    empty = make_examples(nlp, [("", {"entities": [], "tags": []})])
    train(nlp, [*empty, *examples], steps=80)
    assert predictions(nlp) == EXPECTED
    assert nlp.evaluate(examples)["tag_acc"] == 1.0
    nlp.to_disk(tmp_path)
    assert predictions(spacy.load(tmp_path)) == EXPECTED
    optimizer = nlp.resume_training()
    with pytest.warns(UserWarning, match="does not rehearse"):
        for _ in range(10):
            nlp.rehearse(make_examples(nlp), sgd=optimizer, exclude=["tagger"])
    assert predictions(nlp) == EXPECTED


def test_a_frozen_component_stays_as_it_is():
    nlp = shared()
    examples = tagged_examples(nlp)
    optimizer = nlp.initialize(lambda: examples)
    ner = nlp.get_pipe("ner")
    before = ner.to_bytes(exclude=["vocab"])
    for _ in range(5):
        nlp.update(examples, sgd=optimizer, exclude=["ner"])
    assert ner.to_bytes(exclude=["vocab"]) == before


def test_word_char_embed_as_shared_tok2vec(tmp_path):
    nlp = spacy.blank("xx")
    nlp.add_pipe(
        "tok2vec",
        config={"model": {**WORD_CHAR, "word_width": 12, "char_filters": 15, "case_width": 5}},
    )
    add_ner(nlp, LISTENER)
    docs = DocBin(docs=[eg.reference for eg in make_examples(nlp)] * 6)
    docs.to_disk(tmp_path / "train.spacy")
    nlp.config["initialize"]["before_init"] = {
        "@callbacks": "spacy_bilstm_crf.learn_words.v1",
        "path": str(tmp_path / "train.spacy"),
    }
    fit(nlp)
    n_words = len({word.lower() for text, _ in TRAIN for word in text.split()})
    assert len(nlp.get_pipe("tok2vec").model.get_ref("flat").attrs["words"]) == n_words
    assert predictions(nlp) == EXPECTED


def test_learn_words_without_an_embedding_is_an_error(tmp_path):
    nlp = add_ner(spacy.blank("xx"), MULTI_HASH)
    nlp.config["initialize"]["before_init"] = {
        "@callbacks": "spacy_bilstm_crf.learn_words.v1",
        "path": str(tmp_path),
    }
    with pytest.raises(ValueError, match="found no WordCharEmbed"):
        fit(nlp)


TEXTCAT = """
[model]
@architectures = "spacy.TextCatReduce.v1"
exclusive_classes = true
use_reduce_first = false
use_reduce_last = false
use_reduce_max = true
use_reduce_mean = true

[model.tok2vec]
@architectures = "spacy_bilstm_crf.BiLSTMTok2Vec.v1"
hidden_width = 16

[model.tok2vec.embed]
@architectures = "spacy_bilstm_crf.WordCharEmbed.v1"
"""


def test_textcat_over_the_encoder(tmp_path):
    nlp = spacy.blank("xx")
    nlp.add_pipe("textcat", config=Config().from_str(TEXTCAT))
    data = [
        ("good and fine", 1.0),
        ("bad and poor", 0.0),
        ("fine , very good", 1.0),
        ("poor , bad", 0.0),
    ]
    examples = make_examples(nlp, [(t, {"cats": {"POS": c, "NEG": 1 - c}}) for t, c in data])
    nlp.initialize(lambda: examples)
    assert train(nlp, examples, steps=60)[-1] < 0.05
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    for text, positive in data:
        assert loaded(text).cats["POS"] == pytest.approx(positive, abs=0.2)
    assert set(loaded("").cats) == {"POS", "NEG"}


SHARED_BILSTM = {
    "@architectures": "spacy_bilstm_crf.BiLSTMTok2Vec.v1",
    "hidden_width": 16,
    "embed": WORD_CHAR,
}


def shared_bilstm():
    nlp = spacy.blank("xx")
    nlp.add_pipe("tok2vec", config={"model": SHARED_BILSTM})
    return add_ner(nlp, LISTENER)


def test_empty_batches_under_a_shared_encoder():
    nlp = fit(shared_bilstm(), steps=2)
    empty = make_examples(nlp, [("", {"entities": []})])
    assert nlp.update(empty, sgd=nlp.create_optimizer(), losses={})["ner"] == 0.0
    for name in ("tok2vec", "ner"):
        model = nlp.get_pipe(name).model
        assert len(model.predict([]).emissions if name == "ner" else model.predict([])) == 0
    assert [x.shape for x in nlp.get_pipe("tok2vec").model.predict([nlp.make_doc("")])] == [(0, 32)]


def test_two_processes_under_a_shared_encoder(tmp_path):
    fit(shared_bilstm(), steps=2).to_disk(tmp_path)
    code = (
        "import spacy, sys, torch\nnlp = spacy.load(sys.argv[1])\ntorch.set_num_threads(2)\n"
        "texts = ['Anna Smith lives in Paris . ' * 20] * 200\n"
        "assert len(list(nlp.pipe(texts))) == len(list(nlp.pipe(texts, n_process=2)))"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, timeout=120)


def test_tuned_vectors_in_a_pipeline_that_has_none():
    nlp = spacy.blank("xx")
    nlp.vocab.set_vector("paris", np.ones(4, dtype="f"))
    fit(add_ner(nlp, {**WORD_CHAR, "static_vectors": "tuned"}), steps=2)
    other = spacy.blank("xx")
    with pytest.warns(UserWarning, match="W113"):
        other.add_pipe("ner", source=nlp)
    with pytest.raises(ValueError, match="vectors of width 4, but those of this pipeline have"):
        other("Paris is far")


@pytest.mark.parametrize("change", [{"word_width": 0}, {"min_freq": 0}, {"word_dropout": -1.0}])
def test_impossible_embeddings_are_errors(change):
    with pytest.raises(ValueError, match="at least"):
        add_ner(spacy.blank("xx"), {**WORD_CHAR, **change})


@pytest.mark.parametrize("supported", [True, False])
def test_bfloat16_predicts_nearly_the_same(trained, tmp_path, monkeypatch, supported):
    monkeypatch.setattr(bilstm_tok2vec, "_has_bfloat16", lambda device: supported)
    trained.to_disk(tmp_path)
    nlp = spacy.load(tmp_path, config={"components.ner.model.tok2vec.precision": "bfloat16"})
    assert predictions(nlp) == EXPECTED
    docs = [nlp.make_doc(text) for text, _ in TRAIN]
    exact, rough = (
        np.concatenate(n.get_pipe("ner").model.predict(docs).by_doc()) for n in (trained, nlp)
    )
    assert exact.dtype == rough.dtype == np.float32
    np.testing.assert_allclose(rough, exact, atol=0.1 if supported else 0.0)
    assert (rough != exact).any() == supported
    in_training = []
    for n in (trained, nlp):
        fix_random_seed(1)
        scores, _ = n.get_pipe("ner").model.begin_update(docs)
        in_training.append(scores.emissions.numpy())
    np.testing.assert_array_equal(*in_training)


def test_unknown_precision_is_an_error():
    with pytest.raises(ValueError, match="precision must be"):
        BiLSTMTok2Vec(None, precision="float16")


def test_impossible_dropout_is_an_error():
    with pytest.raises(ValueError, match="dropout rate"):
        add_ner(spacy.blank("xx"), WORD_CHAR, dropout=1.0)
    nlp = fit(add_ner(spacy.blank("xx"), WORD_CHAR), steps=1)
    with pytest.raises(ValueError, match="dropout rate"):
        nlp.update(make_examples(nlp), drop=2.0)


def test_a_stacked_encoder_and_words_with_no_features():
    nlp = add_ner(spacy.blank("xx"), WORD_CHAR, depth=2, dropout=0.1)
    assert predictions(fit(nlp, steps=100)) == EXPECTED


def test_sentences_set_by_a_component_before(trained):
    nlp = spacy.blank("xx")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("ner", source=trained)
    doc = nlp("Anna Smith lives in Paris . Paris is far from here .")
    assert entities(doc) == [(0, 2, "PER"), (4, 5, "LOC"), (6, 7, "LOC")]


def test_gold_sentences_are_not_seen_in_training():
    # As in spaCy: what the predicted doc does not have, the model does not get.
    nlp = add_ner(spacy.blank("xx"), WORD_CHAR)
    words = ["Anna", "left", ".", "Paris", "slept", "."]
    gold = Doc(nlp.vocab, words=words, sent_starts=[1, 0, 0, 1, 0, 0], ents=["B-PER"] + ["O"] * 5)
    example = Example(Doc(nlp.vocab, words=words), gold)
    nlp.initialize(lambda: [example])
    assert not example.predicted.has_annotation("SENT_START")
    assert train(nlp, [example], steps=30)[-1] < 0.1


def test_the_tok2vec_may_be_a_listener_itself(tmp_path):
    """NER and a tagger on one BiLSTM, which both train."""
    nlp = spacy.blank("xx")
    nlp.add_pipe("tok2vec", config={"model": SHARED_BILSTM})
    tagger = {"@architectures": "spacy.Tagger.v2", "tok2vec": LISTENER}
    nlp.add_pipe("tagger", config={"model": tagger})
    config = {"join": 1.0, "model": model_config(tok2vec=LISTENER)}
    nlp.add_pipe("bilstm_crf_ner", name="ner", config=config)
    examples = make_examples(nlp)
    for eg in examples:
        for token in eg.reference:
            token.tag_ = "NAME" if token.is_title else "WORD"
    nlp.initialize(lambda: examples)
    model = nlp.get_pipe("ner").model
    assert [layer.name for layer in model.layers[1:]] == ["linear", "crf"]
    assert model.get_ref("tok2vec").name == "tok2vec-listener"
    before = nlp.get_pipe("tok2vec").model.to_bytes()
    train(nlp, examples, 80)
    assert nlp.get_pipe("tok2vec").model.to_bytes() != before
    nlp.to_disk(tmp_path)
    again = spacy.load(tmp_path)
    for other in (nlp, again):
        assert predictions(other) == EXPECTED
        tags = [token.tag_ for token in other(TRAIN[0][0])]
        assert tags == ["NAME", "NAME", "WORD", "WORD", "NAME", "WORD"]
    again.replace_listeners("tok2vec", "ner", ["model.tok2vec"])
    assert predictions(again) == EXPECTED


def test_get_loss_changes_nothing_in_the_model(trained):
    ner = trained.get_pipe("ner")
    examples = make_examples(trained)
    scores = ner.model.predict([eg.predicted for eg in examples])
    before = ner.model.to_bytes()
    gradients = [p.grad for p in ner.model.get_ref("crf").shims[0]._model.parameters()]
    ner.get_loss(examples, scores)
    after = [p.grad for p in ner.model.get_ref("crf").shims[0]._model.parameters()]
    assert gradients == after == [None] * 3
    assert ner.model.to_bytes() == before
