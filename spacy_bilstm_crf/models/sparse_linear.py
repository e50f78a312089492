"""A linear layer over features of which each text has few."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from thinc.api import Model
from thinc.types import Floats2d
from thinc.util import get_width

Features = tuple[Any, Any, Any]
"""The rows of the features that docs have, their values, and how many each doc has."""


def sparse_linear(nO: int | None = None) -> Model[Features, Floats2d]:
    """A linear layer over numbered features: Thinc's `SparseLinear_v2`, which hashes keys into a
    table, without collisions. On the CPU.

    nO: labels. nI, the number of features, is set before it is initialized.
    RETURNS: a model from features to scores of shape (docs, nO).
    """
    return Model(
        "sparse_linear",
        _forward,
        init=_init,
        dims={"nO": nO, "nI": None},
        params={"W": None, "b": None},
    )


def _init(model: Model[Any, Any], X: Features | None = None, Y: Any = None) -> None:
    if Y is not None:
        model.set_dim("nO", get_width(Y))
    n_labels, n_features = model.get_dim("nO"), model.get_dim("nI")
    model.set_param("W", model.ops.alloc2f(n_labels, n_features))
    model.set_param("b", model.ops.alloc1f(n_labels))


def _forward(
    model: Model[Any, Any], features: Features, is_train: bool
) -> tuple[Floats2d, Callable[[Floats2d], Features]]:
    rows, values, lengths = features
    weights: Any = model.get_param("W")
    doc = np.repeat(np.arange(len(lengths)), lengths)
    scores: Any = model.ops.alloc2f(len(lengths), len(weights))
    for label, own in enumerate(weights):
        scores[:, label] = np.bincount(doc, own[rows] * values, minlength=len(lengths))
    scores += model.get_param("b")

    def backprop(d_scores: Floats2d) -> Features:
        d_weights: Any = model.ops.alloc2f(*weights.shape)
        for label, own in enumerate(np.asarray(d_scores).T):
            d_weights[label] = np.bincount(rows, own[doc] * values, minlength=weights.shape[1])
        model.inc_grad("W", d_weights)
        model.inc_grad("b", d_scores.sum(axis=0))
        return features

    return scores, backprop
