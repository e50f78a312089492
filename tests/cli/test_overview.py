"""What `convert` and `init` say of texts with labels."""

import json

import pytest
from typer.testing import CliRunner

from spacy_bilstm_crf.cli import cli
from spacy_bilstm_crf.cli.overview import print_overview
from spacy_bilstm_crf.corpora.annotated import AnnotatedText
from spacy_bilstm_crf.corpora.overview import Overview


@pytest.fixture
def corpus(tmp_path):
    splits = {
        "train": [("It was good", "pos"), ("It was bad", "neg"), ("it was  good", "neg")],
        "test": [("It was bad", "neg"), ("It was quite good", "pos")],
    }
    folder = tmp_path / "in"
    folder.mkdir()
    for split, texts in splits.items():
        records = (json.dumps({"text": text, "label": label}) for text, label in texts)
        (folder / f"{split}.jsonl").write_text("\n".join(records))
    return folder


def run(*arguments):
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


def test_convert(corpus, tmp_path):
    output = run("convert", corpus, tmp_path / "out", "--dev-share", "0")
    train, test = (corpus / f"{split}.jsonl, line" for split in ("train", "test"))
    assert "train: neg 66.7%, pos 33.3%; 3 words in the median text, 3 at the 95th" in output
    assert f"train: 1 repetition of earlier texts, such as {train} 3 and {train} 1" in output
    assert f"1 of these with other labels there, such as {train} 3 and {train} 1" in output
    assert f"1 text of test also in train, such as {test} 1 and {train} 2" in output
    assert "remove these from train" in output


def test_init_looks_at_train(corpus, tmp_path):
    output = run("init", corpus, tmp_path / "config.cfg")
    assert "train: neg 66.7%, pos 33.3%" in output and "of earlier texts" in output
    assert "test:" not in output


def test_many_labels_in_a_line(capsys):
    overview = Overview()
    for number in range(9):
        for repeat in range(number + 1):
            text = AnnotatedText(f"{number} {repeat}", cats={f"L{number}": 1.0})
            overview.add("train", text)
    print_overview(overview)
    assert "9 labels, from L8 20.0% to L0 2.2%" in capsys.readouterr().out
