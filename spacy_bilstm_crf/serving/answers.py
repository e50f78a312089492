"""What the service says of a tagged doc."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from ..corpora.annotated import AnnotatedSpan
from ..corpora.formats.spans import Offsets
from ..corpora.make_doc import read_entities
from ..tagging.probable_spans import entity_labels, gives_spans, plain_span, probable_spans
from ..tagging.readings import gives_readings, readings
from .limits import MOST_READINGS, Limits
from .schema import Wanted


def make_answer(nlp: Language, text: str, doc: Doc, wanted: Wanted) -> dict[str, Any]:
    """Make the answer for a text, as `schema.Answer`.

    doc: of the text, tagged with what is wanted.
    RAISES: ValueError if the tokenizer changes the text.
    """
    if doc.text != text:
        raise ValueError("the tokenizer changes the text, so offsets do not fit: use another one")
    offsets = Offsets(text, wanted.offsets)

    def told(spans: Iterable[AnnotatedSpan]) -> list[dict[str, Any]]:
        return [
            {
                "start": offsets.from_characters(span.start),
                "end": offsets.from_characters(span.end),
                "label": span.label,
                "text": text[span.start : span.end],
                "confidence": span.confidence,
            }
            for span in spans
        ]

    answer: dict[str, Any] = {"ents": told(read_entities(doc))}
    if doc.cats:
        answer["cats"] = {label: float(value) for label, value in doc.cats.items()}
    if wanted.spans_above is not None:
        answer["spans"] = None
        if gives_spans(nlp):
            found = probable_spans(doc, wanted.spans_above)
            answer["spans"] = told(plain_span(span, probability) for span, probability in found)
    if wanted.n_best:
        answer["n_best"] = None
        if gives_readings(nlp):
            answer["n_best"] = [
                {
                    "component": component,
                    "probability": probability,
                    "ents": told(plain_span(ent, None) for ent in ents),
                }
                for component, _, best in readings(nlp, text, wanted.n_best)
                for probability, ents in best
            ]
    return answer


def model_facts(nlp: Language, limits: Limits) -> dict[str, Any]:
    """What is told of a pipeline, as `schema.ModelFacts`."""
    categories: set[str] = set()
    for name, own in nlp.pipe_labels.items():
        if "doc.cats" in nlp.get_pipe_meta(name).assigns:
            categories.update(own)
    return {
        "name": nlp.meta["name"],
        "version": nlp.meta["version"],
        "lang": nlp.lang,
        "labels": sorted(entity_labels(nlp)),
        "categories": sorted(categories),
        "spans": gives_spans(nlp),
        "n_best": gives_readings(nlp),
        "most_readings": MOST_READINGS,
        "longest_text": limits.text,
        "longest_read_text": min(limits.read_text, limits.text),
    }
