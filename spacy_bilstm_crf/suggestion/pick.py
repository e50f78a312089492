"""What to ask of whoever annotates: texts, or spans."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..corpora.annotated import AnnotatedSpan
from .choose import choose, group_near_duplicates
from .known import Known
from .scan import Scan
from .score import Score

RANDOM = "random"
"""What texts are said to be suggested by that are drawn at random."""


@dataclass(frozen=True)
class Wish:
    """What is to be suggested.

    n: how many texts; of questions, how many spans.
    words: about how many words, instead of a number of texts.
    score: what texts are ranked by.
    random_share: the share of what is suggested that is drawn at random, so that there is something
        to test on: the others are harder than what there is.
    diversity: what doubt about a string counts for after each text with it that was chosen, from 0
        to 1. Below 1, only one of near-duplicates is taken.
    least_doubt: how probable either answer about a doubtful span is at least.
    questions: whether spans are asked instead of texts.
    seed: of what is drawn at random.
    RAISES: ValueError if a number is out of its range, or does not go with questions.
    """

    n: int = 100
    words: int | None = None
    score: Score = Score.mnlp
    random_share: float = 0.1
    diversity: float = 0.5
    least_doubt: float = 0.05
    questions: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        if self.n < 1 or (self.words is not None and self.words < 1):
            raise ValueError("At least one text, span or word must be asked for.")
        if not 0 <= self.random_share <= 1 or not 0 <= self.diversity <= 1:
            raise ValueError("The share at random and the diversity must be from 0 to 1.")
        if not 0.01 <= self.least_doubt <= 0.5:
            raise ValueError(f"The least doubt must be from 0.01 to 0.5, got {self.least_doubt}.")
        if self.questions and self.words is not None:
            raise ValueError("Questions are about spans: say how many by n, not by words.")


class Pick(NamedTuple):
    """What is suggested.

    number: which of the texts that were scanned.
    by: RANDOM, or the name of the score.
    score: the text's; of a question, the probability of the less probable answer.
    span: of a question, what is asked.
    """

    number: int
    by: str
    score: float
    span: AnnotatedSpan | None = None


def pick(scanned: Scan, texts: Sequence[str], known: Known, wish: Wish) -> tuple[list[Pick], int]:
    """Pick what to ask.

    texts: those that were scanned.
    RETURNS: the picks, the first first, and those drawn at random last; and how many texts there
        are that are not annotated as a whole, nor nearly the same as one that is.
    """
    both = [*known.texts, *texts]
    groups = group_near_duplicates(both) if wish.diversity < 1 else _equal(both)
    taken, groups = set(groups[: len(known.texts)]), groups[len(known.texts) :]
    left = [i for i, group in enumerate(groups) if group not in taken]
    if wish.questions:
        return _pick_spans(scanned, texts, known, groups, left, wish), len(left)
    return _pick_texts(scanned, texts, groups, left, wish), len(left)


def _pick_texts(
    scanned: Scan, texts: Sequence[str], groups: Sequence[int], left: list[int], wish: Wish
) -> list[Pick]:
    tokens = scanned.uncertainty.n_tokens.tolist()
    budget, sizes = (wish.n, [1] * len(texts)) if wish.words is None else (wish.words, tokens)
    scores: list[float] = wish.score.of(scanned.uncertainty).tolist()
    at_random = random.Random(wish.seed).sample(left, len(left))
    drawn = choose(
        [1.0] * len(left),
        [sizes[i] for i in at_random],
        round(wish.random_share * min(budget, sum(sizes[i] for i in left))),
        groups=[groups[i] for i in at_random],
    )
    by_chance = [at_random[i] for i in drawn]
    ranked = choose(
        [scores[i] for i in left],
        [sizes[i] for i in left],
        budget - sum(sizes[i] for i in by_chance),
        doubts=[_strings(texts[i], scanned.doubts[i]) for i in left],
        diversity=wish.diversity,
        groups=[groups[i] for i in left],
        taken={groups[i] for i in by_chance},
    )
    by_score = [left[i] for i in ranked]
    return [
        *(Pick(i, wish.score.value, scores[i]) for i in by_score),
        *(Pick(i, RANDOM, scores[i]) for i in by_chance),
    ]


def _pick_spans(
    scanned: Scan,
    texts: Sequence[str],
    known: Known,
    groups: Sequence[int],
    left: list[int],
    wish: Wish,
) -> list[Pick]:
    # Of a group, one text is asked about: that about which questions have been asked, if any.
    begun = {text for text, *_ in known.spans}
    one_of: dict[int, int] = {}
    for i in sorted(left, key=lambda i: texts[i] not in begun):
        one_of.setdefault(groups[i], i)
    asked = [
        Pick(i, "doubt", doubt(span), span)
        for i in sorted(one_of.values())
        for span in scanned.doubts[i]
        if (texts[i], span.start, span.end, span.label) not in known.spans
    ]
    chosen = choose(
        [own.score for own in asked],
        [1] * len(asked),
        wish.n,
        doubts=[_strings(texts[own.number], [own.span]) for own in asked if own.span],
        diversity=wish.diversity,
    )
    return [asked[i] for i in chosen]


def doubt(span: AnnotatedSpan) -> float:
    """The probability of the less probable answer to whether a span is an entity."""
    assert span.confidence is not None
    return min(span.confidence, 1.0 - span.confidence)


def _strings(text: str, spans: Sequence[AnnotatedSpan]) -> dict[str, float]:
    """The strings of doubtful spans, and how doubtful each is."""
    strings: dict[str, float] = {}
    for span in spans:
        string = text[span.start : span.end].lower()
        strings[string] = max(doubt(span), strings.get(string, 0.0))
    return strings


def _equal(texts: Sequence[str]) -> list[int]:
    """The group of each text: those that are equal have one."""
    numbers: dict[str, int] = {}
    return [numbers.setdefault(text, len(numbers)) for text in texts]
