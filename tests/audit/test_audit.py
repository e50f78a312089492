import json

import pytest

from spacy_bilstm_crf.audit import audit
from spacy_bilstm_crf.audit.audit import audit_corpus, find_all
from spacy_bilstm_crf.audit.judge import Judgement
from spacy_bilstm_crf.training.choose import template

from .conftest import document

CONTRACT = [
    "id", "kind", "group", "file", "line", "split", "document", "sentence", "sentence_start",
    "start", "end", "gold_label", "gold_probability", "suggested_start", "suggested_end",
    "suggested_label", "suggested_probability", "suspicion", "note",
]  # fmt: skip


@pytest.fixture
def documents():
    return [
        document("In Oslo . In May .", ("Oslo", "PER"), sentences=[0, 10], lines=[3, 7]),
        document("", name="empty"),
        document("Anna , she", ("Anna ,", "PER"), name="b", split="dev"),
    ]


@pytest.fixture
def judged():
    key, may = (1, 2, "PER"), (4, 5, "LOC")
    spans = {key: 0.1, (1, 2, "LOC"): 0.8, may: 0.2}
    own = (0, 2, "PER")
    return [
        Judgement(spans, {**dict.fromkeys(spans, 0.1), may: 0.8}),
        Judgement({}, {}),
        Judgement({own: 0.9, (0, 1, "PER"): 0.05}, {own: 0.05, (0, 1, "PER"): 0.05}),
    ]


def test_findings_are_ranked_and_sentences_all_there(documents, judged):
    found = find_all(documents, judged, 0.15)
    # Entities have 0.1 and 0.9, words without the probability that no entity has them.
    per, nothing = (0.1 + 0.9) / 2, (1 + 1 + 1 + 0.8 + 1 + 1) / 6
    greatest = 1 + nothing - per
    expected = [0.5 + (0.8 - 0.1) / greatest / 2, 0.5 + (0.2 - per - 0.8 + nothing) / greatest / 2]
    assert [f.kind for f in found.findings] == ["label", "missing"]
    assert [f.suspicion for f in found.findings] == pytest.approx(expected, abs=1e-6)
    last = 0.5 + (0.05 - nothing - 0.9 + per) / greatest / 2
    assert [s["suspicion"] for s in found.sentences] == pytest.approx([*expected, last], abs=1e-6)
    assert [(s["line"], s["sentence"]) for s in found.sentences] == [
        (3, "In Oslo ."),
        (7, "In May ."),
        (None, "Anna , she"),
    ]
    assert [(s["start"], s["end"], s["split"]) for s in found.sentences] == [
        (0, 9, "train"),
        (10, 18, "train"),
        (0, 10, "dev"),
    ]
    assert len(find_all(documents, judged, 0.0).findings) > 2


def test_files(documents, judged, tmp_path, monkeypatch):
    monkeypatch.setattr(audit, "judge_by_folds", lambda *_: judged)
    found = audit_corpus(documents, template(), tmp_path, least=0.15)
    lines = (tmp_path / "findings.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [f.to_record() for f in found.findings]
    assert [list(json.loads(line)) for line in lines] == 2 * [CONTRACT]
    lines = (tmp_path / "sentences.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == found.sentences
    audit_corpus(documents, template(), tmp_path, least=0.5)  # in the place of the former
    assert len((tmp_path / "findings.jsonl").read_text().splitlines()) == 1
    (tmp_path / "sentences.jsonl").write_text("mine")
    with pytest.raises(FileExistsError, match="sentences.jsonl is in the way"):
        audit_corpus(documents, template(), tmp_path)
    assert (tmp_path / "sentences.jsonl").read_text() == "mine"


def test_what_fails_writes_nothing(documents, tmp_path):
    with pytest.raises(ValueError, match="folds"):
        audit_corpus(documents, template(), tmp_path)
    assert not (tmp_path / "findings.jsonl").exists()
