"""The TensorBoard logger, read back by TensorBoard's own reader."""

import pytest
import spacy
import torch
from spacy.cli.train import train as spacy_train
from spacy.tokens import DocBin
from spacy.util import load_config
from thinc.api import Optimizer

from spacy_bilstm_crf.torch_bridge.weights import norms, weights_of
from spacy_bilstm_crf.training.optimizers import clip_global_norm
from spacy_bilstm_crf.training.tensorboard import TensorBoardLogger, as_markdown
from spacy_bilstm_crf.training.validation import validate
from spacy_bilstm_crf.training.watch import watch_updates

from ..conftest import make_examples, model_config, small_nlp, train

pytestmark = pytest.mark.slow

event_accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Train for 12 steps with an evaluation at steps 0, 5 and 10, and read the events."""
    folder = tmp_path_factory.mktemp("run")
    blank = spacy.blank("xx")
    docs = [eg.reference for eg in make_examples(blank)]
    DocBin(docs=docs).to_disk(folder / "corpus.spacy")
    nlp = spacy.blank("xx")
    nlp.add_pipe("bilstm_crf_ner", name="ner", config={"model": model_config(doc_memory=0.5)})
    config = nlp.config.copy()
    config["training"].update(
        max_steps=12,
        eval_frequency=5,
        logger={
            "@loggers": "spacy.ChainLogger.v1",
            "logger1": {"@loggers": "spacy.ConsoleLogger.v1"},
            "logger2": {
                "@loggers": "spacy_bilstm_crf.TensorBoardLogger.v1",
                "log_dir": str(folder / "log"),
                "gradients_every": 2,
                "histograms_every": 4,
            },
        },
    )
    config["paths"].update(train=str(folder / "corpus.spacy"), dev=str(folder / "corpus.spacy"))
    config.to_disk(folder / "config.cfg")
    assert load_config(folder / "config.cfg")
    spacy_train(folder / "config.cfg", folder / "model")
    sizes = {"scalars": 0, "histograms": 0, "tensors": 0, "images": 0}
    events = event_accumulator.EventAccumulator(str(folder / "log"), size_guidance=sizes)
    events.Reload()
    return folder, events


def steps(events, tag):
    return [event.step for event in events.Scalars(tag)]


def test_scalars(run):
    _, events = run
    tags = set(events.Tags()["scalars"])
    for tag in (
        "score", "loss/ner/train", "loss/ner/dev", "token_accuracy/ner", "learn_rate/ner",
        "words_per_second", "scores/ents_f", "scores/ents_p", "scores/ents_r",
        "scores/ents_per_type/PER/f", "scores/ents_per_type/LOC/r", "gradient_norm_of_all/ner",
        "gradient_alarm/ner/vanishing", "gradient_alarm/ner/exploding", "best_score",
        "gradient_norm/ner/crf/chain.transitions", "gradient_norm/ner/linear/W",
        "gradient_norm/ner/bilstm/encoder.forward_layers.0.weight_hh_l0",
        "gradient_norm/ner/word_char_embed/words.weight",
    ):  # fmt: skip
        assert tag in tags, tag
    assert steps(events, "loss/ner/dev") == steps(events, "learn_rate/ner") == [0, 5, 10]
    assert steps(events, "gradient_norm_of_all/ner") == [2, 4, 6, 8, 10, 12]
    assert all(event.value > 0 for event in events.Scalars("words_per_second"))
    assert events.Scalars("learn_rate/ner")[0].value == pytest.approx(0.001)


def test_histograms_text_transitions_and_hyperparameters(run):
    folder, events = run
    tags = events.Tags()
    assert "weights/ner/linear/W" in tags["histograms"]
    assert "gradients/ner/crf/chain.transitions" in tags["histograms"]
    assert [event.step for event in events.Histograms("weights/ner/linear/W")] == [4, 8, 12]
    assert "ner/transitions" in tags["images"]
    (sample, *_) = events.Tensors("sample/text_summary")
    assert b"Paris" in sample.tensor_proto.string_val[0]
    assert "_hparams_/session_start_info" in events.summary_metadata
    projector = next((folder / "log").rglob("metadata.tsv")).read_text().split()
    assert projector == ["O", "B-LOC", "I-LOC", "L-LOC", "U-LOC", "B-PER", "I-PER", "L-PER",
                         "U-PER"]  # fmt: skip


def test_the_training_is_the_same_without(run, tmp_path):
    """The logger looks on: the trained weights do not depend on it."""
    folder, _ = run
    config = load_config(folder / "config.cfg")
    config["training"]["logger"] = {"@loggers": "spacy.ConsoleLogger.v1"}
    config.to_disk(tmp_path / "config.cfg")
    spacy_train(tmp_path / "config.cfg", tmp_path / "model")
    first, second = (spacy.load(path / "model" / "model-last") for path in (folder, tmp_path))
    for a, b in zip(*(weights_of(nlp.get_pipe("ner").model) for nlp in (first, second))):
        assert a.name == b.name and torch.equal(a.value, b.value)


def test_norms_and_names_of_gradients():
    nlp = small_nlp()
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    pipe, seen = nlp.get_pipe("ner"), []

    def look(model, sgd):
        assert isinstance(sgd, Optimizer)
        seen.extend(weights_of(model))

    watch_updates(pipe.model, look)
    train(nlp, examples, 1)
    names = [weight.name for weight in seen]
    assert len(names) == len(set(names))
    gradients = [weight.gradient.clone() for weight in seen if weight.gradient is not None]
    assert norms(gradients).tolist() == pytest.approx([float(g.norm()) for g in gradients])


@pytest.mark.parametrize(
    "scale,alarm", [(0.0, "vanishing"), (1e9, "exploding"), (float("nan"), "exploding")]
)
def test_alarms(tmp_path, scale, alarm, capsys):
    nlp = small_nlp()
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    pipe = nlp.get_pipe("ner")

    def spoil(model, sgd):
        for weight in weights_of(model):
            if weight.name == "bilstm/encoder.backward_layers.0.weight_hh_l0":
                weight.gradient.fill_(scale)

    log_step, finalize = TensorBoardLogger(
        str(tmp_path), gradients_every=1, histograms_every=1, validation=False, sample_docs=0
    )(nlp)
    watch_updates(pipe.model, spoil)
    train(nlp, examples, 1 if scale != scale else 2)  # not a number ends the training
    finalize()
    output = capsys.readouterr().out
    assert output.count(f"{alarm.title()} gradients in ner at step 1") == 1
    assert "encoder.backward_layers.0.weight_hh_l0" in output


def read(folder):
    events = event_accumulator.EventAccumulator(str(folder), size_guidance={"tensors": 0})
    events.Reload()
    return events


def test_norms_are_those_before_clipping(tmp_path):
    nlp = clip_global_norm(0.5)(small_nlp())
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    pipe, norm = nlp.get_pipe("ner"), []
    watch_updates(
        pipe.model,
        lambda model, sgd: norm.append(norms([w.gradient for w in weights_of(model)]).norm()),
    )
    _, finalize = TensorBoardLogger(
        str(tmp_path), gradients_every=1, validation=False, sample_docs=0
    )(nlp)
    train(nlp, examples, 1)
    finalize()
    (event,) = read(tmp_path).Scalars("gradient_norm_of_all/ner")
    assert event.value == pytest.approx(float(norm[0]), rel=1e-5)
    assert event.value > 0.5


def test_dev_is_read_with_the_averages_that_are_saved(run, tmp_path):
    folder, _ = run
    config = load_config(folder / "config.cfg")
    config["training"]["optimizer"]["use_averages"] = True
    config["training"]["logger"]["logger2"]["log_dir"] = str(tmp_path / "log")
    config["training"].update(max_steps=5)
    config.to_disk(tmp_path / "config.cfg")
    spacy_train(tmp_path / "config.cfg", tmp_path / "model")
    nlp = spacy.load(tmp_path / "model" / "model-last")
    loss, _ = validate(nlp, nlp.get_pipe("ner"), make_examples(nlp))
    assert read(tmp_path / "log").Scalars("loss/ner/dev")[-1].value == pytest.approx(loss, rel=1e-4)


def test_markdown(trained):
    doc = trained("Anna Smith lives in Paris .")
    confidence = [f"{ent._.confidence:.2f}" for ent in doc.ents]
    assert as_markdown(doc) == (
        f"**Anna Smith** `PER {confidence[0]}` lives in **Paris** `LOC {confidence[1]}` ."
    )


def test_errors(monkeypatch, tmp_path):
    with pytest.raises(ValueError, match="gradients_every"):
        TensorBoardLogger(str(tmp_path), gradients_every=-1)
    monkeypatch.setitem(__import__("sys").modules, "torch.utils.tensorboard", None)
    with pytest.raises(ValueError, match="pip install"):
        TensorBoardLogger(str(tmp_path))


def test_what_dev_has_alone_does_not_stop_training(trained, tmp_path, capsys):
    examples = make_examples(trained, [("Oslo", {"entities": [(0, 4, "NEW")]})])
    with pytest.raises(ValueError, match="NEW"):
        validate(trained, trained.get_pipe("ner"), examples)
    from spacy_bilstm_crf.training import tensorboard

    run = tensorboard._Run(None, trained.get_pipe("ner"), 1, 0, 0)
    for step in range(2):
        tensorboard._log_validation(None, trained, run, examples, step)
    assert capsys.readouterr().out.count("No loss on dev") == 1
