"""Texts with labels get spaCy's own classifier over the same encoder."""

import spacy
from spacy.training import Example
from spacy.util import load_model_from_config

from spacy_bilstm_crf.corpora.annotated import AnnotatedText
from spacy_bilstm_crf.corpora.make_doc import make_doc
from spacy_bilstm_crf.evaluation.word_influence import word_influence
from spacy_bilstm_crf.training.choose import choose
from spacy_bilstm_crf.training.corpus import without_annotation
from spacy_bilstm_crf.training.vocabulary import offer_docs

WORDS = {"pos": "the good and lovely film", "neg": "the bad and dull film"}


def labelled(n=30):
    return [
        AnnotatedText(f"it is number {i} of {WORDS[label]}", cats={label: 1.0})
        for i in range(n)
        for label in WORDS
    ]


def trained(config, texts):
    config["initialize"]["before_init"] = None
    nlp = load_model_from_config(config, auto_fill=True)
    blank = spacy.blank("en", vocab=nlp.vocab)
    docs = [make_doc(text, blank)[0] for text in texts]
    for doc in docs:
        doc.cats = {label: doc.cats.get(label, 0.0) for label in WORDS}
    examples = [Example(without_annotation(doc), doc) for doc in docs]
    offer_docs(nlp, lambda: docs)
    optimizer = nlp.initialize(lambda: examples)
    for _ in range(15):
        nlp.update(examples, sgd=optimizer, drop=0.1)
    return nlp, examples


def test_a_classifier_is_chosen_and_learns(tmp_path):
    chosen = choose(labelled())
    assert chosen.config["nlp"]["pipeline"] == ["textcat"]
    model = chosen.config["components"]["textcat"]["model"]
    assert model["linear_model"]["exclusive_classes"] is True
    assert model["tok2vec"]["@architectures"] == "spacy_bilstm_crf.BiLSTMTok2Vec.v1"
    nlp, examples = trained(chosen.config, labelled())
    scores = nlp.evaluate(examples)
    assert scores["cats_accuracy"] == 1.0 and scores["cats_calibration_error"] < 0.5
    nlp.to_disk(tmp_path / "model")
    again = spacy.load(tmp_path / "model")
    text = "it is number 3 of the bad and dull film"
    assert again(text).cats == nlp(text).cats
    doc = nlp(text)
    drops = dict(zip([token.text for token in doc], word_influence(nlp, doc, "neg"), strict=True))
    assert max(drops, key=drops.get) in ("bad", "dull")


def test_minutes_limit_the_steps():
    found = choose(labelled(), minutes=0.05).config
    assert found["training"]["optimizer"]["learn_rate"]["total_steps"] < 600
    assert found["initialize"]["before_init"]["path"] == "${paths.train}"


def test_several_labels():
    texts = [*labelled(), AnnotatedText("both good and bad", cats={"pos": 1.0, "neg": 1.0})]
    config = choose(texts).config
    assert config["nlp"]["pipeline"] == ["textcat_multilabel"]
    assert (
        config["components"]["textcat_multilabel"]["model"]["linear_model"]["exclusive_classes"]
        is False
    )


def test_sizes_and_steps():
    texts = labelled(200)
    small, wide = (choose(texts, size=size) for size in ("fast", "best"))
    for chosen, width in ((small, 64), (wide, 200)):
        tok2vec = chosen.config["components"]["textcat"]["model"]["tok2vec"]
        assert tok2vec["hidden_width"] == width and tok2vec["embed"]["char_filters"] == 0
    assert small.config["training"]["optimizer"]["learn_rate"]["total_steps"] == 600
