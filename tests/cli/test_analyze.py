"""The command `analyze`."""

import json

import pytest
from spacy.tokens import DocBin
from typer.testing import CliRunner

from spacy_bilstm_crf.cli import cli

from ..conftest import make_examples

run = CliRunner().invoke


@pytest.fixture
def corpus(trained, tmp_path):
    trained.to_disk(tmp_path / "model")
    gold = [eg.reference for eg in make_examples(trained)]
    for split, docs in (("train", gold), ("test", gold[:3])):
        DocBin(docs=docs).to_disk(tmp_path / "corpus" / f"{split}.spacy")
    return tmp_path


@pytest.fixture(autouse=True)
def folder(tmp_path):
    (tmp_path / "corpus").mkdir()


def test_tables(corpus):
    output = corpus / "new" / "errors.json"
    arguments = [str(corpus / "model"), str(corpus / "corpus"), "--output", str(output)]
    result = run(cli, ["analyze", *arguments])
    assert result.exit_code == 0, result.output
    tables = json.loads(output.read_text())
    assert tables["all"] == {"p": 1.0, "r": 1.0, "f": 1.0, "gold": 4, "found": 4}
    assert tables["by_name"] == {"seen": tables["all"]}
    assert tables["confusion"] == {"LOC": {"LOC": 2}, "PER": {"PER": 2}}
    assert "Kinds of errors" in result.output and "100.00" in result.output


def test_a_part_that_is_not_there(corpus):
    result = run(cli, ["analyze", str(corpus / "model"), str(corpus / "corpus"), "--split", "dev"])
    assert result.exit_code == 1
    assert "dev.spacy is not there" in " ".join(result.output.split())
    assert "test, train" in result.output
