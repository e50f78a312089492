"""Loggers of components that are not ours."""

import numpy as np
import pytest
import spacy
import torch
from spacy.training import Example
from thinc.api import set_dropout_rate

from spacy_bilstm_crf.torch_bridge.weights import weights_of
from spacy_bilstm_crf.training.history import HistoryLogger
from spacy_bilstm_crf.training.tensorboard import TensorBoardLogger, as_markdown
from spacy_bilstm_crf.training.validation import validate
from spacy_bilstm_crf.training.watch import trainable_pipes, watch_updates

TEXTS = [("good film", "pos"), ("bad film", "neg"), ("good cast", "pos"), ("bad cast", "neg")]


@pytest.fixture
def nlp():
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("textcat")
    nlp.add_pipe("tagger")
    nlp.add_pipe("ner")  # in Cython: it takes no attributes
    nlp.initialize(lambda: _examples(nlp))
    return nlp


def _examples(nlp):
    return [
        Example.from_dict(
            nlp.make_doc(text),
            {
                "cats": {own: float(own == label) for own in ("pos", "neg")},
                "tags": ["A", "N"],
                "entities": [(len(text) - 4, len(text), "WORK")],
            },
        )
        for text, label in TEXTS
    ]


def _weights(model):
    return [weight.value.clone() for weight in weights_of(model)]


@pytest.mark.parametrize("name", ["textcat", "tagger", "ner"])
def test_gradients_are_seen_before_each_update_until_the_end(nlp, name):
    assert [pipe.name for pipe in trainable_pipes(nlp)] == ["textcat", "tagger", "ner"]
    model, seen = nlp.get_pipe(name).model, []

    def look(model, sgd):
        has_gradients = any(weight.gradient is not None for weight in weights_of(model))
        seen.append((has_gradients, sgd.learn_rate, _weights(model)))

    end = watch_updates(model, look)
    sgd = nlp.resume_training()
    weights = [_weights(model)]
    for _ in range(2):
        nlp.update(_examples(nlp), sgd=sgd)
        weights.append(_weights(model))
    assert [own[:2] for own in seen] == [(True, sgd.learn_rate)] * 2
    for found, expected in zip(seen, weights):
        assert all(map(torch.equal, found[2], expected))
    assert not all(map(torch.equal, weights[0], weights[1]))
    end()
    nlp.update(_examples(nlp), sgd=sgd)
    assert len(seen) == 2


def test_several_look_the_last_first_and_end_in_any_order(nlp):
    model, seen, sgd = nlp.get_pipe("ner").model, [], nlp.resume_training()
    first, second = (
        watch_updates(model, lambda model, sgd, name=name: seen.append(name))
        for name in ("first", "second")
    )
    nlp.update(_examples(nlp), sgd=sgd)
    first()
    nlp.update(_examples(nlp), sgd=sgd)
    second()
    nlp.update(_examples(nlp), sgd=sgd)
    assert seen == ["second", "first", "second"]


def test_history_has_the_learning_rate(nlp, tmp_path):
    nlp.config["training"]["accumulate_gradient"] = 1
    log, close = HistoryLogger(str(tmp_path / "log.jsonl"))(nlp)
    sgd = nlp.resume_training()
    losses = nlp.update(_examples(nlp), sgd=sgd, losses={})
    info = {"step": 1, "epoch": 0, "score": 0.5, "seconds": 1, "losses": losses,
            "other_scores": {"cats_score": 0.5}, "words": 8, "checkpoints": [(0.5, 1)]}  # fmt: skip
    log(info)
    close()
    assert f'"learn_rate": {sgd.learn_rate}' in (tmp_path / "log.jsonl").read_text()


@pytest.mark.parametrize("name", ["textcat", "tagger"])
def test_the_loss_on_dev_is_that_of_training(nlp, name):
    pipe, examples = nlp.get_pipe(name), _examples(nlp)
    nlp.update(examples, sgd=nlp.resume_training())  # weights of 0 are behind it
    set_dropout_rate(pipe.model, 0.0)
    scores, _ = pipe.model.begin_update([eg.predicted for eg in examples])
    expected = float(pipe.get_loss(examples, scores)[0])
    assert validate(nlp, pipe, examples) == (pytest.approx(expected), None)
    before = pipe.model.predict([examples[0].predicted])[0]
    validate(nlp, pipe, examples)
    assert np.array_equal(pipe.model.predict([examples[0].predicted])[0], before)


def test_a_component_need_not_tell_its_loss(nlp):
    with pytest.raises(ValueError, match="ner tells none"):
        validate(nlp, nlp.get_pipe("ner"), _examples(nlp))


def test_labels_of_texts_are_shown(nlp):
    doc = nlp.make_doc("good film")
    doc.cats = {"neg": 0.25, "pos": 0.75}
    assert as_markdown(doc) == "good film **pos** `0.75` **neg** `0.25`"


@pytest.mark.slow
def test_tensorboard_of_any_component(nlp, tmp_path, capsys):
    pytest.importorskip("tensorboard")
    from spacy.tokens import DocBin
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    DocBin(docs=[eg.reference for eg in _examples(nlp)]).to_disk(tmp_path / "dev.spacy")
    nlp.config["corpora"]["train"] = nlp.config["corpora"]["dev"] = {
        "@readers": "spacy_bilstm_crf.SentenceRuns.v1",
        "path": str(tmp_path / "dev.spacy"),
    }
    nlp.config["training"]["dev_corpus"] = "corpora.dev"
    log, close = TensorBoardLogger(str(tmp_path / "run"), gradients_every=1)(nlp)
    sgd = nlp.resume_training()
    losses = nlp.update(_examples(nlp), sgd=sgd, losses={})
    log({"step": 1, "epoch": 0, "score": 0.5, "losses": losses, "words": 8,
         "other_scores": {"cats_score": 0.5}})  # fmt: skip
    close()
    events = EventAccumulator(str(tmp_path / "run"))
    events.Reload()
    tags = events.Tags()["scalars"]
    for pipe in ("textcat", "tagger", "ner"):
        for tag in (f"loss/{pipe}/train", f"learn_rate/{pipe}", f"gradient_norm_of_all/{pipe}"):
            assert tag in tags
    assert {"loss/textcat/dev", "loss/tagger/dev"} <= set(tags) and "loss/ner/dev" not in tags
    assert capsys.readouterr().out.count("No loss on dev: ner tells none") == 1
    assert not any("transitions" in tag for tag in events.Tags()["images"])
