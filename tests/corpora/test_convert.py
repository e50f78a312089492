"""Conversions write all or nothing, and tell what they made instead of printing it."""

import pytest
import spacy
from spacy.tokens import DocBin

from spacy_bilstm_crf.corpora.columns import ColumnsError
from spacy_bilstm_crf.corpora.convert import convert_columns, convert_corpus

COLUMNS = """-DOCSTART- O

Maria I-PER
Holt I-PER
left O

Oslo I-LOC
Bergen B-LOC

-DOCSTART- O

Maria I-PER
"""


def test_convert_writes_all_or_nothing(tmp_path):
    source, target = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for name in ("train", "dev"):
        (source / f"{name}.txt").write_text(COLUMNS)
    with pytest.raises(FileNotFoundError, match=r"has no test.txt.*fetch conll2003"):
        convert_columns(source, target, spacy.blank("xx"))
    (source / "test.txt").write_text("a X\n")
    with pytest.raises(ColumnsError, match="test.txt, line 1"):
        convert_columns(source, target, spacy.blank("xx"))
    assert not target.exists()
    (source / "test.txt").write_text(COLUMNS)
    convert_columns(source, target, spacy.blank("xx"), unit="document")
    assert sorted(path.name for path in target.iterdir()) == [
        "corpus.json",
        "dev.spacy",
        "test.spacy",
        "train.spacy",
    ]
    docs = list(DocBin().from_disk(target / "test.spacy").get_docs(spacy.blank("xx").vocab))
    assert [len(doc.ents) for doc in docs] == [3, 1]
    assert [len(list(doc.sents)) for doc in docs] == [2, 1]


def test_what_became_of_columns(tmp_path, capsys):
    nlp, source = spacy.blank("xx"), tmp_path / "in"
    source.mkdir()
    for name in ("train", "dev", "test"):
        (source / f"{name}.txt").write_text(COLUMNS)
    marked = convert_corpus(source, tmp_path / "out", nlp)
    assert marked.splits["dev"] == {"docs": 2, "entities": {"LOC": 2, "PER": 2}}
    assert list(marked.splits) == ["train", "dev", "test"] and not marked.no_documents
    (source / "train.txt").write_text(COLUMNS.replace("-DOCSTART- O\n", ""))
    unmarked = convert_corpus(source, tmp_path / "out", nlp)
    assert unmarked.splits["train"]["docs"] == 3 and unmarked.no_documents
    assert unmarked.set_aside is None and not unmarked.unfit
    assert not any(capsys.readouterr())


def test_what_became_of_brat_files(tmp_path, capsys):
    source = tmp_path / "in"
    source.mkdir()
    for name in "abcd":
        (source / f"{name}.txt").write_text(f"Anna left {name * 9} for Bergen.")
        (source / f"{name}.ann").write_text("T1\tPER 0 4\tAnna\nT2\tLOC 1 4\tnna\n")
    found = convert_corpus(source, tmp_path / "out", spacy.blank("xx"), dev_share=0.25)
    assert found.set_aside == 1
    assert {name: counts["docs"] for name, counts in found.splits.items()} == {"train": 3, "dev": 1}
    assert found.splits["train"]["entities"] == {"PER": 3}
    assert {reason: len(places) for reason, places in found.unfit.items()} == {
        "border inside a token": 4
    }
    assert not any(capsys.readouterr())
