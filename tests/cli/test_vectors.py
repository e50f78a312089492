from pathlib import Path

import numpy as np
import pytest
import spacy
from typer.testing import CliRunner

from spacy_bilstm_crf.cli import cli

run = CliRunner().invoke
CONFIG = Path(__file__).parents[2] / "configs" / "rurebus-vectors.cfg"


def test_vectors_of_raw_text(tmp_path):
    pytest.importorskip("floret")
    (tmp_path / "texts").mkdir()
    text = "Рост доходов (40%) ;\n-развитие села\n" * 500
    for name in "ab":
        (tmp_path / "texts" / f"{name}.txt").write_text(text)
    command = ["vectors", str(CONFIG), str(tmp_path / "texts"), "--output", str(tmp_path / "v")]
    result = run(cli, [*command, "--dim", "8", "--epochs", "1", "--buckets", "100"])
    assert result.exit_code == 0, result.output
    nlp = spacy.load(tmp_path / "v")
    assert nlp.lang == "ru" and nlp.pipe_names == []
    assert nlp.vocab.vectors.mode == "floret" and nlp.vocab.vectors.shape == (100, 8)
    for word in ("доходов", "никогда"):
        assert np.linalg.norm(nlp.vocab[word].vector) > 0
    (tmp_path / "texts" / "a.txt").write_text("a")
    (tmp_path / "texts" / "b.txt").unlink()
    result = run(cli, command)
    assert result.exit_code == 1 and "Empty vocabulary" in result.output
    result = run(cli, ["vectors", str(CONFIG), str(tmp_path / "none"), "-o", str(tmp_path / "w")])
    assert result.exit_code == 1 and "has no .txt files" in " ".join(result.output.split())
    assert not (tmp_path / "w").exists()


def test_an_output_that_can_not_be_written(tmp_path, monkeypatch):
    """It is said before the training."""
    floret = pytest.importorskip("floret")
    monkeypatch.setattr(floret, "train_unsupervised", lambda *a, **k: pytest.fail("too late"))
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("Рост доходов\n" * 100)
    (tmp_path / "file").write_text("mine")
    for output in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/nothing")):
        result = run(cli, ["vectors", str(CONFIG), str(tmp_path / "texts"), "-o", str(output)])
        assert result.exit_code == 1 and isinstance(result.exception, SystemExit)
        assert "can't be trained" in result.output
    assert (tmp_path / "file").read_text() == "mine"


def test_what_fails_leaves_nothing(tmp_path, monkeypatch):
    floret = pytest.importorskip("floret")

    def fail(*arguments, **more):
        raise OSError("No space left on device")

    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("Рост доходов\n" * 100)
    monkeypatch.setattr(floret, "train_unsupervised", fail)
    command = ["vectors", str(CONFIG), str(tmp_path / "texts"), "-o", str(tmp_path / "out")]
    result = run(cli, command)
    assert result.exit_code == 1 and "No space left" in result.output
    assert not (tmp_path / "out").exists()
    monkeypatch.undo()
    monkeypatch.setattr("spacy.language.Language.to_disk", fail)
    options = ["--dim", "4", "--epochs", "1", "--buckets", "50"]
    result = run(cli, [*command[:-1], str(tmp_path / "new" / "out"), *options])
    assert result.exit_code == 1 and "No space left" in result.output
    assert isinstance(result.exception, SystemExit)
