"""`span._.confidence`: the probability of an entity, kept with its doc."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from spacy.tokens import Span


def get_confidence(span: Span) -> float | None:
    """Get `span._.confidence`: None if it is not known of an entity of this label there."""
    label, confidence = span.doc.user_data.get(_key(span), ("", None))
    return confidence if label == span.label_ else None


def set_confidence(span: Span, confidence: float | Sequence[Any] | None) -> None:
    """Set `span._.confidence`, for this place and label.

    confidence: or a pair of label and confidence, as `Doc.to_json` writes it and `Doc.from_json`
        sets it, for spans without a label.
    """
    if isinstance(confidence, Sequence):
        span.doc.user_data[_key(span)] = tuple(confidence)
    elif confidence is None:
        span.doc.user_data.pop(_key(span), None)
    else:
        span.doc.user_data[_key(span)] = (span.label_, confidence)


def _key(span: Span) -> Any:
    # As spaCy keys its own extension attributes: docs that are cut, joined or saved keep it.
    return ("._.", "confidence", span.start_char, span.end_char)
