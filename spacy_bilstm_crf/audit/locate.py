"""Which text of a corpus each finding is of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ..corpora.annotated import AnnotatedText, FormatError
from .changes import Entity, entities_of, gold_of
from .documents import text_names
from .finding import Finding

Place = tuple[Path, int]
"""A file, and which of its texts."""


def locate(
    findings: Iterable[Finding], texts: Mapping[Path, Sequence[AnnotatedText]], corpus: Path
) -> dict[Place, list[Finding]]:
    """Find the text of each finding: that of its file and name, if it has its sentence and its
    entity.

    texts: of each file of the corpus.
    corpus: the file or folder that the audit was of.
    RETURNS: the findings of each text that has some.
    RAISES: FormatError if a finding is of no text: the corpus has changed, or is another one.
    """
    files = _Files(texts, corpus)
    numbers = {
        path: {name: number for number, name in enumerate(text_names(own))}
        for path, own in texts.items()
    }
    known: dict[Place, set[Entity]] = {}
    found: dict[Place, list[Finding]] = defaultdict(list)
    misfits: list[Finding] = []
    for finding in findings:
        path = files.find(finding.file)
        number = None if path is None else numbers[path].get(finding.document)
        if path is None or number is None:
            misfits.append(finding)
            continue
        place, text = (path, number), texts[path][number]
        if place not in known:
            known[place] = set(entities_of(text.text, text.spans))
        gold = gold_of(finding, text.text)
        has_sentence = text.text.startswith(finding.sentence, finding.sentence_start)
        if has_sentence and (gold is None or gold in known[place]):
            found[place].append(finding)
        else:
            misfits.append(finding)
    if misfits:
        raise FormatError(
            f"{len(misfits)} accepted findings do not fit {corpus}, such as {misfits[0].place}: "
            "the corpus has changed since the audit, or is another one. Give it as it was, or run "
            "`audit` again."
        )
    return found


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
