"""Archives: bounded, and named when they are damaged."""

import random
import zipfile

import pytest

from spacy_bilstm_crf.corpora.rurebus import unpack

TEXT = "".join(random.Random(0).choices("abcdefgh ", k=20000)).encode()


def pack(folder, files, method=zipfile.ZIP_DEFLATED):
    path = folder / "train_x.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_texts_are_unpacked(tmp_path):
    pack(tmp_path, {"x/a.txt": TEXT, "x/a.ann": b"", "x/a.pdf": b"no text"})
    assert unpack(tmp_path) == []
    assert (tmp_path / "train" / "train_x" / "a.txt").read_bytes() == TEXT
    assert {p.name for p in (tmp_path / "train" / "train_x").iterdir()} == {"a.txt", "a.ann"}


@pytest.mark.parametrize("n_files", [1, 50])
def test_an_archive_that_grows_without_end(tmp_path, n_files):
    pack(tmp_path, {f"{i}.txt": bytes(10**7 // n_files) for i in range(n_files)})
    with pytest.raises(ValueError, match="train_x.zip holds more than 100 times its size"):
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
    with pytest.raises(ValueError, match=r"a.txt is packed by a method.*Unpack.*train_x, or pack"):
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
            assert "train_x.zip" in str(error)
            n_refused += 1
            assert list((tmp_path / "train").iterdir()) == []
        else:
            target = tmp_path / "train" / "train_x"
            for file in target.iterdir():
                file.unlink()
            target.rmdir()
    assert n_refused > 100
