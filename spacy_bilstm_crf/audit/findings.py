"""What is probably annotated wrong in a document: its annotation beside what is likelier."""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from ..corpora.annotated import trim
from .documents import Document, Sentence
from .finding import Finding
from .judge import Judgement, Key
from .usual import EQUAL, Usual


class Marked(NamedTuple):
    """A span of characters with a label, and its probability, None if there is none."""

    start: int
    end: int
    label: str
    probability: float | None = None


def make_finding(
    document: Document,
    kind: str,
    gold: Marked | None,
    suggested: Marked | None,
    suspicion: float,
    note: str = "",
    sentence: Sentence | None = None,
) -> Finding:
    """Make a finding of an entity and what is suggested in its place.

    gold: None for none. suggested: None for no entity.
    sentence: of a finding that is of a whole one; else that of the entity.
    """
    at = gold or suggested
    text = document.text.text
    if sentence is None:
        assert at is not None, "a finding is of an entity or of a sentence"
        first, _ = trim(text, at.start, at.end)
        nth = bisect_right(document.sentences, first, key=lambda own: own.start) - 1
        sentence = document.sentences[max(0, nth)]
    start, end = (at.start, at.end) if at else (sentence.start, sentence.end)
    place = [document.file, document.split, document.name, str(start), str(end)]
    key = "\0".join([*place, kind, gold.label if gold else ""])
    parts = [f'"{text[start:end]}"' if at else f"{document.file}, {document.name}"]
    if gold or suggested:
        there = (
            "" if suggested is None or _same_place(gold, suggested) else _quoted(text, suggested)
        )
        parts += [_label(gold), "->", f"{there}{_label(suggested)}"]
    return Finding(
        id=hashlib.sha256(key.encode()).hexdigest()[:16],
        kind=kind,
        group=f"{kind}: {' '.join(parts)}",
        file=document.file,
        line=sentence.line,
        split=document.split,
        document=document.name,
        sentence=text[sentence.start : sentence.end],
        sentence_start=sentence.start,
        start=start,
        end=end,
        gold_label=gold.label if gold else None,
        gold_probability=_rounded(gold.probability if gold else None),
        suggested_start=suggested.start if suggested and suggested.label else None,
        suggested_end=suggested.end if suggested and suggested.label else None,
        suggested_label=suggested.label or None if suggested else None,
        suggested_probability=_rounded(suggested.probability if suggested else None),
        suspicion=round(suspicion, 6),
        note=note,
    )


def _label(marked: Marked | None) -> str:
    return marked.label if marked and marked.label else "no entity"


def _same_place(gold: Marked | None, suggested: Marked) -> bool:
    return not suggested.label or gold is None or gold[:2] == suggested[:2]


def _quoted(text: str, marked: Marked) -> str:
    return f'"{text[marked.start : marked.end]}" '


def _rounded(p: float | None) -> float | None:
    return None if p is None else round(p, 6)


class Doubt(NamedTuple):
    """Annotation and what is likeliest in its place, both as spans of tokens.

    gold: None where nothing is annotated. suggested: None for no entity.
    gold_probability: of the gold entity, or that there is nothing where nothing is annotated.
    suspicion: from 0 to 1; see `Usual.suspicion`.
    """

    gold: Key | None
    suggested: Key | None
    gold_probability: float
    suggested_probability: float
    suspicion: float

    @property
    def kind(self) -> str:
        """See `Finding`."""
        if self.gold is None:
            return "missing"
        if self.suggested is None:
            return "spurious"
        return "label" if self.gold[:2] == self.suggested[:2] else "border"


def find_doubts(
    document: Document,
    judgement: Judgement,
    usual: Usual = EQUAL,
    *,
    sentence: Sentence | None = None,
) -> Iterator[Doubt]:
    """For each annotated entity, the likeliest of what is not annotated there: another label, an
    entity that overlaps it, or none. And spans where nothing is annotated that may be entities:
    of those that overlap, the likeliest.

    What is known to be wrong is not suggested, nor an entity where annotation is not known.

    usual: what suspicions are measured against.
    sentence: that the judgement is of, without a part of an entity that reaches beyond it; by
        default it is of the whole document.
    """

    def doubt(gold: Key | None, suggested: Key | None, p: float, q: float) -> Doubt:
        return Doubt(gold, suggested, p, q, usual.suspicion(gold, suggested, p, q))

    doc = document.doc
    first, last = (sentence.first, sentence.last) if sentence else (0, len(doc))
    gold = begin_within(document.entities, first, last)
    known = {*gold, *begin_within(document.wrong, first, last)}
    others = {key: p for key, p in judgement.spans.items() if key not in known}
    over: dict[int, list[Key]] = defaultdict(list)  # those that have a token
    for key in others:
        for token in range(key[0], key[1]):
            over[token].append(key)
    tokens = doc[first:last]
    taken = np.array([token.ent_iob_ in ("", "B", "I") for token in tokens], dtype=bool)
    for key in gold:
        found = {own for token in range(key[0], key[1]) for own in over[token]}
        best: tuple[float, Key | None] = max(
            ((others[own], own) for own in found), default=(-1.0, None)
        )
        if judgement.nothing[key] >= best[0]:
            best = (judgement.nothing[key], None)
        yield doubt(key, best[1], judgement.spans[key], best[0])
    for key, p in sorted(others.items(), key=lambda item: (-item[1], item[0])):
        place = slice(key[0] - first, key[1] - first)
        if not taken[place].any():
            taken[place] = True
            yield doubt(None, key, judgement.nothing[key], p)


def begin_within(keys: Sequence[Key], first: int, last: int) -> Sequence[Key]:
    """Of spans in order, those that begin from one token to before another."""
    return keys[bisect_left(keys, (first,)) : bisect_left(keys, (last,))]


def finding_of(
    document: Document, doubt: Doubt, kind: str | None = None, note: str = ""
) -> Finding:
    """The finding of a doubt: in characters, with its place.

    kind: of a doubt that is not a model's, and so has no probabilities, only a suspicion.
    """
    p, q = doubt.suggested_probability, doubt.gold_probability
    gold = _marked(document, doubt.gold, q if kind is None else None)
    suggested = _marked(document, doubt.suggested, p if kind is None else None)
    if suggested is None and gold is not None:
        suggested = Marked(gold.start, gold.end, "", p if kind is None else None)
    return make_finding(document, kind or doubt.kind, gold, suggested, doubt.suspicion, note)


def _marked(document: Document, key: Key | None, p: float | None) -> Marked | None:
    if key is None:
        return None
    span = document.doc[key[0] : key[1]]
    return Marked(span.start_char, span.end_char, key[2], p)


def by_sentence(document: Document, doubts: Iterable[Doubt]) -> list[list[Doubt]]:
    """The doubts that begin in each sentence."""
    found: list[list[Doubt]] = [[] for _ in document.sentences]
    for doubt in doubts:
        at = doubt.gold or doubt.suggested
        assert at is not None, "a doubt is of an entity"
        nth = bisect_right(document.sentences, at[0], key=lambda own: own.first) - 1
        found[nth].append(doubt)
    return found


def suspicion_of(doubts: Iterable[Doubt]) -> float:
    """How suspicious a sentence with these doubts is: as its worst, 0 if there is none."""
    return max((doubt.suspicion for doubt in doubts), default=0.0)
