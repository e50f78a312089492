import shutil
import zipfile
from pathlib import Path

import pytest
import spacy
from spacy.tokens import DocBin
from typer.testing import CliRunner

from spacy_bilstm_crf.cli import cli
from spacy_bilstm_crf.corpora.brat import find_texts, read_entities
from spacy_bilstm_crf.corpora.sample import SPLITS, make_sample, write_sample_brat
from spacy_bilstm_crf.tags import read_tags

run = CliRunner().invoke
CONFIG = Path(__file__).parents[2] / "configs" / "sample_brat.cfg"


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    write_sample_brat(folder)
    return folder


def convert(source, target, *options):
    return run(cli, ["convert", str(source), str(target), "--config", str(CONFIG), *options])


def docs(path):
    return list(DocBin().from_disk(path).get_docs(spacy.blank("xx").vocab))


def test_the_sample_in_brat_is_the_sample(sample):
    for split, documents in make_sample().items():
        paths = find_texts(sample / split)
        assert len(paths) == SPLITS[split]
        for path, sentences in zip(paths, documents):
            lines = path.read_text().split("\n")
            assert lines == [" ".join(words) for words, _ in sentences] + [""]
            n_entities = sum(
                tag.startswith("B") for _, tags in sentences for tag in read_tags(tags)
            )
            assert len(read_entities(path.with_suffix(".ann"))) == n_entities


def test_convert(sample, tmp_path):
    result = convert(sample, tmp_path)
    assert result.exit_code == 0, result.output
    assert "do not fit" not in result.output
    for split, size in SPLITS.items():
        converted = docs(tmp_path / f"{split}.spacy")
        assert len(converted) == size
        paths = find_texts(sample / split)
        for doc, path in zip(converted, paths):
            entities = {(e.label_, e.start_char, e.end_char) for e in doc.ents}
            assert entities == read_entities(path.with_suffix(".ann"))
            *sentences, _ = doc.sents
            for sentence in sentences:
                assert len(sentence) >= 60 and sentence.text.endswith("\n")
        if split != "train":
            assert [p.name for p in find_texts(tmp_path / split)] == [p.name for p in paths]


def test_dev_is_set_aside_by_source(sample, tmp_path):
    source = tmp_path / "source"
    for split in ("train", "dev"):  # two folders, neither of them a split
        (source / f"part_{split}").mkdir(parents=True)
        for path in (sample / split).iterdir():
            (source / f"part_{split}" / path.name).write_bytes(path.read_bytes())
    result = convert(source, tmp_path / "out", "--dev-share", "0.25", "--test-share", "0")
    assert result.exit_code == 0, result.output
    assert "80 texts of 25% of the sources for dev, seed 0" in " ".join(result.output.split())
    assert len(docs(tmp_path / "out" / "dev.spacy")) == 80
    assert len(docs(tmp_path / "out" / "train.spacy")) == 240
    assert not (tmp_path / "out" / "test.spacy").exists()
    assert len(list((tmp_path / "out" / "dev").glob("*.ann"))) == 80


def test_nothing_of_an_earlier_conversion_stays(sample, tmp_path):
    convert(sample, tmp_path)
    source = tmp_path.with_name("source")
    (source / "train").mkdir(parents=True)
    for path in list((sample / "train").iterdir())[:40]:
        (source / "train" / path.name).write_bytes(path.read_bytes())
        pair = path.with_suffix(".ann" if path.suffix == ".txt" else ".txt")
        (source / "train" / pair.name).write_bytes(pair.read_bytes())
    assert convert(source, tmp_path, "--dev-share", "0.5", "--test-share", "0").exit_code == 0
    assert not (tmp_path / "test.spacy").exists() and not (tmp_path / "test").exists()
    assert len(find_texts(tmp_path / "dev")) == len(docs(tmp_path / "dev.spacy"))
    for target in (source, source / "out", source.parent):
        result = convert(source, target)
        assert result.exit_code == 1 and "must lie apart" in " ".join(result.output.split())
    next((source / "train").glob("*.txt")).unlink()
    result = convert(source, tmp_path)
    assert result.exit_code == 1 and "has no text" in " ".join(result.output.split())


def test_archives_are_unpacked(sample, tmp_path):
    parts = {"train_part_1": "train", "train_part_3": "dev", "test_ner_only": "test"}
    for name, split in parts.items():
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
            for path in (sample / split).iterdir():
                archive.write(path, f"{name}/{path.name}")
            archive.writestr(f"__MACOSX/{name}/._x.txt", "x")
    out = tmp_path.with_name("archives_out")
    result = convert(tmp_path, out)
    assert result.exit_code == 0, result.output
    output = " ".join(result.output.split())
    assert "train_part_1.zip holds other files than those our figures" in output
    assert "test_ner_only.zip" not in output
    n_docs = sum(len(docs(out / f"{split}.spacy")) for split in ("train", "dev"))
    assert n_docs == SPLITS["train"] + SPLITS["dev"]
    assert len(docs(out / "test.spacy")) == SPLITS["test"]
    (tmp_path / "train_part_2.zip").write_bytes(b"PK nothing")
    result = convert(tmp_path, out)
    assert result.exit_code == 1 and "train_part_2.zip can't be unpacked" in " ".join(
        result.output.split()
    )
    assert not list(tmp_path.glob("train/*part_2*"))


def test_archives_of_other_corpora_are_to_be_unpacked_by_hand(sample, tmp_path):
    for name in ("train.zip", "test_texts.zip"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for path in (sample / "dev").iterdir():
                archive.write(path, path.name)
    before = sorted(tmp_path.iterdir())
    result = convert(tmp_path, tmp_path.with_name("zipped_out"))
    output = " ".join(result.output.split())
    assert result.exit_code == 1 and "archives, such as test_texts.zip. Unpack them" in output
    assert sorted(tmp_path.iterdir()) == before
    # Beside files of a corpus they are nobody's business.
    for split in ("train", "dev"):
        shutil.copytree(sample / split, tmp_path / split)
    assert convert(tmp_path, tmp_path.with_name("zipped_out")).exit_code == 0
    assert sorted(path.name for path in (tmp_path / "train").iterdir()) == sorted(
        path.name for path in (sample / "train").iterdir()
    )


def test_what_is_wrong_is_reported(sample, tmp_path):
    for split in ("train", "dev"):
        (tmp_path / split).mkdir()
        (tmp_path / split / "a.txt").write_text("Anna left. Bergen")
        (tmp_path / split / "a.ann").write_text("T1\tPER 0 4\tAnna\nT2\tLOC 12 17\terge\n")
    result = convert(tmp_path, tmp_path.with_name("wrong_out"))
    assert result.exit_code == 1
    assert "a.ann, line 2" in " ".join(result.output.split())
    assert not (tmp_path.with_name("wrong_out")).exists()
    for split in ("train", "dev"):
        (tmp_path / split / "a.ann").write_text("T1\tPER 0 4\tAnna\nT2\tLOC 12 16\terge\n")
    result = convert(tmp_path, tmp_path.with_name("wrong_out"))
    assert result.exit_code == 0
    assert "2 entities unknown to training (border inside a token)" in " ".join(
        result.output.split()
    )
    (tmp_path / "dev" / "b").mkdir()
    for suffix in ("txt", "ann"):
        (tmp_path / "dev" / "b" / f"a.{suffix}").write_text("")
    result = convert(tmp_path, tmp_path.with_name("wrong_out"))
    assert result.exit_code == 1 and "2 files of dev have the name a.txt" in " ".join(
        result.output.split()
    )
