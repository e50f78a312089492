"""The command `evaluate`."""

from spacy.tokens import DocBin
from typer.testing import CliRunner

from spacy_bilstm_crf.cli import cli

run = CliRunner().invoke


def test_evaluate_without_a_model(folder, tmp_path):
    DocBin().to_disk(tmp_path / "test.spacy")
    arguments = ["evaluate", "nowhere", str(tmp_path), str(tmp_path / "scores.json")]
    result = run(cli, arguments)
    assert result.exit_code == 1 and "can't be scored" in result.output
