"""All spans that are probable, also those that overlap, of any pipeline that gives them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from spacy.language import Language
from spacy.tokens import Doc, Span

from ..corpora.annotated import AnnotatedSpan
from ..pipeline.settings import Settings


@contextmanager
def spans_above(nlp: Language, threshold: float | None) -> Iterator[None]:
    """Let those components of ours that give probabilities give all spans that are at least so
    probable. What other components give, such as `spancat`, they give by their own settings.

    threshold: None for each component's own `threshold`; one that has none stays as it is.
    """
    with ExitStack() as changes:
        for cfg in span_settings(nlp):
            least = cfg["threshold"] if threshold is None else threshold
            if least is not None:
                changes.enter_context(cfg.changed(confidence="spans", spans_threshold=least))
        yield


def gives_spans(nlp: Language) -> bool:
    """Whether any component of a pipeline gives spans with their probabilities."""
    return bool(span_settings(nlp)) or any(
        factory.startswith("spancat") for factory in nlp.pipe_factories.values()
    )


def entity_labels(nlp: Language) -> set[str]:
    """The labels of all components that set entities or give spans."""
    labels: set[str] = set()
    for name, own in nlp.pipe_labels.items():
        meta = nlp.get_pipe_meta(name)
        if "doc.ents" in meta.assigns or meta.factory.startswith("span"):
            labels.update(own)
    return labels


def probable_spans(doc: Doc, threshold: float) -> list[tuple[Span, float]]:
    """The spans of a doc that are at least so probable, by start, with their probabilities: of each
    group that has a score for each span."""
    found = []
    for group in doc.spans.values():
        scores = group.attrs.get("scores")
        if scores is not None and len(scores) == len(group):
            found += [(span, float(p)) for span, p in zip(group, scores) if p >= threshold]
    return sorted(found, key=lambda own: (own[0].start, own[0].end, own[0].label_))


def plain_span(span: Span, probability: float | None) -> AnnotatedSpan:
    """A span as formats write it."""
    return AnnotatedSpan(span.start_char, span.end_char, span.label_, confidence=probability)


def span_settings(nlp: Language) -> list[Settings]:
    """The `cfg` of those components of ours that give probabilities."""
    every = (getattr(pipe, "cfg", None) for _, pipe in nlp.pipeline)
    return [cfg for cfg in every if isinstance(cfg, Settings)]
