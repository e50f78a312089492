"""The command `report`."""

from spacy.tokens import DocBin
from typer.testing import CliRunner

from spacy_bilstm_crf.cli import cli

from ..conftest import make_examples


def test_command(trained, tmp_path):
    trained.to_disk(tmp_path / "model")
    gold = [eg.reference for eg in make_examples(trained)]
    (tmp_path / "corpus").mkdir()
    for split in ("train", "dev"):
        DocBin(docs=gold).to_disk(tmp_path / "corpus" / f"{split}.spacy")
    output = tmp_path / "reports" / "corpus" / "index.html"
    arguments = [str(tmp_path / "model"), str(tmp_path / "corpus"), str(output)]
    result = CliRunner().invoke(cli, ["report", *arguments, "--history", "nothing.jsonl"])
    assert result.exit_code == 0, result.output
    assert "no curves" in result.output
    assert "<title>corpus, dev</title>" in output.read_text()
    arguments[1] = str(tmp_path)
    assert CliRunner().invoke(cli, ["report", *arguments]).exit_code == 1
