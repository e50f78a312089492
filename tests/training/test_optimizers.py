"""Schedules and what optimizers do beside the step, next to torch's."""

import math
import pickle

import numpy as np
import pytest
import spacy
import torch
from spacy.cli.train import train as spacy_train
from spacy.tokens import DocBin
from spacy.util import load_config, registry
from thinc.api import Optimizer, warmup_linear

from spacy_bilstm_crf.torch_bridge.weights import weights_of
from spacy_bilstm_crf.training.optimizers import AdamW, clip_global_norm
from spacy_bilstm_crf.training.schedules import cosine, plateau

from ..conftest import make_examples, model_config, small_nlp, train


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


def test_adamw_is_torchs_and_passes_over_biases_and_embeddings():
    chance = np.random.default_rng(0)
    start = chance.random((3, 2)).astype("f")
    ours = {name: start.copy() for name in ("cell.weight_ih", "words.weight", "E")}
    ours["b"] = start[0].copy()
    optimizer = AdamW(0.1, L2=0.5, grad_clip=0.0)
    weight, bias = (torch.nn.Parameter(torch.tensor(array)) for array in (start, start[0]))
    theirs = torch.optim.AdamW(
        [{"params": [weight], "weight_decay": 0.5}, {"params": [bias], "weight_decay": 0.0}], lr=0.1
    )
    for _ in range(5):
        gradient = chance.random((3, 2)).astype("f")
        weight.grad, bias.grad = torch.tensor(gradient), torch.tensor(gradient[0])
        theirs.step()
        for name, array in ours.items():
            own = gradient[0] if array.ndim == 1 else gradient
            ours[name], _ = optimizer((1, name), array, own.copy())
    # torch takes the decay off before the step, Thinc after it.
    assert np.allclose(ours["cell.weight_ih"], weight.detach().numpy(), atol=0.06)
    assert np.allclose(ours["b"], bias.detach().numpy(), atol=1e-4)
    assert np.array_equal(ours["words.weight"], ours["E"])
    assert np.allclose(ours["E"][0], ours["b"])
    assert not np.allclose(ours["E"], ours["cell.weight_ih"], atol=0.05)
    assert optimizer.L2 == 0.5


def test_clipping_is_torchs():
    nlp = small_nlp()
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    pipe, seen = nlp.get_pipe("ner"), {}

    def look(key):
        def keep(model, sgd):
            seen[key] = [w.gradient.clone() for w in weights_of(model) if w.gradient is not None]

        return keep

    pipe.before_update.append(look("before"))
    clip_global_norm(0.5)(nlp)
    pipe.before_update.append(look("after"))
    train(nlp, examples, 1)
    expected = [torch.nn.Parameter(torch.zeros_like(g)) for g in seen["before"]]
    for weight, gradient in zip(expected, seen["before"]):
        weight.grad = gradient.clone()
    norm = torch.nn.utils.clip_grad_norm_(expected, 0.5)
    assert norm > 0.5
    for weight, gradient in zip(expected, seen["after"]):
        torch.testing.assert_close(gradient, weight.grad, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize(
    "make",
    [
        lambda: plateau(0.1, factor=1.0),
        lambda: plateau(0.1, patience=-1),
        lambda: cosine(0.1, total_steps=5, warmup_steps=5),
        lambda: clip_global_norm(0.0),
    ],
)
def test_errors(make):
    with pytest.raises(ValueError):
        make()


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


def test_clipped_pipelines_can_be_pickled_and_loaded():
    nlp = small_nlp()
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    clip_global_norm(0.5)(nlp)
    pickle.loads(pickle.dumps(nlp.get_pipe("ner").before_update))


def test_of_two_components_one_counts():
    schedule = plateau(1.0, patience=1)
    for _ in range(2):
        schedule.report(0.5, "first")
        schedule.report(0.1, "second")
    assert next(schedule) == 1.0
    schedule.report(0.5, "first")
    assert next(schedule) == 0.5


@pytest.mark.parametrize(
    "name",
    ["embeddings.word_embeddings.weight", "chars.embedding.weight", "words.weight", "E"],
)
def test_tables_do_not_decay(name):
    table = np.ones((3, 2), dtype="f")
    optimizer = AdamW(0.1, L2=0.5)
    assert np.array_equal(optimizer((1, name), table, np.zeros((3, 2), dtype="f"))[0], table)
    decayed = optimizer((1, "W"), table.copy(), np.zeros((3, 2), dtype="f"))[0]
    assert np.allclose(decayed, 0.95)
