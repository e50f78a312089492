"""Vectors of tokens in one flat array, and as spaCy's layers pass them on: an array per doc."""

from collections.abc import Callable
from typing import Any

import numpy as np
from spacy.tokens import Doc
from thinc.api import Model
from thinc.types import Floats2d

Flat = Model[list[Doc], Floats2d]
"""A layer from docs to (tokens, width), doc after doc."""
Tok2Vec = Model[list[Doc], list[Floats2d]]
"""A tok2vec of spaCy: a layer from docs to an array of shape (tokens, width) for each."""


def by_doc(flat: Flat) -> Tok2Vec:
    """A tok2vec around a flat layer. It has the layer's refs, and the layer itself as "flat":
    `forward_flat` of the next layer takes that, so that arrays are cut up for spaCy only."""
    return Model(
        "by_doc",
        _forward,
        init=_init,
        layers=[flat],
        refs={"flat": flat, **{name: flat.maybe_get_ref(name) for name in flat.ref_names}},
        dims={"nO": flat.maybe_get_dim("nO")},
    )


def _forward(
    model: Model[Any, Any], docs: list[Doc], is_train: bool
) -> tuple[list[Floats2d], Callable[[list[Floats2d]], Any]]:
    vectors, backprop_flat = model.layers[0](docs, is_train)

    def backprop(d_vectors: list[Floats2d]) -> Any:
        return backprop_flat(model.ops.xp.concatenate(d_vectors)) if docs else []

    return model.ops.unflatten(vectors, _lengths(docs)), backprop


def _init(model: Model[Any, Any], X: list[Doc] | None = None, Y: Any = None) -> None:
    (flat,) = model.layers
    flat.initialize(X=X)
    model.set_dim("nO", flat.get_dim("nO"), force=True)


def forward_flat(
    tok2vec: Tok2Vec, docs: list[Doc], is_train: bool
) -> tuple[Floats2d, Callable[[Floats2d], Any]]:
    """Run a tok2vec. RETURNS: the vectors of all docs' tokens, (tokens, width), and the function to
    backpropagate their gradient with."""
    flat = tok2vec.maybe_get_ref("flat")
    if flat is not None:
        return flat(docs, is_train)
    ops = tok2vec.ops
    vectors, backprop_vectors = tok2vec(docs, is_train)

    def backprop(d_flat: Floats2d) -> Any:
        return backprop_vectors(ops.unflatten(d_flat, _lengths(docs)))

    return ops.xp.concatenate(vectors), backprop


def _lengths(docs: list[Doc]) -> Any:
    return np.array([len(doc) for doc in docs], dtype=np.int64)
