"""Spans that another component found, such as the names of a gazetteer, as token features."""

from collections.abc import Sequence
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
