"""Learning rates, next to torch's schedulers."""

import math

import pytest
import spacy
import torch
from spacy.cli.train import train as spacy_train
from spacy.tokens import DocBin
from spacy.util import load_config, registry
from thinc.api import Optimizer, warmup_linear

from spacy_bilstm_crf.training.schedules import cosine, plateau

from ..conftest import make_examples, model_config, small_nlp


def test_plateau_is_torchs():
    scores = [0.1, 0.3, 0.3, 0.2, 0.31, 0.31, 0.30, 0.29, 0.1, 0.5, 0.5, 0.5, 0.5, 0.5]
    schedule = plateau(0.1, factor=0.5, patience=3)
    weight = torch.nn.Parameter(torch.zeros(1))
    theirs = torch.optim.SGD([weight], lr=0.1)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(
        theirs, mode="max", factor=0.5, patience=3, threshold=0.0, threshold_mode="abs"
    )
    for score in scores:
        schedule.report(score)
        scheduler.step(score)
        assert next(schedule) == pytest.approx(theirs.param_groups[0]["lr"])
    assert next(schedule) < 0.1


def test_plateau_over_another_schedule():
    schedule = plateau(warmup_linear(1.0, 2, 10), factor=0.1, patience=0, min_rate=0.05)
    plain = warmup_linear(1.0, 2, 10)
    assert [next(schedule) for _ in range(4)] == [next(plain) for _ in range(4)]
    schedule.report(0.5)
    schedule.report(0.5)
    assert next(schedule) == pytest.approx(0.1 * next(plain))
    schedule.report(0.4)
    assert next(schedule) == 0.05
    assert next(plateau(iter([0.3]), patience=1)) == 0.3


def test_cosine_is_torchs():
    schedule = cosine(0.2, total_steps=13, warmup_steps=3)
    assert [next(schedule) for _ in range(3)] == pytest.approx([0.0, 0.2 / 3, 0.4 / 3])
    theirs = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.2)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(theirs, T_max=10)
    for _ in range(10):
        assert next(schedule) == pytest.approx(theirs.param_groups[0]["lr"])
        theirs.step()
        scheduler.step()
    assert [next(schedule) for _ in range(3)] == [0.0] * 3


@pytest.mark.slow
def test_a_run_that_stalls_lowers_its_rate_stops_early_and_keeps_the_best(tmp_path):
    """By `spacy train`, all of it from the config."""
    blank = spacy.blank("xx")
    DocBin(docs=[eg.reference for eg in make_examples(blank)]).to_disk(tmp_path / "corpus.spacy")
    nlp = spacy.blank("xx")
    nlp.add_pipe("bilstm_crf_ner", name="ner", config={"model": model_config()})
    config = nlp.config.copy()
    corpus = str(tmp_path / "corpus.spacy")
    config["paths"].update(train=corpus, dev=corpus)
    config["nlp"]["after_pipeline_creation"] = {
        "@callbacks": "spacy_bilstm_crf.clip_global_norm.v1",
        "max_norm": 5.0,
    }
    config["training"].update(max_steps=2000, eval_frequency=10, patience=60, dropout=0.0)
    config["training"]["optimizer"] = {
        "@optimizers": "spacy_bilstm_crf.AdamW.v1",
        "grad_clip": 0.0,
        "learn_rate": {
            "@schedules": "spacy_bilstm_crf.plateau.v1",
            "schedule": {"@schedules": "constant.v1", "rate": 0.01},
            "patience": 2,
        },
    }
    config["training"]["logger"] = {
        "@loggers": "spacy.ConsoleLogger.v3",
        "output_file": str(tmp_path / "log.jsonl"),
    }
    config.to_disk(tmp_path / "config.cfg")
    assert load_config(tmp_path / "config.cfg")
    spacy_train(tmp_path / "config.cfg", tmp_path / "model")
    import srsly

    log = list(srsly.read_jsonl(tmp_path / "log.jsonl"))
    scores = [row["score"] for row in log]
    best = log[scores.index(max(scores))]["step"]
    assert log[-1]["step"] == best + 60 < 2000
    meta = spacy.load(tmp_path / "model" / "model-best").meta
    assert meta["performance"]["ents_f"] == pytest.approx(max(scores))


def test_the_component_reports_its_score_once():
    nlp = small_nlp()
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    schedule = plateau(0.01, patience=1)
    reported = []
    schedule.report = lambda score, source: reported.append(score)
    optimizer = Optimizer(schedule, beta1=0.9, beta2=0.999)
    nlp.update(examples, sgd=optimizer)
    assert reported == []
    score = nlp.evaluate(examples)["ents_f"]
    nlp.update(examples, sgd=optimizer)
    nlp.update(examples, sgd=optimizer)
    assert reported == [score]
    assert registry.schedules.get("spacy_bilstm_crf.plateau.v1") is plateau
    assert math.isclose(optimizer.learn_rate, 0.01)


def test_of_two_components_one_counts():
    schedule = plateau(1.0, patience=1)
    for _ in range(2):
        schedule.report(0.5, "first")
        schedule.report(0.1, "second")
    assert next(schedule) == 1.0
    schedule.report(0.5, "first")
    assert next(schedule) == 0.5


@pytest.mark.parametrize(
    "make",
    [
        lambda: plateau(0.1, factor=1.0),
        lambda: plateau(0.1, patience=-1),
        lambda: cosine(0.1, total_steps=5, warmup_steps=5),
    ],
)
def test_errors(make):
    with pytest.raises(ValueError):
        make()
