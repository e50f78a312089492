"""The page of an audit: one file, to look through what was found and to decide on it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..corpora.files import make_room, write_whole
from ..evaluation.pages import render_page

Record = Mapping[str, Any]
"""A line of findings.jsonl."""


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
    identity = audit_id(record["id"] for record in records)
    data = {"audit": identity, "sentences": list(sentences), "findings": shown}
    page = render_page("audit.html", package="spacy_bilstm_crf.audit", title=title, data=data)
    make_room(path)
    write_whole(path, page.encode())


def audit_id(ids: Iterable[str]) -> str:
    """What tells the findings of one audit from those of another: a digest of their ids."""
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()[:16]
