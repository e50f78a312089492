"""The command `convert` on columns."""

from typer.testing import CliRunner

from spacy_bilstm_crf.cli import cli
from spacy_bilstm_crf.corpora.sample import SPLITS

run = CliRunner().invoke


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


def test_convert_reports_what_is_wrong(tmp_path):
    source, target = tmp_path / "columns", tmp_path / "binary"
    source.mkdir()
    result = run(cli, ["convert", str(source), str(target)])
    assert result.exit_code == 1
    assert "has no annotated texts" in " ".join(result.output.split())
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
    for begins, docs in [("-DOCSTART- O\n\n", "1 doc"), ("", "2 docs")]:
        for split in SPLITS:
            (source / f"{split}.txt").write_text(f"{begins}a O\n\nb O\n")
        result = run(cli, ["convert", str(source), str(target)])
        assert result.exit_code == 0
        said = " ".join(result.output.split())
        assert "Format: columns, by its content" in said and f"dev.spacy: {docs}," in said


def test_convert_without_a_config(folder, tmp_path):
    arguments = ["convert", str(folder), str(tmp_path / "out"), "--config", "configs/sampel.cfg"]
    result = run(cli, arguments)
    assert result.exit_code == 1 and "is it misspelt" in " ".join(result.output.split())
