import gzip

import pytest

from spacy_bilstm_crf.corpora.annotated import FormatError
from spacy_bilstm_crf.corpora.compressed import SUFFIXES, create_bytes, open_bytes
from spacy_bilstm_crf.corpora.open_text import read_lines

LINES = "".join(f"{number} Жизнь\n" for number in range(5000))


def packed(path):
    with create_bytes(path, path.suffix) as file:
        file.write(LINES.encode())
    return path


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_is_written_reads_back_whatever_its_name(tmp_path, suffix):
    path = packed(tmp_path / f"a{suffix}")
    assert path.stat().st_size < len(LINES.encode()) / 2
    assert packed(tmp_path / f"b{suffix}").read_bytes() == path.read_bytes()
    renamed = path.rename(tmp_path / "c.txt")
    with open_bytes(renamed) as file:
        assert file.read() == LINES.encode()
    assert "".join(line for _, line in read_lines(renamed)) == LINES
    twice = tmp_path / "twice"
    twice.write_bytes(2 * renamed.read_bytes())
    assert "".join(line for _, line in read_lines(twice)) == 2 * LINES


def test_other_tools_read_it(tmp_path):
    assert gzip.decompress(packed(tmp_path / "a.gz").read_bytes()) == LINES.encode()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_damaged_file_is_named_with_the_line(tmp_path, suffix):
    path = packed(tmp_path / f"a{suffix}")
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(FormatError, match=rf"a{suffix}: the compressed file is damaged after line"):
        list(read_lines(path))


def test_without_pyarrow(tmp_path, monkeypatch):
    path = packed(tmp_path / "a.zst")
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    for use in (open_bytes, lambda path: packed(path.with_name("b.zst"))):
        with pytest.raises(ValueError, match=r"pip install 'spacy-bilstm-crf\[parquet\]'"):
            use(path)
    assert packed(tmp_path / "a.gz").exists()
