"""What an audit found, and what was decided on it, from their files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ..corpora.annotated import FormatError
from ..corpora.formats.json_files import read_json_lines
from .page import audit_id

DECISIONS = ("accept", "keep")


class Finding(NamedTuple):
    """What applying a finding takes: a part of a line of findings.jsonl.

    file, line: of the sentence; no line where a file has none.
    document: the name of the text, if it has one.
    sentence, sentence_start: of the text around it, and where that starts.
    start, end, gold_label: the entity as it is annotated; no label where nothing is.
    suggested_start, suggested_end, suggested_label: what it should be; no label for no entity.
    """

    id: str
    kind: str
    file: str
    line: int | None
    document: str | None
    sentence: str
    sentence_start: int
    start: int
    end: int
    gold_label: str | None
    suggested_start: int | None
    suggested_end: int | None
    suggested_label: str | None

    @property
    def target(self) -> tuple[int, int, str] | None:
        """The start, end and label of the entity that is suggested, None if it is that of none."""
        if self.suggested_label is None:
            return None
        start = self.start if self.suggested_start is None else self.suggested_start
        end = self.end if self.suggested_end is None else self.suggested_end
        return start, end, self.suggested_label

    @property
    def place(self) -> str:
        """Where it stands, for messages: the file, the line, and what is annotated there."""
        where = self.file if self.line is None else f"{self.file}, line {self.line}"
        first, last = self.start - self.sentence_start, self.end - self.sentence_start
        return f"{where}, {self.sentence[max(0, first) : max(0, last)][:40]!r}"


_TYPES = {
    "id": str,
    "kind": str,
    "file": str,
    "line": (int, type(None)),
    "document": (str, type(None)),
    "sentence": str,
    "sentence_start": int,
    "start": int,
    "end": int,
    "gold_label": (str, type(None)),
    "suggested_start": (int, type(None)),
    "suggested_end": (int, type(None)),
    "suggested_label": (str, type(None)),
}


def read_findings(path: Path) -> list[Finding]:
    """The findings of findings.jsonl; none of an empty file.

    RAISES: FormatError naming the line if one is no finding; OSError if the file can't be read.
    """
    if path.stat().st_size == 0:
        return []
    findings = []
    for place, record in read_json_lines(path):
        for name, types in _TYPES.items():
            if name not in record or not isinstance(record[name], types):  # type: ignore[arg-type]
                raise FormatError(
                    f"{place}: no finding of an audit: {name!r} is {record.get(name)!r:.40}. Give "
                    "its findings.jsonl, as it was written."
                )
        findings.append(Finding(*(record[name] for name in _TYPES)))
    return findings


def read_accepted(path: Path, findings: Sequence[Finding]) -> list[Finding]:
    """The findings that were accepted, by the decisions that the page saved.

    RAISES: FormatError if the file has no decisions, or those on another audit.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        decisions = record["decisions"]
        audit = record["audit"]
        if not set(decisions.values()) <= set(DECISIONS):
            raise ValueError(f"a decision is 'accept' or 'keep', not {decisions.values()!r:.60}")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FormatError(
            f"{path}: no decisions of an audit ({type(error).__name__}: {error}). Give what the "
            "page saved."
        ) from error
    ids = [finding.id for finding in findings]
    if audit != audit_id(ids) or not decisions.keys() <= set(ids):
        raise FormatError(
            f"{path}: the decisions are on another audit. Give them with the findings that the "
            "page was made of."
        )
    return [finding for finding in findings if decisions.get(finding.id) == "accept"]
