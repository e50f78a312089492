"""A choice of texts from which there is much to learn, and not the same again and again."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from ..corpora.annotated import AnnotatedText
from ..corpora.split import group_by_source


def choose(
    scores: Sequence[float],
    sizes: Sequence[int],
    budget: int,
    *,
    doubts: Sequence[Mapping[str, float]] | None = None,
    diversity: float = 1.0,
    groups: Sequence[int] | None = None,
    taken: Collection[int] = (),
) -> list[int]:
    """Choose texts, the best first.

    A text's score is multiplied by how much of its doubt is new: the doubt about a string counts
    `diversity` times as much after each text with it that was chosen.

    scores: (texts,) at least 0.
    sizes: (texts,) what each costs of the budget: 1, or its words. The last one may go over it.
    doubts: of each text, the strings that are doubtful, and how much.
    diversity: from 0 to 1; 1 for the scores as they are.
    groups: the group of each text, of near-duplicates: one of each is chosen. None if all texts may
        be.
    taken: groups of which there is a text already.
    RETURNS: the numbers of the texts.
    """
    seen: Counter[str] = Counter()
    met = set(taken)
    chosen: list[int] = []

    def value(i: int) -> float:
        own = doubts[i] if doubts is not None else {}
        total = sum(own.values())
        if not total:
            return scores[i]
        return scores[i] * sum(d * diversity ** seen[s] for s, d in own.items()) / total

    # Values only fall as others are chosen, so that the first one which is still what it was when
    # it was put here is the best (Minoux 1978).
    queue = [(-value(i), i) for i in range(len(scores))]
    heapq.heapify(queue)
    spent = 0
    while queue and spent < budget:
        stored, i = heapq.heappop(queue)
        if groups is not None and groups[i] in met:
            continue
        if (now := -value(i)) > stored:
            heapq.heappush(queue, (now, i))
            continue
        chosen.append(i)
        spent += sizes[i]
        if groups is not None:
            met.add(groups[i])
        if doubts is not None:
            seen.update(doubts[i].keys())
    return chosen


def group_near_duplicates(texts: Sequence[str]) -> list[int]:
    """The group of each text: those that are equal, or nearly so, have one. RETURNS: (texts,)."""
    groups = [0] * len(texts)
    for number, members in enumerate(group_by_source([AnnotatedText(text) for text in texts])):
        for i in members:
            groups[i] = number
    return groups
