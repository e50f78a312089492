"""The command `score`."""

import json

import pytest
from typer.testing import CliRunner

from spacy_bilstm_crf.cli import cli

run = CliRunner().invoke


def test_score(model, folder, tmp_path):
    run(cli, ["predict", model, str(folder), str(tmp_path / "gold")])
    run(cli, ["predict", model, str(folder), str(tmp_path / "out")])
    (tmp_path / "out" / "one.ann").unlink()
    output = tmp_path / "metrics" / "scores.json"
    result = run(
        cli, ["score", str(tmp_path / "gold"), str(tmp_path / "out"), "--output", str(output)]
    )
    assert result.exit_code == 0
    assert "33.33" in result.output and "Missing: 1 file, such as" in result.output
    assert json.loads(output.read_text())["ents_r"] == pytest.approx(1 / 3)
    assert run(cli, ["score", str(tmp_path / "none"), str(tmp_path)]).exit_code == 1
