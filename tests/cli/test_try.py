"""What `try` does with texts, labels and numbers that are odd."""

from pathlib import Path

import pytest
import spacy
from spacy.tokens import Span
from typer.testing import CliRunner
from wasabi import msg

from spacy_bilstm_crf.cli import cli
from spacy_bilstm_crf.cli.try_it import mark

from .conftest import TEXTS


@pytest.fixture(autouse=True)
def _plain(monkeypatch):
    monkeypatch.setattr(msg, "show_color", False)
    monkeypatch.setattr("spacy_bilstm_crf.cli.try_it.supports_ansi", lambda: False)


def run(*arguments, **options):
    result = CliRunner().invoke(cli, ["try", *arguments], **options)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_texts_do_not_command_the_terminal(model):
    text = "\x1b[2J Anna Smith\x07 lives\r in \u202eParis \x9b31m .\n\tOslo"
    for arguments in [[], ["-n", "2"]]:
        code, output = run(model, text, *arguments)
        assert code == 0 and "\n\tOslo" in output and r"\x1b[2J" in output
        for own in ("\x1b[1m", "\x1b[0m"):  # of the divider
            output = output.replace(own, "")
        assert not set("\x1b\x07\r\u202e\x9b") & set(output)


def test_labels_do_not_command_the_terminal():
    doc = spacy.blank("xx")("Anna \x1b")
    doc.ents = [Span(doc, 0, 2, label="\x1b[31mPER\n")]
    assert mark(doc, doc.ents, []) == r"[Anna \x1b \x1b[31mPER\n]"


def test_as_many_readings_as_can_be_had(model):
    code, output = run(model, TEXTS["one"], "-n", "10000000")
    assert code == 1 and "--n-best must be from 1 to 1000" in output


def test_labels_are_escaped_in_the_page(trained, tmp_path, monkeypatch):
    ruler = trained.add_pipe("entity_ruler", first=True)
    ruler.add_patterns([{"label": "<img src=x onerror=alert(1)>", "pattern": "Oslo", "id": "<b>"}])
    trained.to_disk(tmp_path / "model")
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    assert run(str(tmp_path / "model"), "Oslo & <i>Anna Smith</i> .", "--html")[0] == 0
    page = Path(opened[0].removeprefix("file://"))
    html = page.read_text()
    page.unlink()
    assert "&lt;img src=x onerror=alert(1)&gt;" in html and "&lt;i&gt;" in html
    assert "<img" not in html and "<i>" not in html


def test_texts_that_are_no_text(model):
    code, output = run(model, "Anna \udcff")
    assert code == 1 and "Can't tag the text" in output


def test_long_texts(model):
    code, output = run(model, TEXTS["one"] + " " * 1_000_000)
    assert code == 0 and "[Anna Smith PER" in output
