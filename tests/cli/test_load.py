"""A pipeline whose saving or copying was interrupted is refused by every command, in one line."""

import pytest
import spacy
from spacy.tokens import DocBin
from typer.testing import CliRunner

from spacy_bilstm_crf.cli import cli

from ..conftest import make_examples


@pytest.fixture
def saved(saved):
    """Beside the pipeline, what commands read."""
    (saved.parent / "corpus").mkdir()
    docs = [eg.reference for eg in make_examples(spacy.blank("xx"))]
    for split in ("train", "test"):
        DocBin(docs=docs).to_disk(saved.parent / "corpus" / f"{split}.spacy")
    (saved.parent / "texts").mkdir()
    (saved.parent / "texts" / "one.txt").write_text("Anna")
    return saved


def commands(model):
    room = model.parent
    return [
        ["evaluate", model, room / "corpus", room / "out" / "scores.json"],
        ["analyze", model, room / "corpus", "--output", room / "out" / "errors.json"],
        ["report", model, room / "corpus", room / "out" / "index.html"],
        ["predict", model, room / "texts", room / "out" / "found"],
        ["try", model, "Anna"],
    ]


def run(arguments):
    result = CliRunner().invoke(cli, [str(a) for a in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, " ".join(result.output.split())


def test_every_command_loads_what_is_whole(saved):
    for arguments in commands(saved):
        code, output = run(arguments)
        assert code == 0, output


@pytest.mark.parametrize("file,n_bytes", [("ner/model", 1000), ("vocab/vectors", 0)])
def test_every_command_says_so_in_a_line(saved, file, n_bytes):
    (saved / file).write_bytes((saved / file).read_bytes()[:n_bytes])
    for arguments in commands(saved):
        code, output = run(arguments)
        assert code == 1
        assert f"{saved} can't be loaded: it is incomplete or damaged" in output
    assert not list(saved.parent.glob("out/*"))


def test_the_output_of_a_training_is_no_pipeline(saved):
    output = saved.parent / "trained"
    output.mkdir()
    saved.rename(output / "model-best")
    code, said = run(["try", output, "Anna"])
    assert code == 1 and f"give its pipeline, {output / 'model-best'}" in said
