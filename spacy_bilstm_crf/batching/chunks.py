"""Chunks of long docs: encoding one takes no more memory than encoding a short doc."""

from collections.abc import Iterator

import numpy as np
from spacy.tokens import Doc, Span

# Tokens of a chunk, about; what the encoder makes of them takes 5 KB a token for a while.
CHUNK = 32000


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
    leaves out; spans that reach beyond are dropped."""
    part = doc[start:end].as_doc()
    for key, group in doc.spans.items():
        part.spans[key] = [
            Span(part, s.start - start, s.end - start, s.label, kb_id=s.kb_id, span_id=s.id)
            for s in group
            if start <= s.start and s.end <= end
        ]
    return part
