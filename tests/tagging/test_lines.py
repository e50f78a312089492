import json

import pytest

from spacy_bilstm_crf.tagging import lines
from spacy_bilstm_crf.tagging.lines import LinesFile, format_line

RECORDS = [{"name": 'a", "b\\', "text": "x\ny", "ents": []}, {"name": "ж", "text": "", "ents": [1]}]


@pytest.fixture
def path(tmp_path):
    file = LinesFile(tmp_path / "out.jsonl", "name", "text", "ents")
    file.append(*map(format_line, RECORDS))
    file.close()
    return tmp_path / "out.jsonl"


def read(path):
    return list(LinesFile(path, "name", "text", "ents").read())


def test_cut_anywhere_it_goes_on(path):
    whole = path.read_bytes()
    first = whole.index(b"\n") + 1
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        n_complete = whole[:end].count(b"\n")
        assert read(path) == RECORDS[:n_complete], whole[:end]
        assert path.read_bytes() == whole[: first * n_complete]


def test_lines_of_others_are_not_removed(path):
    whole = path.read_bytes()
    for other in ["x", "{}\n", '{"name": 1}\n', '{"name": "a", "texts": "', '{"name": "a"}', "\n"]:
        path.write_bytes(whole + other.encode())
        with pytest.raises(ValueError, match="line 3"):
            read(path)
        assert path.read_bytes() == whole + other.encode()


def test_long_lines_are_neither_read_nor_written(path, monkeypatch):
    whole = path.read_bytes()
    long = {"name": "c", "text": "x" * 300, "ents": []}
    path.write_bytes(whole + json.dumps(long).encode())
    monkeypatch.setattr(lines, "_LONGEST_LINE", 200)
    with pytest.raises(ValueError, match="line 3"):
        read(path)
    path.write_bytes(whole)
    file = LinesFile(path, "name", "text", "ents")
    with pytest.raises(ValueError, match="more than 200"):
        file.append(format_line(RECORDS[0]), format_line(long))
    with pytest.raises(ValueError, match="JSON"):
        format_line({"name": "c", "text": "", "ents": [float("nan")]})
    file.close()
    assert path.read_bytes() == whole


def test_a_write_that_fails_leaves_nothing(path, monkeypatch):
    whole = path.read_bytes()
    file = LinesFile(path, "name", "text", "ents")
    write = lines.os.write

    def half(descriptor, data):
        if len(data) < 20:
            raise OSError(28, "No space left on device")
        return write(descriptor, data[: len(data) // 2])

    monkeypatch.setattr(lines.os, "write", half)
    with pytest.raises(OSError, match="No space left"):
        file.append(format_line({"name": "c", "text": "x" * 100, "ents": []}))
    file.close()
    assert path.read_bytes() == whole
