"""Conversions write all or nothing, and tell what they made instead of printing it."""

import json

import pytest
import spacy
from spacy.tokens import DocBin

from spacy_bilstm_crf.corpora.annotated import FormatError, ReadOptions
from spacy_bilstm_crf.corpora.convert import ConvertOptions, convert_corpus

COLUMNS = """-DOCSTART- O

Maria I-PER
Holt I-PER
left O

Oslo I-LOC
Bergen B-LOC

-DOCSTART- O

Maria I-PER
"""


def docs(path):
    return list(DocBin().from_disk(path).get_docs(spacy.blank("xx").vocab))


def convert(source, target, **options):
    return convert_corpus(source, target, spacy.blank("xx"), ConvertOptions(**options))


def test_convert_writes_all_or_nothing(tmp_path):
    source, target = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for name in ("dev", "test"):
        (source / f"{name}.txt").write_text(COLUMNS)
    with pytest.raises(FileNotFoundError, match=r"nothing to train on.*fetch conll2003"):
        convert(source, target)
    (source / "train.txt").write_text("a O\n\nb X-\n")
    with pytest.raises(FormatError, match="train.txt, line 3"):
        convert(source, target)
    assert not target.exists()
    (source / "train.txt").write_text(COLUMNS)
    convert(source, target, read=ReadOptions(unit="document"))
    assert sorted(path.name for path in target.iterdir()) == [
        "corpus.json",
        "dev.spacy",
        "test.spacy",
        "train.spacy",
    ]
    found = docs(target / "test.spacy")
    assert [len(doc.ents) for doc in found] == [3, 1]
    assert [len(list(doc.sents)) for doc in found] == [2, 1]


def test_what_became_of_columns(tmp_path, capsys):
    source = tmp_path / "in"
    source.mkdir()
    for name in ("train", "dev", "test"):
        (source / f"{name}.txt").write_text(COLUMNS)
    marked = convert(source, tmp_path / "out")
    assert marked.splits["dev"] == {"docs": 2, "entities": {"LOC": 2, "PER": 2}}
    assert list(marked.splits) == ["train", "dev", "test"] and marked.format == "columns"
    (source / "train.txt").write_text(COLUMNS.replace("-DOCSTART- O\n", ""))
    unmarked = convert(source, tmp_path / "out")
    assert unmarked.splits["train"]["docs"] == 3
    assert not unmarked.set_aside and not unmarked.unfit and unmarked.n_foreign == 0
    assert not any(capsys.readouterr())


def test_what_became_of_brat_files(tmp_path, capsys):
    source = tmp_path / "in"
    source.mkdir()
    for name in "abcd":
        (source / f"{name}.txt").write_text(f"Anna left {name * 9} for Bergen.")
        (source / f"{name}.ann").write_text("T1\tPER 0 4\tAnna\nT2\tLOC 28 31\ten.\n")
    found = convert(source, tmp_path / "out", dev_share=0.25, test_share=0.25)
    assert found.set_aside == {"dev": 1, "test": 1} and found.format == "brat"
    assert {n: c["docs"] for n, c in found.splits.items()} == {"train": 2, "dev": 1, "test": 1}
    assert found.splits["train"]["entities"] == {"PER": 2}
    assert {reason: len(places) for reason, places in found.unfit.items()} == {
        "border inside a token": 4
    }
    (doc,) = docs(tmp_path / "out" / "dev.spacy")
    assert [token.ent_iob_ for token in doc] == ["B", "O", "O", "O", "", ""]
    assert (tmp_path / "out" / "dev").is_dir() and (tmp_path / "out" / "test").is_dir()
    assert not any(capsys.readouterr())


def lines(texts):
    return "".join(
        json.dumps(
            {"text": text, "spans": [{"start": 0, "end": len(text.split()[0]), "label": "A"}]}
        )
        + "\n"
        for text in texts
    )


def test_one_file_is_split_by_source(tmp_path):
    texts = [f"word{i} and some more of it{i}" for i in range(40)]
    (tmp_path / "all.jsonl").write_text(lines(texts + texts[:10]))
    found = convert(tmp_path / "all.jsonl", tmp_path / "out", seed=3)
    assert found.format == "prodigy" and set(found.set_aside) == {"dev", "test"}
    held = {s: {d.text for d in docs(tmp_path / "out" / f"{s}.spacy")} for s in found.splits}
    assert not held["train"] & held["dev"] and not held["dev"] & held["test"]
    assert set.union(*held.values()) == set(texts)
    assert sum(counts["docs"] for counts in found.splits.values()) == 50


def test_folds(tmp_path):
    texts = [f"word{i} and some more of it{i}" for i in range(30)]
    (tmp_path / "all.jsonl").write_text(lines(texts))
    found = convert(tmp_path / "all.jsonl", tmp_path / "out", folds=3)
    assert list(found.splits)[:3] == ["fold_1/train", "fold_1/dev", "fold_1/test"]
    tested = []
    for i in (1, 2, 3):
        held = {
            s: {d.text for d in docs(tmp_path / "out" / f"fold_{i}" / f"{s}.spacy")}
            for s in ("train", "dev", "test")
        }
        assert sum(map(len, held.values())) == 30 == len(set.union(*held.values()))
        tested += held["test"]
    assert sorted(tested) == sorted(texts)


def test_tokens_of_others_are_counted_and_can_be_made_anew(tmp_path):
    text = "On O\n12.5.2016 B-DATE\nshe O\nleft O\n"
    for name in ("train", "dev", "test"):
        (tmp_path / f"{name}.txt").write_text(text)
    nlp = spacy.blank("en")
    kept = convert_corpus(tmp_path, tmp_path.with_name("kept"), nlp)
    assert (kept.n_tokens, kept.n_foreign) == (12, 0)
    (tmp_path / "train.txt").write_text(text.replace("12.5.2016", "2016-05-12"))
    kept = convert_corpus(tmp_path, tmp_path.with_name("kept"), nlp)
    assert (kept.n_tokens, kept.n_foreign) == (12, 1)
    options = ConvertOptions(retokenize=True)
    convert_corpus(tmp_path, tmp_path.with_name("made"), nlp, options)
    (doc,) = docs(tmp_path.with_name("made") / "train.spacy")
    assert [ent.text for ent in doc.ents] == ["2016-05-12"] and len(doc) == 8
