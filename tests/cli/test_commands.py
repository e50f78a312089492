import json
import re
from pathlib import Path

import pytest
from spacy.cli import app
from typer.testing import CliRunner
from wasabi.util import COLORS

from spacy_bilstm_crf.cli import cli
from spacy_bilstm_crf.cli.try_it import mark
from spacy_bilstm_crf.corpora.sample import SPLITS

run = CliRunner().invoke
CONFIG = Path(__file__).parents[2] / "configs" / "sample.cfg"


def test_sample_and_convert(tmp_path):
    result = run(cli, ["sample", str(tmp_path / "columns"), "--seed", "3"])
    assert result.exit_code == 0
    result = run(
        cli, ["convert", str(tmp_path / "columns"), str(tmp_path / "binary"), "-u", "document"]
    )
    assert result.exit_code == 0
    for split, size in SPLITS.items():
        assert f"{split}.spacy: {size} docs" in " ".join(result.output.split())
        assert (tmp_path / "binary" / f"{split}.spacy").exists()


@pytest.mark.parametrize("options", [[], ["--format", "brat"]])
def test_the_sample_in_a_place_that_can_not_be_written(tmp_path, options):
    (tmp_path / "file").write_text("mine")
    for folder in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/nothing")):
        result = run(cli, ["sample", str(folder), *options])
        assert result.exit_code == 1 and isinstance(result.exception, SystemExit)
        assert "The sample can't be written" in result.output
    (tmp_path / "train.txt").mkdir()  # a folder where a file should be
    (tmp_path / "train").write_text("mine")
    result = run(cli, ["sample", str(tmp_path), *options])
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit)


def test_convert_reports_what_is_wrong(tmp_path):
    source, target = tmp_path / "columns", tmp_path / "binary"
    source.mkdir()
    result = run(cli, ["convert", str(source), str(target)])
    assert result.exit_code == 1
    assert "has no train.txt" in " ".join(result.output.split())
    (source / "dev.txt").write_text("a O\n")
    (source / "test.txt").write_text("a O\n")
    (source / "train.txt").write_text("a O\nb\n")
    result = run(cli, ["convert", str(source), str(target)])
    assert result.exit_code == 1
    assert "line 2" in " ".join(result.output.split())
    assert run(cli, ["convert", str(source), str(target), "-u", "page"]).exit_code != 0


def test_convert_says_what_became_a_doc(tmp_path):
    source, target = tmp_path / "columns", tmp_path / "binary"
    source.mkdir()
    for begins, said in [("-DOCSTART- O\n\n", False), ("", True)]:
        for split in SPLITS:
            (source / f"{split}.txt").write_text(f"{begins}a O\n\nb O\n")
        result = run(cli, ["convert", str(source), str(target)])
        assert result.exit_code == 0
        assert ("Every sentence is a doc" in " ".join(result.output.split())) == said
    chosen = run(cli, ["convert", str(source), str(target), "-u", "sentence"])
    assert "Every sentence" not in chosen.output


def test_try(trained, tmp_path):
    trained.to_disk(tmp_path / "model")
    result = run(cli, ["try", str(tmp_path / "model"), "Anna Smith lives in Paris ."])
    assert result.exit_code == 0
    assert "Anna Smith" in result.output and "PER" in result.output
    result = run(cli, ["try", str(tmp_path / "nothing"), "Anna"])
    assert result.exit_code == 1
    assert "Can't load" in result.output


def test_try_with_confidences_readings_and_html(trained, tmp_path, monkeypatch):
    trained.to_disk(tmp_path / "model")
    doc = trained("Anna Smith lives in Paris .")
    result = run(cli, ["try", str(tmp_path / "model"), doc.text, "--n-best", "3"])
    assert f"PER {doc.ents[0]._.confidence:.2f}" in result.output
    analyses = trained.get_pipe("ner").n_best(trained.make_doc(doc.text), 3)
    assert len(analyses) == 3
    for probability, _ in analyses:
        assert f"{probability:.3f}  " in result.output
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    assert run(cli, ["try", str(tmp_path / "model"), doc.text, "--html"]).exit_code == 0
    page = Path(opened[0].removeprefix("file://"))
    assert "Anna Smith" in page.read_text() and "PER" in page.read_text()
    page.unlink()


def test_try_asks_for_texts(trained, tmp_path):
    trained.to_disk(tmp_path / "model")
    texts = "Nobody saw Jordan\n\nParis is far from here .\n"
    result = run(cli, ["try", str(tmp_path / "model")], input=texts)
    assert result.exit_code == 0
    assert "Jordan" in result.output and "LOC" in result.output
    assert len(result.output.splitlines()) == 2  # no prompt to a file
    assert run(cli, ["try", str(tmp_path / "model")], input="").exit_code == 0
    assert run(cli, ["try", str(tmp_path / "model"), "Anna", "-n", "0"]).exit_code == 1


def test_colours_of_labels_stay(trained, monkeypatch):
    monkeypatch.setattr("spacy_bilstm_crf.cli.try_it.supports_ansi", lambda: True)
    for text, colour in (("Nobody saw Jordan", "yellow"), ("Paris is far from here .", "cyan")):
        doc = trained(text)
        colours = re.findall(r"\x1b\[38;5;(\w+)m", mark(doc, doc.ents, ["LOC", "PER"]))
        assert colours == [str(COLORS[colour])]


def test_fetch_reports_what_is_wrong(tmp_path):
    result = run(cli, ["fetch", "conll1999", str(tmp_path)])
    assert result.exit_code == 1
    assert "there is: conll2003" in " ".join(result.output.split())


def test_init_labels_of_spacy(tmp_path):
    run(cli, ["sample", str(tmp_path / "columns")])
    run(cli, ["convert", str(tmp_path / "columns"), str(tmp_path / "binary")])
    overrides = [
        "--paths.train",
        str(tmp_path / "binary" / "train.spacy"),
        "--paths.dev",
        "x.spacy",
    ]
    command = ["init", "labels", str(CONFIG), str(tmp_path / "labels"), *overrides]
    assert run(app, command).exit_code == 0
    labels = json.loads((tmp_path / "labels" / "bilstm_crf_ner.json").read_text())
    assert labels == ["LOC", "MISC", "ORG", "PER"]
