"""Runs with several settings."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import srsly
from spacy.cli import app
from spacy.util import load_config
from typer.testing import CliRunner

from spacy_bilstm_crf.cli import cli

run = CliRunner().invoke
ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "configs" / "sample.cfg"


@pytest.fixture
def arguments(tmp_path, monkeypatch):
    """A sweep over the sample, with runs of a few steps, that start no processes: to import spaCy
    in each takes longer than to train."""

    def run_here(command, check):
        assert command[:3] == [sys.executable, "-m", "spacy"] and check
        if code := run(app, command[3:]).exit_code:
            raise subprocess.CalledProcessError(code, command)

    monkeypatch.setattr("subprocess.run", run_here)
    run(cli, ["sample", str(tmp_path / "columns")])
    run(cli, ["convert", str(tmp_path / "columns"), str(tmp_path / "binary")])
    config = CONFIG.read_text()
    for key, value in (("total_steps", 20), ("eval_frequency", 10), ("hidden_width", 8)):
        config = re.sub(rf"^{key} = \d+$", f"{key} = {value}", config, flags=re.MULTILINE)
    (tmp_path / "small.cfg").write_text(config)
    paths = [f"--paths.{s}={tmp_path / 'binary' / s}.spacy" for s in ("train", "dev")]
    return ["sweep", str(tmp_path / "small.cfg"), str(tmp_path / "out"), *paths]


@pytest.mark.slow
def test_every_combination_is_trained_once_and_drawn(arguments, tmp_path):
    options = ["--system.seed", "0,1", "--training.dropout", "0.5"]
    result = run(cli, [*arguments, *options], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    found = (tmp_path / "out").glob("*/run.json")
    records = {path.parent.name.rsplit("-", 1)[0]: path for path in found}
    assert set(records) == {"seed=0", "seed=1"}
    seed = load_config(records["seed=1"].parent / "model-best" / "config.cfg")["system"]["seed"]
    assert seed == 1
    page = (tmp_path / "out" / "index.html").read_text()
    assert page.count("<polyline") == 2
    best = srsly.read_json(records["seed=0"])["performance"]["ents_f"]
    assert f"{100 * best:.2f}" in page
    # Again, with one more: what is there stays.
    before = records["seed=0"].stat().st_mtime_ns
    options[1] = "0,1,2"
    assert run(cli, [*arguments, *options]).exit_code == 0
    assert records["seed=0"].stat().st_mtime_ns == before
    assert (tmp_path / "out" / "index.html").read_text().count("<polyline") == 3
    # Other settings get folders of their own, and a value more of another setting, too.
    options = ["--system.seed", "0", "--training.dropout", "0.5,0.4"]
    assert run(cli, [*arguments, *options]).exit_code == 0
    assert records["seed=0"].stat().st_mtime_ns == before
    assert len(list((tmp_path / "out").glob("*/run.json"))) == 4
    page = (tmp_path / "out" / "index.html").read_text()
    assert page.count("<polyline") == 2 and "dropout=0.4" in page


@pytest.mark.slow
def test_runs_log_for_tensorboard_in_their_own_folders(arguments, tmp_path):
    pytest.importorskip("tensorboard")
    config = load_config(tmp_path / "small.cfg")
    config["training"]["logger"] = {
        "@loggers": "spacy.ChainLogger.v1",
        "logger1": dict(config["training"]["logger"]),
        "logger2": {
            "@loggers": "spacy_bilstm_crf.TensorBoardLogger.v1",
            "log_dir": str(tmp_path / "together"),
        },
    }
    config.to_disk(tmp_path / "small.cfg")
    result = run(cli, [*arguments, "--system.seed", "0,1"])
    assert result.exit_code == 0, result.output
    assert len(list((tmp_path / "out").glob("*/tensorboard/events*"))) == 2
    assert not (tmp_path / "together").exists()


@pytest.mark.slow
def test_what_is_wrong_is_said(arguments, tmp_path):
    result = run(cli, [*arguments, "--training.drop_out", "0.1,0.2"])
    assert result.exit_code == 1
    assert "Did you mean training.dropout?" in " ".join(result.output.split())
    result = run(cli, [*arguments, "--training.dropout", "0.5,2.0"])
    assert result.exit_code == 1
    assert "dropout=2.0 failed" in result.output
    assert len(list((tmp_path / "out").glob("dropout=0.5-*/run.json"))) == 1
    assert not list((tmp_path / "out").glob("dropout=2.0-*/run.json"))
    config = (tmp_path / "small.cfg").read_text().replace("history = null\n", "")
    (tmp_path / "small.cfg").write_text(config)
    result = run(cli, arguments)
    assert result.exit_code == 1
    assert "no [paths] history" in " ".join(result.output.split())


def test_a_config_that_is_none_to_train_with(tmp_path):
    for name, config, said in [
        ("paths", "[paths]\nhistory = null\n", "paths.cfg has no [training]"),
        ("empty", "", "no [paths] history"),
        ("odd", "[paths\nhistory", ""),
        ("twice", "[paths]\nhistory = null\n[paths]\n", ""),
        ("binary", "\xff\xfe\x00", ""),
    ]:
        (tmp_path / f"{name}.cfg").write_text(config, encoding="latin-1")
        result = run(cli, ["sweep", str(tmp_path / f"{name}.cfg"), str(tmp_path / "out")])
        assert result.exit_code == 1 and isinstance(result.exception, SystemExit), name
        assert said in " ".join(result.output.split())
    assert not (tmp_path / "out").exists()


def test_a_record_that_is_damaged_is_named_and_the_others_go_on(arguments, tmp_path, monkeypatch):
    def train(command, check):
        """What training leaves."""
        output = Path(command[command.index("--output") + 1])
        output.mkdir(parents=True)
        log = {"step": 1, "score": 0.5, "scores": {}, "losses": {}}
        (output / "history.jsonl").write_text(json.dumps(log))
        (output / "model-best").mkdir()
        srsly.write_json(output / "model-best" / "meta.json", {"performance": {"ents_f": 0.5}})

    monkeypatch.setattr("subprocess.run", train)
    arguments = [*arguments, "--system.seed", "0,1"]
    assert run(cli, arguments).exit_code == 0
    record = next((tmp_path / "out").glob("seed=0-*/run.json"))
    whole = record.read_text()
    for damaged in (
        whole[:40],
        "",
        "[]",
        "5",
        '{"config": 1}',
        re.sub(r'"minutes":[^,]+', '"minutes":"x"', whole),
    ):
        record.write_text(damaged)
        result = run(cli, arguments)
        assert result.exit_code == 1 and isinstance(result.exception, SystemExit), damaged
        output = " ".join(result.output.split())
        assert "run.json is damaged. Remove it" in output and "seed=1 50.00" in output
        assert record.read_text() == damaged
    record.write_text(whole)
    (record.parent / "history.jsonl").write_text("{")
    result = run(cli, arguments)
    assert result.exit_code == 1 and "no log of HistoryLogger" in " ".join(result.output.split())
