"""Corrected corpora: what was accepted is changed, and nothing else is, all of it or nothing."""

import gzip

import pytest

from spacy_bilstm_crf.corpora.annotated import FormatError
from spacy_bilstm_crf.corpora.export import ExportFormat, read_any
from spacy_bilstm_crf.corpora.inputs import find_inputs

from .cases import ANNA, CORRECTED, IOB1, KINDS, apply, found, record


@pytest.mark.parametrize("output_format", list(ExportFormat))
def test_other_formats_to_write(tmp_path, output_format):
    if output_format in (ExportFormat.labels, ExportFormat.label_csv):
        pytest.skip("holds no entities")
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "train.txt").write_text(IOB1)
    (corpus / "dev.txt").write_text(IOB1.replace("slept", "sleeps"))
    apply(tmp_path, corpus, KINDS, output_format=output_format)
    (tmp_path / "out" / ".audit.json").unlink()
    suffixes = {path.suffix for path in (tmp_path / "out").rglob("*") if path.is_file()}
    texts = [found(text) for text in read_any(tmp_path / "out")]
    assert all(own in texts for own in CORRECTED) and len(texts) == 4 and len(suffixes) <= 2


def test_splits_stay_apart_in_other_formats(tmp_path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for name in ("eng.train", "eng.testa", "eng.testb"):
        (corpus / name).write_text(IOB1)
    findings = [KINDS[0] | {"file": "eng.train"}]
    apply(tmp_path, corpus, findings, output_format=ExportFormat.brat)
    folders = [path.name for path in (tmp_path / "out").iterdir() if path.is_dir()]
    assert sorted(folders) == ["eng.testa", "eng.testb", "eng.train"]
    apply(tmp_path, corpus, findings, output_format=ExportFormat.columns, output="new")
    written = find_inputs(tmp_path / "new").files
    assert {split: [path.name for path in paths] for split, paths in written.items()} == {
        "train": ["eng.train.conll"],
        "dev": ["eng.testa.conll"],
        "test": ["eng.testb.conll"],
    }


def test_what_can_not_be_written_is_told(tmp_path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "train.txt").write_text(IOB1)
    (corpus / "train.txt.gz").write_bytes(gzip.compress(IOB1.encode()))
    with pytest.raises(FormatError, match="Two files of the corpus would be train.txt. Rename"):
        apply(tmp_path, corpus, [KINDS[0] | {"file": "train.txt.gz"}])
    folder = tmp_path / "brat"
    folder.mkdir()
    (folder / "a.txt").write_text(ANNA)
    (folder / "a.ann").write_text("T1\tORG 0 10\tAnna Smith\n")
    blank = KINDS[0] | {"file": "a.txt", "suggested_label": "A B"}
    with pytest.raises(FormatError, match="a.txt: brat can't hold the label 'A B'.* --to"):
        apply(tmp_path, folder, [blank])


def test_skipped_and_kept_findings_change_nothing(tmp_path):
    (tmp_path / "train.txt").write_text(IOB1)
    decided = {"0001": "keep", "0004": "accept"}
    applied = apply(tmp_path, tmp_path / "train.txt", KINDS, decided)
    assert applied[:4] == ("columns", 1, 1, 0)
    expected = IOB1.replace("slept VBD I-VP I-PER", "slept VBD I-VP O")
    assert (tmp_path / "out" / "train.txt").read_text() == expected
    # Again, with other decisions, into the same folder.
    apply(tmp_path, tmp_path / "train.txt", KINDS, {})
    assert (tmp_path / "out" / "train.txt").read_text() == IOB1


def test_decisions_that_contradict_each_other_are_told(tmp_path):
    (tmp_path / "train.txt").write_text(IOB1)
    other = record(7, "label", ANNA, "ORG", "LOC", "Anna Smith", "Anna Smith", line=3)
    applied = apply(tmp_path, tmp_path / "train.txt", [KINDS[0], other, KINDS[1]])
    assert applied.n_changed == 1
    assert applied.left_out == [
        ("train.txt, line 3, 'Anna Smith'", "another decision has changed the entity"),
        ("train.txt, 'Bergen'", "overlaps the LOC 'Oslo'"),
    ]


def test_a_sentence_within_a_document(tmp_path):
    text = "-DOCSTART- O\n\nIt O\nrained O\n\nAnna B-ORG\nSmith I-ORG\nsaw O\nOslo B-LOC\n"
    (tmp_path / "train.txt").write_text(text)
    within = record(1, "label", ANNA, "ORG", "PER", "Anna Smith", "Anna Smith", shift=10, line=6)
    apply(tmp_path, tmp_path / "train.txt", [within])
    assert (tmp_path / "out" / "train.txt").read_text() == text.replace("ORG", "PER")


def test_duplicates(tmp_path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    sentence = "# id = 1\nAnna\tB-ORG\nSmith\tI-ORG\nsaw\tO\nOslo\tB-LOC\n\n"
    other = "Bergen\tB-LOC\nslept\tO\n"
    (corpus / "train.txt").write_text(sentence + other)
    (corpus / "dev.txt").write_text(sentence + other)
    copy = record(1, "duplicate", ANNA, None, None, "Anna", file="dev.txt", split="dev", line=2)
    assert apply(tmp_path, corpus, [copy]).n_removed == 1
    assert (tmp_path / "out" / "dev.txt").read_text() == other
    assert (tmp_path / "out" / "train.txt").read_text() == sentence + other
    (corpus / "dev.txt").write_text(sentence)
    with pytest.raises(FormatError, match="dev.txt: all of its texts would be removed"):
        apply(tmp_path, corpus, [copy])
    # Of a document, it is the whole one, and what else was accepted there goes with it.
    mark = "-DOCSTART-\tO\n\n"
    (corpus / "dev.txt").write_text(f"{mark}{sentence}{other}\n{mark}{other}")
    also = record(2, "spurious", ANNA, "LOC", None, "Oslo", file="dev.txt")
    applied = apply(tmp_path, corpus, [copy, also])
    assert applied.n_removed == 1
    assert applied.left_out == [("dev.txt, 'Oslo'", "its text is removed")]
    assert (tmp_path / "out" / "dev.txt").read_text() == mark + other


def test_a_corpus_that_has_changed(tmp_path):
    (tmp_path / "train.txt").write_text(IOB1)
    apply(tmp_path, tmp_path / "train.txt", KINDS)
    before = (tmp_path / "out" / "train.txt").read_text()
    (tmp_path / "train.txt").write_text(IOB1.replace("I-ORG", "I-PER"))
    message = "1 accepted findings do not fit .*train.txt, such as train.txt, 'Anna Smith': the co"
    with pytest.raises(FormatError, match=message):
        apply(tmp_path, tmp_path / "train.txt", KINDS)
    assert (tmp_path / "out" / "train.txt").read_text() == before
    (tmp_path / "train.txt").write_text(IOB1.replace("saw", "met"))
    with pytest.raises(FormatError, match="3 accepted findings do not fit"):
        apply(tmp_path, tmp_path / "train.txt", KINDS, output="other")
    assert not (tmp_path / "other").exists()


def test_nothing_was_found(tmp_path):
    (tmp_path / "train.txt").write_text(IOB1)
    assert apply(tmp_path, tmp_path / "train.txt", [])[1:] == (0, 0, 0, [])
    assert (tmp_path / "out" / "train.txt").read_text() == IOB1
