"""The command `fetch`."""

import pytest
from typer.testing import CliRunner

from spacy_bilstm_crf.cli import cli

run = CliRunner().invoke


def test_fetch_reports_what_is_wrong(tmp_path):
    result = run(cli, ["fetch", "conll1999", str(tmp_path)])
    assert result.exit_code == 1
    assert "there is: conll2003" in " ".join(result.output.split())


def test_fetch_takes_options_and_says_what_it_read(monkeypatch, tmp_path):
    datasets = pytest.importorskip("datasets")
    rows = {"w": [["Maria", "left"]], "lemma": [["Maria", "leave"]], "t": [["B-PER", "O"]]}
    split = datasets.Dataset.from_dict(rows)
    asked = []

    def load_dataset(*args, **kwargs):
        asked.append((args, kwargs))
        return {"train": split, "extra": split}

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    options = ["--config-name", "da", "--revision", "main", "--words", "w", "--tags", "t"]
    result = run(cli, ["fetch", "some/corpus", str(tmp_path), *options])
    assert result.exit_code == 0, result.output
    assert asked == [(("some/corpus", "da"), {"revision": "main"})]
    output = " ".join(result.output.split())
    assert "columns w and t" in output and "Left out" in output and "extra" in output
    assert (tmp_path / "train.txt").read_text() == "Maria\tB-PER\nleft\tO\n\n"

    result = run(cli, ["fetch", "some/corpus", str(tmp_path)])
    assert result.exit_code == 1
    assert "Say --words" in result.output
