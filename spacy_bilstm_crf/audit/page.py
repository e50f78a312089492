"""The page of an audit: one file, to look through what was found and to decide on it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..corpora.files import make_room, write_whole
from ..evaluation.pages import render_page

Record = Mapping[str, Any]
"""A line of findings.jsonl."""
_SUGGESTED = ("suggested_start", "suggested_end", "suggested_label")


def write_page(findings: Iterable[Record], path: Path, *, title: str = "Audit") -> None:
    """Write the page, which needs nothing else, neither files nor a network. What is decided there
    is kept by the browser, and saved as decisions.json for `apply_decisions`.

    findings: the lines of findings.jsonl, worst first. Those of a group come one after another,
        where its first one stands.
    path: of the file, which is replaced.
    RAISES: OSError if it can't be written.
    """
    records = list(findings)
    sentences: dict[str, int] = {}
    shown = [
        {**record, "sentence": sentences.setdefault(record["sentence"], len(sentences))}
        for record in records
    ]
    data = {"audit": audit_id(records), "sentences": list(sentences), "findings": shown}
    page = render_page("audit.html", package="spacy_bilstm_crf.audit", title=title, data=data)
    make_room(path)
    write_whole(path, page.encode())


def audit_id(findings: Iterable[Record]) -> str:
    """What tells the findings of one audit from those of another: a digest of their ids and of what
    is suggested."""
    suggestions = [[one["id"], *map(one.get, _SUGGESTED)] for one in findings]
    return hashlib.sha256(json.dumps(suggestions).encode()).hexdigest()[:16]
