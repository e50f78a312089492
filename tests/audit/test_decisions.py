"""Findings and decisions from their files."""

import json
from dataclasses import replace

import pytest

from spacy_bilstm_crf.audit.decisions import read_accepted, read_findings
from spacy_bilstm_crf.audit.page import audit_id
from spacy_bilstm_crf.corpora.annotated import FormatError

from .cases import IOB1, KINDS, apply


def test_decisions_on_another_audit(tmp_path):
    (tmp_path / "train.txt").write_text(IOB1)
    for decided, message in [
        ({"ffff": "accept"}, "the decisions are on another audit"),
        ({"0001": "perhaps"}, "a decision is 'accept' or 'keep'"),
        ([], "no decisions of an audit"),
    ]:
        with pytest.raises(FormatError, match=f"decisions.json: .*{message}"):
            apply(tmp_path, tmp_path / "train.txt", KINDS, decided)
    broken = [KINDS[0] | {"start": "0"}]
    with pytest.raises(FormatError, match="findings.jsonl, line 1: no finding .*'start' is '0'"):
        apply(tmp_path, tmp_path / "train.txt", broken)
    with pytest.raises(ValueError, match="must lie apart"):
        apply(tmp_path, tmp_path, KINDS)


def test_an_audit_with_other_suggestions_is_another(tmp_path):
    (tmp_path / "train.txt").write_text(IOB1)
    apply(tmp_path, tmp_path / "train.txt", KINDS)
    decisions = tmp_path / "decisions.json"
    other = json.dumps({"audit": audit_id(KINDS), "decisions": {"0001": "accept"}})
    findings = read_findings(tmp_path / "findings.jsonl")
    decisions.write_text(other)
    assert [one.id for one in read_accepted(decisions, findings)] == ["0001"]
    findings[0] = replace(findings[0], suggested_label="LOC")
    with pytest.raises(FormatError, match="the decisions are on another audit"):
        read_accepted(decisions, findings)
