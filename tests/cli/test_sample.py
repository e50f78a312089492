"""The command `sample`."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from spacy_bilstm_crf.cli import cli

run = CliRunner().invoke


@pytest.mark.parametrize("options", [[], ["--format", "brat"], ["--format", "labels"]])
def test_the_sample_in_a_place_that_can_not_be_written(tmp_path, options):
    (tmp_path / "file").write_text("mine")
    for folder in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/nothing")):
        result = run(cli, ["sample", str(folder), *options])
        assert result.exit_code == 1 and isinstance(result.exception, SystemExit)
        assert "The sample can't be written" in result.output
    for name in ("train.txt", "train.jsonl"):
        (tmp_path / name).mkdir()  # a folder where a file should be
    (tmp_path / "train").write_text("mine")
    result = run(cli, ["sample", str(tmp_path), *options])
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit)
