"""The command `analyze`."""

import json
import zlib
from pathlib import Path

import pytest
import spacy
from spacy.tokens import DocBin
from spacy.training import Example
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


@pytest.mark.parametrize("content", [b"", b"no DocBin", None, zlib.compress(b"\x81\xa1a\x01")])
@pytest.mark.parametrize("command", ["analyze", "report", "evaluate"])
def test_a_file_that_is_no_docbin(corpus, command, content):
    path = corpus / "corpus" / "test.spacy"
    path.write_bytes(path.read_bytes()[:-20] if content is None else content)
    output = ["--output"] if command == "analyze" else []
    arguments = [str(corpus / "model"), str(corpus / "corpus"), *output, str(corpus / "out")]
    result = run(cli, [command, *arguments])
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit)
    assert "test.spacy can't be read" in " ".join(result.output.split())
    assert not (corpus / "out").exists()


@pytest.mark.parametrize("command", ["analyze", "report", "evaluate"])
def test_an_output_that_can_not_be_written(corpus, command, monkeypatch):
    """It is said before the long work begins."""
    monkeypatch.setattr("spacy.load", lambda *arguments: pytest.fail("too late"))
    (corpus / "file").write_text("mine")
    for path in (corpus, corpus / "file" / "out", Path("/proc/nothing/out")):
        output = ["--output"] if command == "analyze" else []
        arguments = [str(corpus / "model"), str(corpus / "corpus"), *output, str(path)]
        result = run(cli, [command, *arguments])
        assert result.exit_code == 1 and isinstance(result.exception, SystemExit)
    assert (corpus / "file").read_text() == "mine"


def test_docbins_of_others_are_scored_on_their_tokens(corpus):
    output = corpus / "new" / "scores.json"
    result = run(cli, ["evaluate", str(corpus / "model"), str(corpus / "corpus"), str(output)])
    assert result.exit_code == 0, result.output
    assert json.loads(output.read_text())["ents_f"] == 1.0


def test_labels_of_texts(tmp_path):
    nlp = spacy.blank("en")
    textcat = nlp.add_pipe("textcat")
    docs = []
    for text, label in (("good film", "pos"), ("bad film", "neg"), ("good cast", "pos")):
        doc = nlp.make_doc(text)
        doc.cats = {own: float(own == label) for own in ("pos", "neg")}
        docs.append(doc)
    nlp.initialize(lambda: [Example(nlp.make_doc(doc.text), doc) for doc in docs])
    assert textcat.labels == ("pos", "neg")
    nlp.to_disk(tmp_path / "model")
    DocBin(docs=docs).to_disk(tmp_path / "corpus" / "test.spacy")
    output = tmp_path / "errors.json"
    arguments = [str(tmp_path / "model"), str(tmp_path / "corpus"), "--output", str(output)]
    result = run(cli, ["analyze", *arguments])
    assert result.exit_code == 0, result.output
    # Untrained, it finds one probability for both: the first label.
    tables = json.loads(output.read_text())["categories"]
    assert tables["confusion"] == {"neg": {"neg": 0, "pos": 1}, "pos": {"neg": 0, "pos": 2}}
    assert tables["per_label"]["pos"]["wrong"] == tables["per_label"]["neg"]["missed"] == 1
    assert "missed" in result.output and "By length of the text" in result.output


def test_a_corpus_with_neither(tmp_path):
    nlp = spacy.blank("en")
    nlp.to_disk(tmp_path / "model")
    DocBin(docs=[nlp.make_doc("good film")]).to_disk(tmp_path / "corpus" / "test.spacy")
    result = run(cli, ["analyze", str(tmp_path / "model"), str(tmp_path / "corpus")])
    assert result.exit_code == 1
    assert "no entities and no labels of texts" in " ".join(result.output.split())
