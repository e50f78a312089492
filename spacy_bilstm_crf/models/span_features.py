"""Spans that another component found, such as the names of a gazetteer, as token features."""

import warnings
from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

import numpy as np
from spacy.tokens import Doc
from thinc.api import Model
from thinc.types import Floats2d

from ..tags import PREFIXES


def SpanFeatures(
    labels: Sequence[str], spans_key: str = "ruler"
) -> Model[list[Doc], list[Floats2d]]:
    """Features of the spans in `doc.spans[spans_key]` (spacy_bilstm_crf.SpanFeatures.v1).

    For a gazetteer, put spaCy's `span_ruler` before the component: it finds phrases and patterns,
    and writes where they are. Name it in `[training] annotating_components`, so that it runs in
    training, too. The features stand beside others by `concatenate.v1`.

    Source: Huang et al. 2015, section 4.1.2, https://arxiv.org/abs/1508.01991.

    labels: the labels of the spans that count.
    spans_key: where the spans are. Docs without such spans have features of 0.
    RETURNS: a model from docs to arrays of shape (tokens, 4 * labels): whether a token begins, is
        inside, ends, or is the whole of a span of a label. Spans may overlap.
    WARNS: in training, if no doc of a batch has `doc.spans[spans_key]`, or spans are there of other
        labels: both are likely misspelt.
    RAISES: ValueError if there are no labels, or one twice.
    """
    if not labels or len(set(labels)) < len(labels):
        raise ValueError(
            f"SpanFeatures needs the labels of the spans, each once, got {list(labels)}."
        )
    columns = {label: len(PREFIXES) * i for i, label in enumerate(labels)}
    return Model(
        "span_features",
        partial(_forward, columns, spans_key),
        dims={"nO": len(PREFIXES) * len(labels)},
    )


def _forward(
    columns: dict[str, int], spans_key: str, model: Model[Any, Any], docs: list[Doc], is_train: bool
) -> tuple[list[Floats2d], Any]:
    begin, inside, last, unit = range(len(PREFIXES))
    results = []
    if is_train and docs:
        _warn_of_misspellings(columns, spans_key, docs)
    for doc in docs:
        features: Any = np.zeros((len(doc), model.get_dim("nO")), dtype=np.float32)
        for span in doc.spans.get(spans_key, ()):
            column = columns.get(span.label_)
            if column is None:
                continue
            if len(span) == 1:
                features[span.start, column + unit] = 1.0
            else:
                features[span.start, column + begin] = 1.0
                features[span.start + 1 : span.end - 1, column + inside] = 1.0
                features[span.end - 1, column + last] = 1.0
        results.append(model.ops.asarray2f(features))
    return results, lambda d_features: []


def _warn_of_misspellings(labels: Collection[str], spans_key: str, docs: list[Doc]) -> None:
    # Not at initialization: the component that sets the spans has not seen the docs then.
    if not any(spans_key in doc.spans for doc in docs):
        warnings.warn(
            f"SpanFeatures finds no doc.spans[{spans_key!r}] on any doc of a batch: is spans_key "
            "misspelt, or the component that sets them not in [training] annotating_components?",
            stacklevel=2,
        )
    found = {span.label_ for doc in docs for span in doc.spans.get(spans_key, ())}
    if others := sorted(found.difference(labels)):
        warnings.warn(
            f"SpanFeatures leaves out spans of the labels {', '.join(others)} in "
            f"doc.spans[{spans_key!r}]: its labels are {', '.join(labels)}.",
            stacklevel=2,
        )
