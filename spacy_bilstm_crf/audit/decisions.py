"""What an audit found, and what was decided on it, from their files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from ..corpora.annotated import FormatError
from ..corpora.formats.json_files import read_json_lines
from .finding import Finding
from .page import audit_id

DECISIONS = ("accept", "keep")


def read_findings(path: Path) -> list[Finding]:
    """The findings of findings.jsonl; none of an empty file.

    RAISES: FormatError naming the line if one is no finding; OSError if the file can't be read.
    """
    if path.stat().st_size == 0:
        return []
    return [Finding.from_record(record, place) for place, record in read_json_lines(path)]


def read_accepted(path: Path, findings: Sequence[Finding]) -> list[Finding]:
    """The findings that were accepted, by the decisions that the page saved.

    RAISES: FormatError if the file has no decisions, or those on another audit.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        decisions = record["decisions"]
        audit = record["audit"]
        for own, decision in decisions.items():
            if decision not in DECISIONS:
                raise ValueError(f"a decision is 'accept' or 'keep': that of {own} is {decision!r}")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FormatError(
            f"{path}: no decisions of an audit ({type(error).__name__}: {error}). Give what the "
            "page saved."
        ) from error
    identity = audit_id(finding.to_record() for finding in findings)
    if audit != identity or not decisions.keys() <= {finding.id for finding in findings}:
        raise FormatError(
            f"{path}: the decisions are on another audit. Give them with the findings that the "
            "page was made of."
        )
    return [finding for finding in findings if decisions.get(finding.id) == "accept"]
