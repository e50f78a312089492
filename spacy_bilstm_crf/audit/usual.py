"""How probable models usually hold annotation to be, and how suspicious is what they hold for less.

Models are surer that a word is no entity than that it is one, and surer of persons than of, say,
products. A suggestion therefore counts by how much more probable it is than annotation of its kind
is in the mean, as the class thresholds of confident learning (Northcutt et al. 2021,
https://arxiv.org/abs/1911.00068) do for the labels of whole examples.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from statistics import fmean

from .documents import Document
from .judge import Judgement, Key

# Entities of any label that the mean of a label begins with, so that a rare one is not taken by its
# few: about the variance within labels over that between them.
_PRIOR = 10


@dataclass(frozen=True)
class Usual:
    """Mean probabilities of annotation, each from 0 to 1.

    labels: of the entities with each label. entity: of all. nothing: that a word is in no entity,
    of those that are annotated so.
    """

    labels: Mapping[str, float] = field(default_factory=dict)
    entity: float = 0.0
    nothing: float = 0.0

    @cached_property
    def _greatest_lead(self) -> float:
        means = [*self.labels.values(), self.entity, self.nothing]
        return 1.0 + max(means) - min(means)

    def of(self, key: Key | None) -> float:
        """That of an entity's label; of no entity for None."""
        return self.nothing if key is None else self.labels.get(key[2], self.entity)

    def suspicion(
        self,
        gold: Key | None,
        suggested: Key | None,
        gold_probability: float,
        suggested_probability: float,
    ) -> float:
        """How suspicious annotation is beside a suggestion, from 0 to 1: 0.5 where both are as
        probable, each less what is usual for it."""
        lead = suggested_probability - self.of(suggested) - (gold_probability - self.of(gold))
        return 0.5 + lead / self._greatest_lead / 2


EQUAL = Usual()
"""Nothing is usual: a suspicion is then half of one plus the suggestion's probability less that of
what is annotated."""


def usual_of(documents: Iterable[Document], judgements: Iterable[Judgement]) -> Usual:
    """What is usual in judged documents. Words of which no annotation is known do not count."""
    of_label: dict[str, list[float]] = defaultdict(list)
    nothing: list[float] = []
    for document, judgement in zip(documents, judgements):
        for ent in document.doc.ents:
            p = judgement.spans[ent.start, ent.end, ent.label_]
            of_label[ent.label_].append(p)
        free = judgement.outside(len(document.doc)).tolist()
        nothing += [free[token.i] for token in document.doc if token.ent_iob_ == "O"]
    if not of_label or not nothing:
        return EQUAL
    entity = fmean(p for own in of_label.values() for p in own)
    labels = {
        label: (sum(own) + _PRIOR * entity) / (len(own) + _PRIOR)
        for label, own in sorted(of_label.items())
    }
    return Usual(labels, entity, fmean(nothing))
