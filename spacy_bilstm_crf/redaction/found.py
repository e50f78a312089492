"""What a pipeline has found in a doc, to be hidden."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc

from ..corpora.make_doc import read_entities
from ..tagging.probable_spans import gives_spans, probable_spans, span_settings
from .redacted import PROBABLE_SPAN, Found


def find(doc: Doc, threshold: float | None = None) -> list[Found]:
    """The entities of a doc, and all probable spans that are on it, which may overlap.

    threshold: how probable spans must be; None for all that the pipeline gave. Entities count
        however probable they are.
    """
    found = {
        (span.start, span.end, span.label): Found(span.start, span.end, span.label, span.confidence)
        for span in read_entities(doc)
    }
    for span, probability in probable_spans(doc, threshold or 0.0):
        key = span.start_char, span.end_char, span.label_
        if key not in found or found[key].probability is None:
            reason = found[key].reason if key in found else PROBABLE_SPAN
            found[key] = Found(*key, probability, reason)
    return list(found.values())


def finds_entities(nlp: Language) -> bool:
    """Whether any component says that it sets entities, or gives probable spans."""
    return gives_spans(nlp) or any(
        "doc.ents" in nlp.get_pipe_meta(name).assigns for name in nlp.pipe_names
    )


def gives_probabilities(nlp: Language, threshold: float | None) -> bool:
    """Whether any component gives probabilities, as it is set or with a threshold."""
    if any(factory.startswith("spancat") for factory in nlp.pipe_factories.values()):
        return True
    if threshold is not None:
        return gives_spans(nlp)
    return any(
        cfg["confidence"] != "off" or cfg["threshold"] is not None for cfg in span_settings(nlp)
    )
