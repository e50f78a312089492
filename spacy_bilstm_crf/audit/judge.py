"""What a pipeline holds of annotation that it has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy.training import Example
from spacy.training.batchers import minibatch_by_words

from ..evaluation.held_out import find_recognizer, tag_examples
from ..pipeline.alignment import gold_tag_ids, join_across_entities
from ..pipeline.candidates import candidate_spans
from ..tags import Spans
from ..training.corpus import without_annotation

LEAST = 0.01
"""Spans that are less probable, and not annotated, are left out."""
# Tokens that are read at once.
_PART = 4000
# Of probabilities: what is kept is what is computed, and takes less room.
_DIGITS = 6

Key = tuple[int, int, str]
"""A span: its first token, the one after its last, its label."""


@dataclass(frozen=True)
class Judgement:
    """The probabilities of a document's annotation.

    spans: P(it is an entity) of each annotated span, and of all others from `LEAST`.
    nothing: P(no entity has a token of it), of each of these.
    """

    spans: dict[Key, float]
    nothing: dict[Key, float]

    def outside(self, length: int) -> NDArray[np.float64]:
        """P(no entity has it), of each of a document's tokens: what spans leave. Those that the
        judgement leaves out count for nothing."""
        free = np.ones(length)
        for (start, end, _), p in self.spans.items():
            free[start:end] -= p
        return free.clip(0.0, 1.0)

    def to_record(self) -> dict[str, Any]:
        """For a file."""
        return {
            "spans": [[*key, p] for key, p in self.spans.items()],
            "nothing": [[*key, p] for key, p in self.nothing.items()],
        }

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Judgement:
        """What `to_record` has made into one."""
        spans, nothing = (
            {(start, end, label): p for start, end, label, p in record[name]}
            for name in ("spans", "nothing")
        )
        return cls(spans, nothing)


def judge(nlp: Language, docs: Sequence[Doc]) -> list[Judgement]:
    """The probabilities that a pipeline gives to the annotation of docs, at its temperature.

    docs: gold-standard docs, read whole, with their own tokens and sentences.
    RAISES: ValueError if the pipeline has no component of ours, or not the label of an entity.
    """
    name, pipe = find_recognizer(nlp)
    examples = examples_of(docs, nlp)
    tagged = tag_examples(nlp, name, examples, last=False)
    numbers = [i for i, doc in enumerate(tagged) if len(doc)]
    result = [Judgement({}, {}) for _ in docs]
    for part in minibatch_by_words(
        numbers, _PART, tolerance=0.0, get_length=lambda i: len(tagged[i])
    ):
        batch = [Example(tagged[i], examples[i].reference) for i in part]
        for i, judgement in zip(part, _judge(pipe, name, batch)):
            result[i] = judgement
    return result


def examples_of(docs: Sequence[Doc], nlp: Language) -> list[Example]:
    """Examples of gold-standard docs in the vocabulary of a pipeline, where it finds its words."""
    own = pack(docs).get_docs(nlp.vocab)
    return [Example(without_annotation(doc), doc) for doc in own]


def pack(docs: Sequence[Doc]) -> DocBin:
    """What an audit needs of docs."""
    return DocBin(["ENT_IOB", "ENT_TYPE", "SENT_START"], docs=docs)


def _judge(pipe: Any, name: str, batch: list[Example]) -> list[Judgement]:
    gold = gold_tag_ids(batch, pipe.labels, name=name)
    with pipe.cfg.changed(overwrite_ents=True):  # entities of others are no constraints here
        tags = pipe.distribution([eg.predicted for eg in batch])
    tags = tags.with_lengths(join_across_entities(tags.lengths, gold))
    first = np.cumsum(tags.doc_lengths) - tags.doc_lengths
    index = {label: i for i, label in enumerate(pipe.labels)}
    annotated = [
        (start + ent.start, start + ent.end, index[ent.label_])
        for start, eg in zip(first.tolist(), batch)
        for ent in eg.reference.ents
    ]
    candidates, _ = candidate_spans(tags, LEAST)
    keys = sorted({*annotated, *zip(*(column.tolist() for column in candidates))})
    spans = Spans(*np.array(keys, dtype=np.int64).reshape(-1, 3).T)
    found = (
        tags.span_probability(spans).round(_DIGITS).tolist(),
        tags.outside_probability(spans.starts, spans.ends).round(_DIGITS).tolist(),
    )
    by_doc: list[tuple[dict[Key, float], dict[Key, float]]] = [({}, {}) for _ in batch]
    of = np.searchsorted(first, spans.starts, side="right") - 1
    for (start, end, label), doc, p, nothing in zip(keys, of.tolist(), *found):
        key = (start - int(first[doc]), end - int(first[doc]), pipe.labels[label])
        by_doc[doc][0][key], by_doc[doc][1][key] = p, nothing
    return [Judgement(*own) for own in by_doc]


def mean(judgements: Sequence[Judgement]) -> Judgement:
    """The mean of several judgements of a document. A span that one of them leaves out has there a
    probability of 0, and nothing one of its token that is least probably outside."""
    keys = sorted({key for own in judgements for key in own.spans})
    length = max((end for _, end, _ in keys), default=0)
    outside = [own.outside(length) for own in judgements]
    spans = {key: fmean(own.spans.get(key, 0.0) for own in judgements) for key in keys}
    nothing = {
        key: fmean(
            own.nothing[key] if key in own.nothing else free[key[0] : key[1]].min()
            for own, free in zip(judgements, outside)
        )
        for key in keys
    }
    return Judgement(spans, nothing)
