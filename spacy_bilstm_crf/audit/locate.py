"""Which text of a corpus each finding is of."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ..corpora.annotated import AnnotatedText, FormatError
from .changes import find_gold
from .finding import Finding

Place = tuple[Path, int]
"""A file, and which of its texts."""


def locate(
    findings: Iterable[Finding], texts: Mapping[Path, Sequence[AnnotatedText]], corpus: Path
) -> dict[Place, list[Finding]]:
    """Find the text of each finding: one of its file that has its sentence and its entity; of
    several, the one with its document's name or its line. Findings that could be of several equal
    texts are given to these in turn.

    texts: of each file of the corpus.
    corpus: the file or folder that the audit was of.
    RETURNS: the findings of each text that has some.
    RAISES: FormatError if a finding is of no text: the corpus has changed, or is another one.
    """
    files = _Files(texts, corpus)
    names = {path: _by_name(own) for path, own in texts.items()}
    found: dict[Place, list[Finding]] = defaultdict(list)
    taken: set[tuple[object, ...]] = set()
    misfits: list[Finding] = []
    for finding in findings:
        path = files.find(finding.file)
        change = finding.kind, finding.start, finding.end, finding.gold_label, finding.target
        candidates = [] if path is None else _candidates(finding, texts[path], names[path])
        free = [number for number in candidates if (path, number, *change) not in taken]
        if path is None or not free:
            misfits.append(finding)
            continue
        taken.add((path, free[0], *change))
        found[path, free[0]].append(finding)
    if misfits:
        raise FormatError(
            f"{len(misfits)} accepted findings do not fit {corpus}, such as {misfits[0].place}: "
            "the corpus has changed since the audit, or is another one. Give it as it was, or run "
            "`audit` again."
        )
    return found


def _candidates(
    finding: Finding, texts: Sequence[AnnotatedText], by_name: Mapping[str, Sequence[int]]
) -> list[int]:
    """The texts that a finding may be of, the likeliest first."""
    named = [n for n in by_name.get(finding.document, ()) if _fits(finding, texts[n])]
    if len(named) == 1:
        return named
    fitting = [number for number, text in enumerate(texts) if _fits(finding, text)]
    if finding.line is not None:
        # A sentence stands after the line where its text begins, and before the next text.
        lines = {number: _line(texts[number]) for number in fitting}
        before = [number for number in fitting if lines[number] <= finding.line]
        if before and lines[before[-1]] > 0:
            return [before[-1]]
    return named or fitting


def _by_name(texts: Iterable[AnnotatedText]) -> dict[str, list[int]]:
    """The texts by what a finding may call each."""
    found: dict[str, list[int]] = defaultdict(list)
    for number, text in enumerate(texts):
        for name in _names(text, number):
            found[name].append(number)
    return found


def _names(text: AnnotatedText, number: int) -> set[str]:
    """What a finding may call a text: its name, its place in the file, or both."""
    told = re.search(r", ((?:line|doc) \d+)$", text.place)
    where = told[1] if told else f"text {number + 1}"
    return {text.name, where, f"{text.name} ({where})"} - {""}


def _fits(finding: Finding, text: AnnotatedText) -> bool:
    if not text.text.startswith(finding.sentence, finding.sentence_start):
        return False
    return finding.gold_label is None or find_gold(text.spans, text.text, finding) is not None


def _line(text: AnnotatedText) -> int:
    """The line where a text begins, 0 if its place does not tell."""
    told = re.search(r", line (\d+)$", text.place)
    return int(told[1]) if told else 0


class _Files:
    """The files of a corpus by what findings call them: a path in the corpus or as it was given, or
    the name alone, where the corpus has been moved."""

    def __init__(self, paths: Iterable[Path], corpus: Path) -> None:
        self.corpus = corpus
        self.by_path = {path.resolve(): path for path in paths}

    def find(self, name: str) -> Path | None:
        """The file of a name, None if there is none, or there are several."""
        for path in (self.corpus / name, Path(name)):
            if path.resolve() in self.by_path:
                return self.by_path[path.resolve()]
        parts = Path(name).parts
        for length in range(len(parts), 0, -1):
            ends = [p for p in self.by_path if p.parts[-length:] == parts[-length:]]
            if ends:
                return self.by_path[ends[0]] if len(ends) == 1 else None
        return None
