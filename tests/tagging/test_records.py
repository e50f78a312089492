"""Records are texts, or told of by the number of their line or row."""

import datetime
import gzip
import json
from decimal import Decimal

import pyarrow as pa
import pytest
from pyarrow import parquet

from spacy_bilstm_crf.tagging.records import open_records
from spacy_bilstm_crf.tagging.texts import Text

LINES = [
    '\ufeff{"text": "a", "id": 7, "name": "no"}',
    "",
    '{"text": "b", "name": "x", "n": 1}',
    '{"text": "c"}',
    "[1]",
    '{"text": 1}',
    '{"text": "\\ud800"}',
    '{"text": "d", "id": "x"}',
    '{"text": "e", "id": "", "name": true}',
]


def read(path, are_numbers=False):
    told = []
    texts = list(open_records(path, lambda *seen: told.append(seen), are_numbers=are_numbers))
    return texts, told


@pytest.fixture
def lines(tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text("\n".join(LINES))
    return path


def test_names_and_what_is_no_text(lines):
    texts, told = read(lines)
    assert texts == [
        Text("7", "a", {"id": 7, "name": "no"}),
        Text("x", "b", {"name": "x", "n": 1}),
        Text("4", "c"),
        Text("9", "e", {"id": "", "name": True}),
    ]
    assert [name for name, _ in told] == ["line 5", "line 6", "line 7", "line 8"]
    assert told[0][1] == 'ValueError: expected a JSON object with a string "text"'
    assert told[3][1].startswith("ValueError: another text has the name 'x' already.")


def test_by_number(lines):
    texts, told = read(lines, are_numbers=True)
    assert [text.name for text in texts] == ["1", "3", "4", "8", "9"]
    assert len(told) == 3


def test_compressed_lines(lines, tmp_path):
    (tmp_path / "in.gz").write_bytes(gzip.compress(lines.read_bytes()))
    with pa.CompressedOutputStream(str(tmp_path / "in.zst"), "zstd") as file:
        file.write(lines.read_bytes())
    assert read(tmp_path / "in.gz") == read(tmp_path / "in.zst") == read(lines)


def write_table(path, **columns):
    parquet.write_table(pa.table(columns), path)
    return path


def test_rows_of_parquet(tmp_path):
    day = datetime.date(2020, 1, 2)
    path = write_table(
        tmp_path / "in",
        id=["x", "y", None, "z"],
        text=["a", None, "c", "d"],
        share=[0.5, 1.0, float("nan"), None],
        day=[day] * 4,
        price=[Decimal("1.50")] * 4,
        tags=[["q"], [], None, ["r", "s"]],
        kind=pa.array(["k", "l", "k", None]).dictionary_encode(),
    )
    texts, told = read(path)
    assert told == [("row 2", 'ValueError: expected a JSON object with a string "text"')]
    assert [(text.name, text.text) for text in texts] == [("x", "a"), ("3", "c"), ("z", "d")]
    same = {"day": "2020-01-02", "price": "1.50"}
    assert [text.fields for text in texts] == [
        {"id": "x", "share": 0.5, "tags": ["q"], "kind": "k", **same},
        {"id": None, "share": None, "tags": None, "kind": "k", **same},
        {"id": "z", "share": None, "tags": ["r", "s"], "kind": None, **same},
    ]
    assert all(json.dumps(text.fields, allow_nan=False) for text in texts)


def test_parquet_that_has_no_texts(tmp_path):
    path = write_table(tmp_path / "in.parquet", body=["a"])
    with pytest.raises(ValueError, match="in.parquet: there is no column 'text', but 'body'"):
        read(path)
    path = write_table(tmp_path / "in.parquet", text=["a"], image=[b"\0"])
    with pytest.raises(ValueError, match="column 'image' is of the type binary"):
        read(path)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ValueError, match=r"in.parquet: no Parquet file, or damaged"):
        read(path)
