"""What is printed of a corrected and of a weighted corpus."""

import json

import pytest
import spacy

from spacy_bilstm_crf.cli.audited import Weighing, correct, weigh
from spacy_bilstm_crf.corpora.convert import ConvertOptions
from spacy_bilstm_crf.corpora.converted import open_corpus

from ..audit.cases import IOB1, KINDS, apply
from ..audit.test_weights import write_columns, write_sentences


def test_a_corrected_corpus(tmp_path, capsys):
    (tmp_path / "train.txt").write_text(IOB1)
    apply(tmp_path, tmp_path / "train.txt", KINDS)  # writes findings and decisions, too
    paths = tmp_path / "train.txt", tmp_path, tmp_path / "decisions.json"
    correct(*paths, tmp_path / "new")
    printed = " ".join(capsys.readouterr().out.split())
    assert "Not applied: 1 accepted finding" in printed
    assert "train.txt, 'Oslo': suggests nothing" in printed
    assert "Corrected 5 entities of 2 texts in" in printed
    written = (tmp_path / "new" / "train.txt").read_text()
    assert written == (tmp_path / "out" / "train.txt").read_text()
    (tmp_path / "decisions.json").write_text(json.dumps({"decisions": {}, "audit": "x"}))
    with pytest.raises(SystemExit):
        correct(*paths, tmp_path / "newer")
    printed = capsys.readouterr().out
    assert "The corpus can't be corrected" in printed and "on another audit" in printed


def test_a_weighted_corpus(tmp_path, capsys):
    write_columns(tmp_path / "columns")
    write_sentences(tmp_path / "sentences.jsonl")
    nlp = spacy.blank("xx")
    arguments = tmp_path / "columns", tmp_path, tmp_path / "weighted", nlp, ConvertOptions()
    weigh(*arguments, Weighing.trust)
    printed = " ".join(capsys.readouterr().out.split())
    assert "4 sentences of train" in printed and "weights_key weights" in printed
    (doc, *_) = open_corpus(tmp_path / "weighted").docs("train", nlp.vocab)
    assert doc.spans["weights"].attrs["weights"] == [0.75, 0.1]
    (tmp_path / "sentences.jsonl").write_text("[]\n")
    with pytest.raises(SystemExit):
        weigh(*arguments, Weighing.trust)
    assert "The corpus can't be weighted" in capsys.readouterr().out
