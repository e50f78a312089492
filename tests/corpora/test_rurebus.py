"""Archives: RuREBus' own only, bounded, and named when they are damaged."""

import random
import zipfile
from pathlib import Path

import pytest
import yaml

from spacy_bilstm_crf.corpora.rurebus import ARCHIVES, DIGESTS, digest, unpack

ROOT = Path(__file__).parents[2]

TEXT = "".join(random.Random(0).choices("abcdefgh ", k=20000)).encode()


def pack(folder, files, method=zipfile.ZIP_DEFLATED, name="train_part_1"):
    path = folder / f"{name}.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_texts_are_unpacked(tmp_path):
    pack(tmp_path, {"x/a.txt": TEXT, "x/a.ann": b"", "x/a.pdf": b"no text"})
    assert unpack(tmp_path) == ["train_part_1.zip"]  # it holds other files than the task's
    assert (tmp_path / "train" / "train_part_1" / "a.txt").read_bytes() == TEXT
    assert {p.name for p in (tmp_path / "train" / "train_part_1").iterdir()} == {"a.txt", "a.ann"}


def test_the_archives_are_those_that_the_project_fetches():
    assets = yaml.safe_load((ROOT / "project.yml").read_text())["assets"]
    fetched = {Path(asset["dest"]).name for asset in assets if "/rurebus/" in asset["dest"]}
    assert fetched == {f"{name}.zip" for name in ARCHIVES}
    assert DIGESTS.keys() <= ARCHIVES.keys()


def test_archives_of_other_corpora_are_left_alone(tmp_path):
    names = ("train", "train_part_4", "training", "test", "test_x", "dev")
    for name in names:
        pack(tmp_path, {"a.txt": TEXT}, name=name)
    pack(tmp_path, {"a.txt": TEXT}, name="test_ner_only")
    assert unpack(tmp_path) == []  # no digest of the test set is known
    found = {path.name for path in tmp_path.iterdir()}
    assert found == {*(f"{name}.zip" for name in names), "test_ner_only.zip", "test"}
    assert [path.name for path in (tmp_path / "test").iterdir()] == ["test_ner_only"]


def test_the_files_of_the_figures_are_no_news(tmp_path, monkeypatch):
    pack(tmp_path, {"a.txt": TEXT})
    assert unpack(tmp_path) == ["train_part_1.zip"]
    target = tmp_path / "train" / "train_part_1"
    monkeypatch.setitem(DIGESTS, "train_part_1", digest(target))
    target.rename(tmp_path / "aside")
    assert unpack(tmp_path) == []


@pytest.mark.parametrize("n_files", [1, 50])
def test_an_archive_that_grows_without_end(tmp_path, n_files):
    pack(tmp_path, {f"{i}.txt": bytes(10**7 // n_files) for i in range(n_files)})
    with pytest.raises(ValueError, match="train_part_1.zip holds more than 100 times its size"):
        unpack(tmp_path)
    assert list((tmp_path / "train").iterdir()) == []


def test_sizes_that_an_archive_declares_need_not_be_true(tmp_path, monkeypatch):
    pack(tmp_path, {"a.txt": bytes(10**6)})
    entries = zipfile.ZipFile.infolist

    def smaller(self):
        for entry in entries(self):
            entry = zipfile.ZipInfo(entry.filename)
            entry.compress_type, entry.file_size = zipfile.ZIP_DEFLATED, 10
            yield entry

    opened = zipfile.ZipFile.open
    monkeypatch.setattr(zipfile.ZipFile, "infolist", smaller)
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda self, entry: opened(self, entry.filename))
    with pytest.raises(ValueError, match="holds more than 100 times its size"):
        unpack(tmp_path)


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_methods_that_are_not_bounded(tmp_path, method):
    pack(tmp_path, {"a.txt": TEXT}, method)
    with pytest.raises(
        ValueError, match=r"a.txt is packed by a method.*Unpack.*train_part_1, or pack"
    ):
        unpack(tmp_path)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_STORED])
def test_damaged_archives(tmp_path, method):
    path = pack(tmp_path, {"a.txt": TEXT, "a.ann": b"T1"}, method)
    whole = path.read_bytes()
    random_ = random.Random(0)
    n_refused = 0
    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(random_.randint(1, 8)):
            damaged[random_.randrange(len(damaged))] = random_.randrange(256)
        path.write_bytes(damaged[: random_.choice([len(whole), random_.randrange(len(whole))])])
        try:
            unpack(tmp_path)
        except (ValueError, OSError) as error:
            assert "train_part_1.zip" in str(error)
            n_refused += 1
            assert list((tmp_path / "train").iterdir()) == []
        else:
            target = tmp_path / "train" / "train_part_1"
            for file in target.iterdir():
                file.unlink()
            target.rmdir()
    assert n_refused > 100
