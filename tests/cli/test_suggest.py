import json

import pytest
from typer.testing import CliRunner

from spacy_bilstm_crf.cli import cli

from .conftest import TEXTS

run = CliRunner().invoke


def said(result):
    return " ".join(result.output.split())


def test_texts(model, folder, stream, tmp_path):
    (folder / "empty.txt").write_text("")
    out = tmp_path / "out.jsonl"
    options = ["--score", "errors", "--random", "0.5", "--diversity", "1", "--format", "jsonl"]
    result = run(cli, ["suggest", model, str(folder), str(out), *options])
    assert result.exit_code == 0, result.output
    assert "Without a word, and left out: 1 text" in said(result)
    assert "Only 2 texts to suggest, of 3 texts" in said(result)
    assert "2 texts, " in said(result) and "9 words to read" in said(result)
    tasks = [json.loads(line) for line in out.read_text().splitlines()]
    assert {task["name"]: task["text"] for task in tasks} == TEXTS
    result = run(cli, ["suggest", model, str(stream), str(out), "--words", "4", "--random", "0"])
    assert result.exit_code == 1 and "--force" in said(result)
    options = ["--words", "3", "--random", "0", "--force", "--exclude", str(out)]
    result = run(cli, ["suggest", model, str(stream), str(out), *options])
    assert result.exit_code == 1 and "nothing to suggest" in said(result)
    assert len(out.read_text().splitlines()) == 2
    result = run(cli, ["suggest", model, str(stream), str(out), *options[:-2]])
    assert result.exit_code == 0 and "1 text, " in said(result)


def test_questions(model, stream, tmp_path):
    out = tmp_path / "out.jsonl"
    options = ["--questions", "--n", "3", "--least-doubt", "0.01"]
    result = run(cli, ["suggest", model, str(stream), str(out), *options])
    assert result.exit_code == 0 and "questions" in said(result), result.output
    for line in out.read_text().splitlines():
        task = json.loads(line)
        assert task["_is_binary"] and len(task["spans"]) == 1 and "answer" not in task


@pytest.mark.parametrize(
    "options, message",
    [
        (["--questions", "--random", "0.1"], "leave out --random"),
        (["--questions", "--format", "doccano"], "Prodigy's format"),
        (["--component", "other"], "--component must be one of ner"),
        (["--exclude", "nowhere"], "no file or folder nowhere"),
    ],
)
def test_errors_are_one_line(model, stream, tmp_path, options, message):
    result = run(cli, ["suggest", model, str(stream), str(tmp_path / "out"), *options])
    assert result.exit_code == 1 and message in said(result), result.output
    assert "Traceback" not in result.output and not (tmp_path / "out").exists()
