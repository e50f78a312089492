"""Chunks of long docs: encoding one takes no more memory than encoding a short doc."""

from collections.abc import Iterator

import numpy as np
from spacy.tokens import Doc, Span, SpanGroup

# Tokens of a chunk, about; what the encoder makes of them takes 5 KB a token for a while.
CHUNK = 32000

WEIGHTS = "weights"
"""The attribute of a group of spans that has a weight for each of them: how much they count in
training."""


def chunks(doc: Doc, step: int, margin: int) -> Iterator[tuple[Doc, slice]]:
    """Cut a doc where its encoding does not change: before a sentence; or, where no sentences are
    marked, between the windows in which the encoder reads it. Each chunk has context on either
    side, for windows that overlap and for features that look at neighbours. What is learned from
    the doc as a whole, `doc_memory`, is learned from the chunk.

    step: tokens that a window gives, `max_length - 2 * overlap`.
    margin: tokens of context, at least.
    YIELDS: a chunk, and which of its tokens count.
    """
    if doc.has_annotation("SENT_START"):
        places = np.flatnonzero(doc.to_array("SENT_START") == 1)
        places = np.union1d(places, [0])
    else:
        places = np.arange(0, len(doc), step)
    # Of the places where one may cut, the first after each full chunk.
    cuts = places[np.flatnonzero(np.diff(places // CHUNK)) + 1].tolist()
    for start, end in zip([0, *cuts], [*cuts, len(doc)]):
        before = places[places <= max(start - margin, 0)][-1]
        after = places[places >= end + margin]
        last = after[0] if len(after) else len(doc)
        yield cut(doc, before, last), slice(start - before, end - before)


def cut(doc: Doc, start: int, end: int) -> Doc:
    """The tokens from start to end as a doc, with the groups of `doc.spans`, which `Span.as_doc`
    leaves out, and what their `attrs` say of each span. Spans that reach beyond are dropped; those
    of a group with weights, which are no entities but stretches that count so much, are cut."""
    part = doc[start:end].as_doc()
    for key, group in doc.spans.items():
        spans, kept = [], []
        for i, span in enumerate(group):
            first, last = max(span.start, start), min(span.end, end)
            if first < last and (WEIGHTS in group.attrs or last - first == len(span)):
                place = first - start, last - start
                spans.append(Span(part, *place, span.label, kb_id=span.kb_id, span_id=span.id))
                kept.append(i)
        attrs = {
            name: [value[i] for i in kept] if _is_by_span(value, len(group)) else value
            for name, value in group.attrs.items()
        }
        part.spans[key] = SpanGroup(part, name=group.name, attrs=attrs, spans=spans)
    return part


def _is_by_span(value: object, n_spans: int) -> bool:
    return isinstance(value, (list, tuple, np.ndarray)) and len(value) == n_spans
