"""The command `try`, also with texts, labels and numbers that are odd."""

import re
from pathlib import Path

import pytest
import spacy
from spacy.tokens import Span
from typer.testing import CliRunner
from wasabi import msg
from wasabi.util import COLORS

from spacy_bilstm_crf.cli import cli
from spacy_bilstm_crf.cli.try_it import mark

from .conftest import TEXTS

invoke = CliRunner().invoke


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


def test_try(trained, tmp_path):
    trained.to_disk(tmp_path / "model")
    result = invoke(cli, ["try", str(tmp_path / "model"), "Anna Smith lives in Paris ."])
    assert result.exit_code == 0
    assert "Anna Smith" in result.output and "PER" in result.output
    result = invoke(cli, ["try", str(tmp_path / "nothing"), "Anna"])
    assert result.exit_code == 1
    assert "Can't load" in result.output


def test_try_with_confidences_readings_and_html(trained, tmp_path, monkeypatch):
    trained.to_disk(tmp_path / "model")
    doc = trained("Anna Smith lives in Paris .")
    result = invoke(cli, ["try", str(tmp_path / "model"), doc.text, "--n-best", "3"])
    assert f"PER {doc.ents[0]._.confidence:.2f}" in result.output
    analyses = trained.get_pipe("ner").n_best(trained.make_doc(doc.text), 3)
    assert len(analyses) == 3
    for probability, _ in analyses:
        assert f"{probability:.3f}  " in result.output
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    assert invoke(cli, ["try", str(tmp_path / "model"), doc.text, "--html"]).exit_code == 0
    page = Path(opened[0].removeprefix("file://"))
    assert "Anna Smith" in page.read_text() and "PER" in page.read_text()
    page.unlink()


def test_try_asks_for_texts(trained, tmp_path):
    trained.to_disk(tmp_path / "model")
    texts = "Nobody saw Jordan\n\nParis is far from here .\n"
    result = invoke(cli, ["try", str(tmp_path / "model")], input=texts)
    assert result.exit_code == 0
    assert "Jordan" in result.output and "LOC" in result.output
    assert len(result.output.splitlines()) == 2  # no prompt to a file
    assert invoke(cli, ["try", str(tmp_path / "model")], input="").exit_code == 0
    assert invoke(cli, ["try", str(tmp_path / "model"), "Anna", "-n", "0"]).exit_code == 1


def test_colours_of_labels_stay(trained, monkeypatch):
    monkeypatch.setattr("spacy_bilstm_crf.cli.try_it.supports_ansi", lambda: True)
    for text, colour in (("Nobody saw Jordan", "yellow"), ("Paris is far from here .", "cyan")):
        doc = trained(text)
        colours = re.findall(r"\x1b\[38;5;(\w+)m", mark(doc, doc.ents, ["LOC", "PER"]))
        assert colours == [str(COLORS[colour])]
