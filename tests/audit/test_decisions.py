"""Findings and decisions from their files."""

import pytest

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
