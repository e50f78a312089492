"""A pool of texts under a pipeline: how unsure it is of each, and of which spans."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import minibatch

from ..batching.parts import parts
from ..corpora.annotated import AnnotatedSpan
from ..models.tag_distribution import TagDistribution
from ..pipeline.bilstm_crf_ner import BiLSTMCRFRecognizer
from ..pipeline.uncertainty import Uncertainty, text_uncertainty
from ..tagging.memory import BoundedMemory
from ..tagging.tagger import allow_long_texts
from .doubt import doubtful_spans
from .pool import Unlabelled

_TEXTS_AT_ONCE = 500


class Scan(NamedTuple):
    """What a pipeline says of texts.

    numbers: those of the texts that have tokens other than white space; the others are left out.
    uncertainty: how unsure the model is of each of them.
    doubts: of each the spans of which it is unsure, with their probabilities as confidences.
    """

    numbers: list[int]
    uncertainty: Uncertainty
    doubts: list[list[AnnotatedSpan]]


def scan(nlp: Language, name: str, pool: Sequence[Unlabelled], least: float) -> Scan:
    """Let a component of a pipeline, and those before it, read texts.

    least: how probable either answer about a doubtful span is at least.
    RAISES: ValueError if no text has such tokens, the tokenizer changes a text, or the component
        has no labels.
    """
    pipe = nlp.get_pipe(name)
    assert isinstance(pipe, BiLSTMCRFRecognizer)
    if not pipe.labels:
        raise ValueError(
            f"'{name}' has no labels, and so no doubts. Train it on a few texts first."
        )
    allow_long_texts(nlp)
    numbers: list[int] = []
    found: list[Uncertainty] = []
    doubts: list[list[AnnotatedSpan]] = []
    memory = BoundedMemory(nlp)
    before = nlp.pipe_names[: nlp.pipe_names.index(name)]
    try:
        with nlp.select_pipes(enable=before):
            for batch in minibatch(enumerate(pool), _TEXTS_AT_ONCE):
                memory.enter(sum(len(own.text.text) for _, own in batch))
                docs = _docs_of(nlp, [own for _, own in batch])
                full = [
                    (number, doc)
                    for (number, _), doc in zip(batch, docs)
                    if not all(token.is_space for token in doc)
                ]
                numbers += [number for number, _ in full]
                for part in parts([doc for _, doc in full]):
                    tags = pipe.distribution(part)
                    found.append(text_uncertainty(tags, pipe.cfg["threshold"]))
                    doubts += _doubts(part, tags, pipe.labels, least)
    finally:
        memory.close()
    if not found:
        raise ValueError("The pool has no text with any word in it.")
    return Scan(numbers, Uncertainty(*map(np.concatenate, zip(*found))), doubts)


def _docs_of(nlp: Language, texts: Sequence[Unlabelled]) -> list[Doc]:
    docs = list(nlp.pipe(own.as_input() for own in texts))
    for own, doc in zip(texts, docs):
        if doc.text != own.text.text:
            raise ValueError(
                f"{own.text.name}: the tokenizer changes the text, so offsets do not fit: use "
                "another one."
            )
    return docs


def _doubts(
    docs: Sequence[Doc], tags: TagDistribution, labels: Sequence[str], least: float
) -> Iterator[list[AnnotatedSpan]]:
    spans, probabilities = doubtful_spans(tags, least)
    first = 0
    for doc in docs:
        own = slice(*np.searchsorted(spans.starts, [first, first + len(doc)]))
        yield [
            AnnotatedSpan(
                doc[start].idx, doc[end - 1].idx + len(doc[end - 1]), labels[label], "", p
            )
            for start, end, label, p in zip(
                (spans.starts[own] - first).tolist(),
                (spans.ends[own] - first).tolist(),
                spans.labels[own].tolist(),
                probabilities[own].tolist(),
            )
        ]
        first += len(doc)
