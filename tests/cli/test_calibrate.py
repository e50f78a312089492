"""The commands `calibrate` and `tune`."""

import pickle
import shutil

import pytest
import spacy
from typer.testing import CliRunner

from spacy_bilstm_crf.cli import cli
from spacy_bilstm_crf.cli.calibrate import calibrate_on_dev

from ..conftest import TRAIN, predictions
from ..evaluation.conftest import dev  # noqa: F401


def run(*arguments):
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    return result.exit_code, " ".join(result.output.split())


def files(folder):
    return {
        path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.fixture
def model(trained, tmp_path):
    trained.to_disk(tmp_path / "model")
    return tmp_path / "model"


def test_a_new_pipeline_or_in_place(trained, model, dev, tmp_path):  # noqa: F811
    before = files(model)
    code, output = run("calibrate", model, dev, "--output", tmp_path / "new", "--folds", 4)
    assert code == 0, output
    assert "expected calibration error" in output and "from 40 documents" in output
    assert files(model) == before
    new = spacy.load(tmp_path / "new")
    temperature = new.get_pipe("ner").cfg["temperature"]
    assert temperature > 1.5 and new.config["components"]["ner"]["temperature"] == temperature
    assert predictions(new) == predictions(trained)
    for text, _ in TRAIN[:3]:
        for sure, less in zip(trained(text).ents, new(text).ents):
            assert less._.confidence < sure._.confidence
    assert pickle.loads(pickle.dumps(new)).get_pipe("ner").cfg["temperature"] == temperature
    assert run("calibrate", model, dev, "--folds", 4)[0] == 0
    after = files(model)
    assert {path.name for path in before if before[path] != after[path]} == {"config.cfg"}
    assert set(before) == set(after) == set(files(tmp_path / "new"))
    assert spacy.load(model).get_pipe("ner").cfg == new.get_pipe("ner").cfg
    code, output = run("calibrate", model, dev, "--output", tmp_path / "new")
    assert code == 1 and "new is there already" in output


def test_after_training(model, dev, tmp_path, capsys):  # noqa: F811
    def printed():
        return " ".join(capsys.readouterr().out.split())

    calibrate_on_dev(model, dev.parent)
    temperature = spacy.load(model).get_pipe("ner").cfg["temperature"]
    assert temperature > 1.5 and f"Temperature {temperature:g}, from dev" in printed()
    # A threshold that was chosen for other probabilities, and what has none.
    nlp = spacy.load(model)
    nlp.get_pipe("ner").cfg.update({"threshold": 0.3, "temperature": 1.0})
    nlp.to_disk(tmp_path / "second")
    spacy.blank("xx").to_disk(tmp_path / "third")
    for name, message in (
        ("second", "threshold of 0.3 is of probabilities as they are"),
        ("third", ""),
    ):
        before = files(tmp_path / name)
        calibrate_on_dev(tmp_path / name, dev.parent)
        assert files(tmp_path / name) == before and message in printed()
    code, output = run("calibrate", tmp_path / "second", dev)
    assert code == 0 and "threshold of 0.3 now is of calibrated probabilities" in output


def test_tune_sets_the_threshold_and_says_what_it_promises(model, dev, tmp_path):  # noqa: F811
    code, output = run("tune", model, dev, "--recall", 0.9, "--output", tmp_path / "new")
    assert code == 0, output
    assert "Promised in expectation: 90.00% of a document's entities are found" in output
    nlp = spacy.load(tmp_path / "new")
    cfg = nlp.get_pipe("ner").cfg
    assert cfg["threshold"] == cfg["spans_threshold"] == cfg["promise"]["threshold"]
    assert cfg["promise"]["data"] == "dev.spacy" and nlp("Nobody saw Jordan").spans
    # Other probabilities: what was promised is gone.
    code, output = run("calibrate", tmp_path / "new", dev, "--folds", 4)
    assert code == 0 and "holds no longer" in output
    assert spacy.load(tmp_path / "new").get_pipe("ner").cfg["promise"] is None


def test_what_fails_changes_nothing(model, dev, tmp_path):  # noqa: F811
    before = files(model)
    for arguments, message in [
        (["tune", model, dev, "--recall", 1], "--recall must be above 0 and below 1"),
        (["tune", model, dev, "--recall", 0.999], "are too few to promise recall 0.999"),
        (["tune", model, tmp_path / "no.spacy", "--recall", 0.9], "no.spacy"),
        (["calibrate", model, dev, "--component", "other"], "--component must be one of ner"),
        (["calibrate", "no_package", dev], "give --output"),
        (["calibrate", "no_package", dev, "-o", tmp_path / "new"], "no_package"),
    ]:
        code, output = run(*arguments)
        assert code == 1 and message in output, output
        assert "Traceback" not in output
    assert files(model) == before and not (tmp_path / "new").exists()
    shutil.rmtree(model)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dev.spacy"]
