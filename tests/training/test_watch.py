"""Loggers of components that are not ours."""

import pytest
import spacy
from spacy.training import Example

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
    nlp.initialize(lambda: _examples(nlp))
    return nlp


def _examples(nlp):
    return [
        Example.from_dict(
            nlp.make_doc(text),
            {"cats": {own: float(own == label) for own in ("pos", "neg")}, "tags": ["A", "N"]},
        )
        for text, label in TEXTS
    ]


def test_gradients_are_seen_before_each_update_until_the_end(nlp):
    assert [pipe.name for pipe in trainable_pipes(nlp)] == ["textcat", "tagger"]
    pipe, seen = nlp.get_pipe("textcat"), []
    method = pipe.finish_update

    def look(model, sgd):
        has_gradients = any(node.has_grad(n) for node in model.walk() for n in node.param_names)
        seen.append((has_gradients, sgd.learn_rate, model.to_bytes()))

    end = watch_updates(pipe, look)
    sgd = nlp.resume_training()
    weights = [pipe.model.to_bytes()]
    for _ in range(2):
        nlp.update(_examples(nlp), sgd=sgd)
        weights.append(pipe.model.to_bytes())
    assert seen == [(True, sgd.learn_rate, own) for own in weights[:2]]
    assert weights[1] != weights[0]
    end()
    assert pipe.finish_update == method
    nlp.update(_examples(nlp), sgd=sgd)
    assert len(seen) == 2


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


def test_the_loss_on_dev_is_that_of_the_component(nlp):
    pipe, examples = nlp.get_pipe("textcat"), _examples(nlp)
    scores = pipe.model.predict([eg.predicted for eg in examples])
    expected = float(pipe.get_loss(examples, scores)[0])
    assert validate(nlp, pipe, examples) == (pytest.approx(expected), None)


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
    for pipe in ("textcat", "tagger"):
        for tag in (f"loss/{pipe}/train", f"learn_rate/{pipe}", f"gradient_norm_of_all/{pipe}"):
            assert tag in tags
    # The tagger gives no probabilities where it predicts, and so no loss.
    assert "loss/textcat/dev" in tags and "loss/tagger/dev" not in tags
    assert capsys.readouterr().out.count("No loss on dev") == 1
    assert not any("transitions" in tag for tag in events.Tags()["images"])
