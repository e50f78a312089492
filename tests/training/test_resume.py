"""A training that is interrupted and goes on ends where one ends that was not."""

import json
import random

import numpy as np
import pytest
import spacy
import torch
from spacy.tokens import DocBin
from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from spacy.util import load_config

from spacy_bilstm_crf.torch_bridge.weights import weights_of
from spacy_bilstm_crf.training import watch
from spacy_bilstm_crf.training.choose import apply, template
from spacy_bilstm_crf.training.resume import find_saved, fingerprint, remove_saved, resumable

from ..conftest import make_examples

STEPS = 24
TOK2VEC = "components.bilstm_crf_ner.model.tok2vec"


class Interrupted(BaseException):
    """What a kill is, to the loop."""


@pytest.fixture
def config(tmp_path):
    docs = [example.reference for example in make_examples(spacy.blank("xx")) * 3]
    DocBin(docs=docs).to_disk(tmp_path / "docs.spacy")
    small = {
        "nlp.lang": "xx",
        "paths.train": str(tmp_path / "docs.spacy"),
        "paths.dev": str(tmp_path / "docs.spacy"),
        "training.batcher.size": 12,
        "training.eval_frequency": 5,
        "training.optimizer.learn_rate.total_steps": STEPS,
        f"{TOK2VEC}.hidden_width": 8,
        f"{TOK2VEC}.embed.word_width": 8,
        f"{TOK2VEC}.embed.char_filters": 8,
    }
    return apply(template(), small)


def run(config, output, interrupt_at=None):
    """Train, on from what was saved, until a number of updates. RETURNS: the pipeline."""
    nlp = init_nlp(config)
    key = fingerprint(nlp, [])
    output.mkdir(exist_ok=True)
    n_updates = 0
    original = nlp.update

    def update(*args, **kwargs):
        nonlocal n_updates
        n_updates += 1
        if n_updates == interrupt_at:
            raise Interrupted
        return original(*args, **kwargs)

    nlp.update = update
    with resumable(nlp, output, key, find_saved(output)), open(output / "log", "w") as log:
        train(nlp, output, stdout=log, stderr=log)
    return nlp


def weights(nlp):
    return {w.name: w.value.clone() for w in weights_of(nlp.get_pipe("bilstm_crf_ner").model)}


def disturb():
    """Another process begins with other states of its random generators."""
    random.seed(7)
    np.random.seed(7)
    torch.manual_seed(7)


def timeless(row):
    return {**row, "seconds": None, "scores": {**row["scores"], "speed": None}}


SETTINGS = {
    "plain": {},
    "averages": {"training.optimizer.use_averages": True},
    "accumulated": {"training.accumulate_gradient": 2},
    "plateau": {
        "training.max_steps": STEPS,
        "training.optimizer.learn_rate": {
            "@schedules": "spacy_bilstm_crf.plateau.v1",
            "schedule": 0.01,
            "patience": 0,
        },
    },
}


@pytest.mark.parametrize("name", SETTINGS)
def test_the_end_is_the_same_wherever_it_is_interrupted(config, tmp_path, name):
    config = apply(config, SETTINGS[name])
    expected = run(config, tmp_path / "whole")
    random_ = random.Random(name)
    for nth in range(2):
        output = tmp_path / f"cut_{nth}"
        for _ in range(random_.randint(1, 4)):
            disturb()
            try:
                run(config, output, interrupt_at=random_.randint(1, STEPS))
            except Interrupted:
                continue
            break
        disturb()
        found = run(config, output)
        for key, weight in weights(expected).items():
            torch.testing.assert_close(weights(found)[key], weight, rtol=0, atol=0)
        metas = [
            json.loads((o / "model-best/meta.json").read_text())
            for o in (tmp_path / "whole", output)
        ]
        assert metas[0] == metas[1]
        best = [weights(spacy.load(o / "model-best")) for o in (tmp_path / "whole", output)]
        for key in best[0]:
            torch.testing.assert_close(best[0][key], best[1][key], rtol=0, atol=0)


def test_the_log_is_that_of_one_training(config, tmp_path):
    history = {"training.logger.output_file": str(tmp_path / "history.jsonl")}
    config = apply(config, history)
    rows = []
    for output, cuts in (("whole", []), ("cut", [17])):
        for at in cuts:
            with pytest.raises(Interrupted):
                run(config, tmp_path / output, interrupt_at=at)
        run(config, tmp_path / output)
        lines = (tmp_path / "history.jsonl").read_text().splitlines()
        rows.append([timeless(json.loads(line)) for line in lines])
    assert rows[0] == rows[1] and len(rows[0]) == 1 + STEPS // 5


def test_another_training_is_not_gone_on_with(config, tmp_path):
    with pytest.raises(Interrupted):
        run(config, tmp_path, interrupt_at=12)
    with pytest.raises(ValueError, match=r"had another config or other texts.*--force"):
        run(apply(config, {"training.dropout": 0.1}), tmp_path)
    saved = find_saved(tmp_path)
    (saved.folder / "state.msgpack").write_bytes(b"\xc1")
    with pytest.raises(ValueError, match="can't be read"):
        find_saved(tmp_path)
    remove_saved(tmp_path)
    assert find_saved(tmp_path) is None


def test_what_was_not_finished_is_no_save(config, tmp_path):
    with pytest.raises(Interrupted):
        run(config, tmp_path, interrupt_at=12)
    saved = find_saved(tmp_path)
    (saved.folder.parent / "999999.unfinished").mkdir()
    assert find_saved(tmp_path).folder == saved.folder


def test_the_pipeline_is_as_before(config, tmp_path):
    nlp = run(config, tmp_path)
    assert "evaluate" not in vars(nlp) and "to_disk" not in vars(nlp)
    assert nlp.get_pipe("bilstm_crf_ner").model.id not in watch._looks
    assert load_config(tmp_path / "model-last" / "config.cfg")


def interrupt_spacys_own(config, tmp_path, name):
    """Train a component of spaCy, in one go and with an interruption. RETURNS: how far apart their
    weights are at most."""
    docs = [example.reference for example in make_examples(spacy.blank("xx")) * 3]
    for doc in docs:
        doc.cats = {"people": float("PER" in {e.label_ for e in doc.ents}), "none": 0.0}
        doc.cats["none"] = 1.0 - doc.cats["people"]
    DocBin(docs=docs).to_disk(tmp_path / "docs.spacy")
    nlp = spacy.blank("xx")
    nlp.add_pipe(name)
    own = {"nlp.pipeline": [name], "components": {name: nlp.config["components"][name]}}
    log = {"training.logger.output_file": str(tmp_path / "history.jsonl")}
    config = apply(config, {**log, "training.score_weights": {}, "training.max_steps": STEPS})
    config["nlp"]["pipeline"], config["components"] = own["nlp.pipeline"], own["components"]
    whole = run(config, tmp_path / "whole")
    with pytest.raises(Interrupted):
        run(config, tmp_path / "cut", interrupt_at=17)
    disturb()
    found = run(config, tmp_path / "cut")
    pairs = zip(*(weights_of(nlp.get_pipe(name).model) for nlp in (whole, found)))
    assert len((tmp_path / "history.jsonl").read_text().splitlines()) == 1 + STEPS // 5
    return max(float((a.value - b.value).abs().max()) for a, b in pairs)


@pytest.mark.parametrize("name, farthest", [("ner", 0.01), ("textcat", 0.0)])
def test_components_of_spacy_go_on_too(config, tmp_path, name, farthest):
    assert interrupt_spacys_own(config, tmp_path, name) <= farthest
