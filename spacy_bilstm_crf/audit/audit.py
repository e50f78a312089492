"""A corpus -> what is probably annotated wrong in it, in three files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from thinc.api import Config

from ..corpora.files import locked
from ..corpora.manifest import OwnFiles
from .checks import check
from .documents import Document
from .finding import Finding
from .findings import by_sentence, find_doubts, finding_of, suspicion_of
from .folds import FoldOptions, judge_by_folds
from .judge import Judgement
from .page import audit_id, write_page
from .usual import usual_of

FINDINGS, SENTENCES, PAGE = "findings.jsonl", "sentences.jsonl", "index.html"
FOLDS = "folds"


class Audit(NamedTuple):
    """What was found.

    findings: the worst first.
    sentences: every sentence of the corpus, in its order; a line of sentences.jsonl each.
    """

    findings: list[Finding]
    sentences: list[dict[str, Any]]


def audit_files(output: Path) -> OwnFiles:
    """The files of `audit` in a folder; audit.json lists them."""
    return OwnFiles(output, command="audit", manifest="audit.json")


def audit_corpus(
    documents: Sequence[Document],
    config: Config,
    output: Path,
    *,
    options: FoldOptions | None = None,
    least: float = 0.5,
    on_fold: Callable[[int, int, bool], None] = lambda nth, total, is_kept: None,
    title: str = "",
) -> Audit:
    """Find what is probably annotated wrong, by models that have not seen it and by checks, and
    write findings.jsonl, sentences.jsonl and index.html, all or none.

    config: of the trainings. output: the folder; what folds have given is kept in folds/ there.
    least: the suspicion from which on something is listed.
    on_fold: as for `judge_by_folds`. title: of the page.
    RAISES: ValueError as `judge_by_folds`, or if another audit writes there; FileExistsError if
        files of others are in the way; OSError if nothing can be written.
    """
    own = audit_files(output)
    own.check_free([FINDINGS, SENTENCES, PAGE])
    with locked(output / ".folds.lock", output):
        folder = output / FOLDS
        judged = judge_by_folds(documents, config, folder, options or FoldOptions(), on_fold)
        found = find_all(documents, judged, least)
        write_audit(own, found, title)
    return found


def find_all(
    documents: Sequence[Document], judged: Sequence[Judgement], least: float = 0.5
) -> Audit:
    """The findings of models and of checks, and the suspicion of each sentence."""
    findings = {own.id: own for own in check(documents) if own.suspicion >= least}
    usual = usual_of(documents, judged)
    sentences = []
    for document, judgement in zip(documents, judged):
        doubts = list(find_doubts(document, judgement, usual))
        for doubt in doubts:
            if doubt.suspicion >= least:
                found = finding_of(document, doubt)
                findings[found.id] = found
        sentences += [
            {
                "file": document.file,
                "split": document.split,
                "document": document.name,
                "line": sentence.line,
                "start": sentence.start,
                "end": sentence.end,
                "sentence": document.text.text[sentence.start : sentence.end],
                "suspicion": round(suspicion_of(own), 6),
            }
            for sentence, own in zip(document.sentences, by_sentence(document, doubts))
        ]
    ranked = sorted(findings.values(), key=lambda own: -own.suspicion)
    return Audit(ranked, sentences)


def write_audit(own: OwnFiles, found: Audit, title: str = "") -> None:
    """Write what was found, in the place of an earlier audit."""
    records = [finding.to_record() for finding in found.findings]
    with own.build() as built:
        _write_lines(built / FINDINGS, records)
        write_page(records, built / PAGE, title=f"Audit of {title}" if title else "Audit")
        _write_lines(built / SENTENCES, found.sentences)
        counts = {"findings": len(found.findings), "sentences": len(found.sentences)}
        own.replace(built, {"audit": audit_id(records), **counts})


def _write_lines(path: Path, records: Iterable[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for record in records:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
