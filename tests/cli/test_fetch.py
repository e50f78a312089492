"""The command `fetch`."""

from typer.testing import CliRunner

from spacy_bilstm_crf.cli import cli

run = CliRunner().invoke


def test_fetch_reports_what_is_wrong(tmp_path):
    result = run(cli, ["fetch", "conll1999", str(tmp_path)])
    assert result.exit_code == 1
    assert "there is: conll2003" in " ".join(result.output.split())
