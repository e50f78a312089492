"""Outputs that can't be appended to: what goes in comes out, however many runs it took."""

import gzip
import json

import pytest
from pyarrow import parquet

from spacy_bilstm_crf.corpora.compressed import open_bytes
from spacy_bilstm_crf.tagging import packed
from spacy_bilstm_crf.tagging.predict import predict

from ..conftest import TRAIN

NAMES = ["out.jsonl.gz", "out.jsonl.zst", "out.parquet"]
by_name = pytest.mark.parametrize("name", NAMES)


@pytest.fixture
def texts(tmp_path):
    return write(tmp_path, len(TRAIN))


def write(tmp_path, n_texts):
    path = tmp_path / "in.jsonl"
    records = [{"text": text, "id": f"t{n}", "n": n} for n, (text, _) in enumerate(TRAIN[:n_texts])]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def read(path):
    if path.suffix == ".parquet":
        rows = parquet.read_table(path).to_pylist()
        return [
            {
                "name": row["name"],
                "text": row["text"],
                "ents": row["ents"],
                **({} if row["cats"] is None else {"cats": dict(row["cats"])}),
                **({} if row["input"] is None else {"input": json.loads(row["input"])}),
            }
            for row in rows
        ]
    with open_bytes(path) as file:
        return [json.loads(line) for line in file]


@by_name
def test_it_has_what_plain_lines_have(trained, texts, tmp_path, name):
    assert predict(trained, texts, tmp_path / "plain.jsonl")[:2] == (4, [])
    assert predict(trained, texts, tmp_path / name)[:2] == (4, [])
    found = read(tmp_path / name)
    assert found == read(tmp_path / "plain.jsonl")
    assert [ent["text"] for ent in found[0]["ents"]] == ["Anna Smith", "Paris"]
    assert not list(tmp_path.glob(".*"))
    if name.endswith(".gz"):
        plain = (tmp_path / "plain.jsonl").read_bytes()
        assert gzip.decompress((tmp_path / name).read_bytes()) == plain


@by_name
def test_it_is_read_as_an_input(trained, texts, tmp_path, name):
    predict(trained, texts, tmp_path / name)
    assert predict(trained, tmp_path / name, tmp_path / "again.jsonl")[:2] == (4, [])
    plain = read(tmp_path / name)
    again = read(tmp_path / "again.jsonl")
    assert [(r["name"], r["ents"]) for r in again] == [(r["name"], r["ents"]) for r in plain]


@by_name
def test_a_label_of_the_text(trained, texts, tmp_path, name):
    @trained.component("labels")
    def labels(doc):
        doc.cats = {"ж": 0.25, "b": 0.75} if len(doc) > 3 else {}
        return doc

    trained.add_pipe("labels")
    predict(trained, texts, tmp_path / name)
    expected = [{"ж": 0.25, "b": 0.75}] * 2 + [None, {"ж": 0.25, "b": 0.75}]
    assert [record.get("cats") for record in read(tmp_path / name)] == expected


@by_name
def test_it_goes_on(trained, tmp_path, monkeypatch, name):
    monkeypatch.setattr("spacy_bilstm_crf.tagging.parts._PART_CHARS", 1)
    predict(trained, write(tmp_path, 4), tmp_path / "at_once" / name)
    assert predict(trained, write(tmp_path, 2), tmp_path / name)[:3] == (2, [], 0)
    assert predict(trained, write(tmp_path, 4), tmp_path / name)[:3] == (2, [], 2)
    before = (tmp_path / name).read_bytes()
    assert read(tmp_path / name) == read(tmp_path / "at_once" / name)
    assert predict(trained, write(tmp_path, 4), tmp_path / name)[:3] == (0, [], 4)
    assert (tmp_path / name).read_bytes() == before
    (tmp_path / "in.jsonl").write_text('{"text": "Oslo", "id": "t0"}\n')
    with pytest.raises(ValueError, match="another text than the input under the name 't0'"):
        predict(trained, tmp_path / "in.jsonl", tmp_path / name)
    assert (tmp_path / name).read_bytes() == before
    assert predict(trained, tmp_path / "in.jsonl", tmp_path / name, force=True)[:3] == (1, [], 0)
    assert [record["text"] for record in read(tmp_path / name)] == ["Oslo"]


@by_name
def test_a_run_that_ends_before_its_end(trained, texts, tmp_path, monkeypatch, name):
    monkeypatch.setattr("spacy_bilstm_crf.tagging.parts._PART_CHARS", 1)
    predict(trained, texts, tmp_path / "at_once" / name)
    path, lines = tmp_path / name, tmp_path / f".{name}.jsonl"
    write_line = packed.PackedLines.write

    def write_two(self, text, made):
        if text.name == "t2":
            raise KeyboardInterrupt
        write_line(self, text, made)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(packed.PackedLines, "write", write_two)
        predict(trained, texts, path)
    assert not path.exists() and len(lines.read_text().splitlines()) == 2
    kept = lines.read_bytes()
    path.with_name(f".{name}.unfinished").write_bytes(b"killed while this was made")
    assert predict(trained, texts, path)[:3] == (2, [], 2)
    assert path.read_bytes() == (tmp_path / "at_once" / name).read_bytes()
    lines.write_bytes(kept)  # killed after the file was made of them, and before they were removed
    assert predict(trained, texts, path)[:3] == (0, [], 4)
    assert path.read_bytes() == (tmp_path / "at_once" / name).read_bytes()
    assert sorted(own.name for own in tmp_path.iterdir() if "unfinished" in own.name) == []
    assert not lines.exists()


@by_name
def test_files_of_others(trained, texts, tmp_path, name):
    for content in [b"mine", gzip.compress(b'{"text": "a"}\n')]:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ValueError, match=f"{name}: not a file that this command has written"):
            predict(trained, texts, tmp_path / name, force=True)
        assert (tmp_path / name).read_bytes() == content


def test_groups_of_rows(trained, texts, tmp_path, monkeypatch):
    monkeypatch.setattr("spacy_bilstm_crf.tagging.parquet._CHARS", 30)
    predict(trained, texts, tmp_path / "out.parquet")
    metadata = parquet.read_metadata(tmp_path / "out.parquet")
    assert [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)] == [2, 2]


def test_no_texts(trained, tmp_path):
    (tmp_path / "in.jsonl").write_text("")
    for name in NAMES:
        predict(trained, tmp_path / "in.jsonl", tmp_path / name)
        assert read(tmp_path / name) == []


def test_parquet_of_another_format(trained, texts, tmp_path):
    with pytest.raises(ValueError, match="Leave out --format prodigy"):
        predict(trained, texts, tmp_path / "out.parquet", "prodigy")
    with pytest.raises(ValueError, match="written to a folder"):
        predict(trained, texts, tmp_path / "out.parquet", "spacy")
