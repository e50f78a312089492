"""From a distribution over tags to the entities of docs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc, Span, SpanGroup

from ..confidence import get_confidence, set_confidence
from ..models.tag_distribution import TagDistribution
from ..tags import Spans, ids_to_spans
from .candidates import candidate_spans, choose_spans
from .constraints import preset_tokens
from .settings import LEAST_PROBABILITY


class Prediction(NamedTuple):
    """The entities of one doc, and their probabilities.

    entities: its entities, which do not overlap.
    confidences: (entities,) their exact probabilities, None if they were not asked for.
    candidates, scores: all spans that were probable enough, and (candidates,) their probabilities;
        None if they were not asked for.
    """

    entities: Spans
    confidences: NDArray[np.float64] | None = None
    candidates: Spans | None = None
    scores: NDArray[np.float64] | None = None


_NO_SPANS = Spans(*(np.zeros(0, dtype=np.int64) for _ in Spans._fields))


def nothing(*, candidates: bool) -> Prediction:
    """The prediction for a doc with no tokens."""
    none: NDArray[np.float64] = np.zeros(0)
    return (
        Prediction(_NO_SPANS, none, _NO_SPANS, none) if candidates else Prediction(_NO_SPANS, none)
    )


def decode_entities(
    tags: TagDistribution,
    *,
    threshold: float | None,
    confidence: bool,
    candidates_above: float | None,
) -> Prediction:
    """Find the entities of a batch; arguments as for the factory."""
    candidates, scores = None, None
    if candidates_above is not None:
        candidates, scores = candidate_spans(tags, max(candidates_above, LEAST_PROBABILITY))
    confidences = None
    if threshold is None:
        entities = ids_to_spans(tags.argmax())
        if confidence:
            confidences = tags.span_probability(entities)
    else:
        least = max(threshold, LEAST_PROBABILITY)
        entities, chosen = choose_spans(*candidate_spans(tags, least))
        confidences = chosen if confidence else None
    return Prediction(entities, confidences, candidates, scores)


def split_prediction(prediction: Prediction, doc_lengths: Sequence[int]) -> list[Prediction]:
    """Split the prediction for a batch into those of its docs."""
    first, result = 0, []
    for length in doc_lengths:
        entities, confidences = _part(prediction.entities, prediction.confidences, first, length)
        candidates, scores = None, None
        if prediction.candidates is not None:
            candidates, scores = _part(prediction.candidates, prediction.scores, first, length)
        result.append(Prediction(entities, confidences, candidates, scores))
        first += length
    return result


def _part(
    spans: Spans, scores: NDArray[np.float64] | None, first: int, length: int
) -> tuple[Spans, NDArray[np.float64] | None]:
    part = slice(*np.searchsorted(spans.starts, [first, first + length]))
    starts, ends, labels = (column[part] for column in spans)
    return Spans(starts - first, ends - first, labels), None if scores is None else scores[part]


def make_spans(doc: Doc, spans: Spans, labels: Sequence[int]) -> list[Span]:
    """Spans of a doc. labels: string ids in the order of the tags."""
    columns = zip(*(column.tolist() for column in spans))
    return [Span(doc, start, end, label=labels[label]) for start, end, label in columns]


def label_and_confidence(span: Span) -> str:
    """Format an entity's label and, where it is known, its confidence."""
    confidence = get_confidence(span)
    return span.label_ if confidence is None else f"{span.label_} {confidence:.2f}"


def write_prediction(
    doc: Doc, prediction: Prediction, labels: Sequence[int], *, keep_ents: bool, spans_key: str
) -> None:
    """Write a prediction to its doc: `doc.ents`, `ent._.confidence` and `doc.spans`.

    labels: string ids in the order of the tags.
    keep_ents: whether entities on the doc, and blocked tokens, stay.
    """
    ents = make_spans(doc, prediction.entities, labels)
    confidences = [None] * len(ents) if prediction.confidences is None else prediction.confidences
    kept: Sequence[Span] = ()
    blocked: list[Span] = []
    free = [True] * len(ents)
    if keep_ents and doc.has_annotation("ENT_IOB"):
        taken, is_blocked = preset_tokens(doc)
        free = [not taken[ent.start : ent.end].any() for ent in ents]
        blocked = [doc[i : i + 1] for i in np.flatnonzero(is_blocked).tolist()]
        kept = doc.ents
    doc.set_ents([*kept, *(ent for ent, is_free in zip(ents, free) if is_free)], blocked=blocked)
    for ent, confidence, is_free in zip(ents, confidences, free):
        if is_free:
            set_confidence(ent, None if confidence is None else float(confidence))
    if prediction.candidates is not None:
        spans = make_spans(doc, prediction.candidates, labels)
        attrs = {"scores": prediction.scores}
        doc.spans[spans_key] = SpanGroup(doc, name=spans_key, spans=spans, attrs=attrs)
