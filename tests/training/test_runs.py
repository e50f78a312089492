"""Runs of `spacy train` that are done once."""

import json
import subprocess
from pathlib import Path

import pytest
import spacy
from spacy.tokens import DocBin
from spacy.util import load_config

from spacy_bilstm_crf.training.runs import config_hash, train_run

from ..conftest import make_examples

ROOT = Path(__file__).parents[2]


def changed(config, path, **sections):
    """A copy of a config with other settings."""
    load_config(config).merge(sections).to_disk(path)
    return path


def test_the_hash_is_of_what_trains(tmp_path):
    config = ROOT / "configs" / "conll2003.cfg"
    logged = load_config(config)
    logged["training"]["logger"] = {"@loggers": "spacy.ConsoleLogger.v1"}
    logged.to_disk(tmp_path / "logged.cfg")
    assert config_hash(tmp_path / "logged.cfg") == config_hash(config)
    later = {"bilstm_crf_ner": {"temperature": 1.5, "promise": {"threshold": 0.3}}}
    calibrated = changed(config, tmp_path / "calibrated.cfg", components=later)
    assert config_hash(calibrated) == config_hash(config)
    weighted = {"bilstm_crf_ner": {"weights_key": "weights"}}
    weighted_config = changed(config, tmp_path / "weighted.cfg", components=weighted)
    assert config_hash(weighted_config) != config_hash(config)
    tok2vec = {"bilstm_crf_ner": {"model": {"tok2vec": {"depth": 2}}}}
    deeper = changed(config, tmp_path / "deeper.cfg", components=tok2vec)
    assert config_hash(deeper) != config_hash(config)


@pytest.mark.slow
def test_a_run_is_trained_in_a_process_of_its_own_and_once(tmp_path):
    docs = [example.reference for example in make_examples(spacy.blank("xx"))]
    DocBin(docs=docs).to_disk(tmp_path / "docs.spacy")
    config = ROOT / "configs" / "sample.cfg"
    overrides = {f"paths.{split}": str(tmp_path / "docs.spacy") for split in ("train", "dev")}
    overrides |= {"training.max_steps": 2, "training.eval_frequency": 1, "system.seed": 3}
    record = train_run(config, overrides, tmp_path / "out", ["--gpu-id", "-1"])
    assert record["config_hash"] == config_hash(config)
    assert record["overrides"]["system.seed"] == "3" and "ents_f" in record["performance"]
    trained = tmp_path / "out" / "model-best"
    assert spacy.load(trained).config["system"]["seed"] == 3
    before = (trained / "meta.json").stat().st_mtime_ns
    record["minutes"] = 0.3  # a number that not every reader of JSON keeps
    (tmp_path / "out" / "run.json").write_text(json.dumps(record))
    assert train_run(config, overrides, tmp_path / "out") == record
    assert (trained / "meta.json").stat().st_mtime_ns == before
    with pytest.raises(subprocess.CalledProcessError):
        train_run(config, {**overrides, "training.dropout": 2.0}, tmp_path / "out")
    assert not (tmp_path / "out" / "run.json").exists()
