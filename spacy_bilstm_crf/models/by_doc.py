"""Vectors of tokens in one flat array, and as spaCy's layers pass them on: an array per doc."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc
from thinc.api import Model
from thinc.types import Floats2d, Ints1d


class Vectors(NamedTuple):
    """The vectors of a batch's tokens, doc after doc. Their gradient is that of `rows`.

    rows: (rows, width).
    row_of: (tokens,) which row each token has; None where each has its own, in order.
    keys: (rows,) names of the rows: what is computed of one may be kept under its key as long as
        the token is the same, which stands for the weights below. None if rows have no names.
    """

    rows: Floats2d
    row_of: Ints1d | None = None
    keys: NDArray[np.uint64] | None = None
    token: object = None


Flat = Model[list[Doc], Vectors]
"""A layer from docs to the vectors of all their tokens."""
Tok2Vec = Model[list[Doc], list[Floats2d]]
"""A tok2vec of spaCy: a layer from docs to an array of shape (tokens, width) for each."""


_NAME = "by_doc"


def by_doc(flat: Flat) -> Tok2Vec:
    """A tok2vec around a flat layer. It has the layer's refs, and the layer itself as "flat":
    `forward_flat` of the next layer takes that, so that arrays are cut up for spaCy only."""
    return Model(
        _NAME,
        _forward,
        init=init_around,
        layers=[flat],
        refs={"flat": flat, **{name: flat.maybe_get_ref(name) for name in flat.ref_names}},
        dims={"nO": flat.maybe_get_dim("nO")},
    )


def _forward(
    model: Model[Any, Any], docs: list[Doc], is_train: bool
) -> tuple[list[Floats2d], Callable[[list[Floats2d]], Any]]:
    vectors, backprop_vectors = forward_tokens(model, docs, is_train)

    def backprop(d_vectors: list[Floats2d]) -> Any:
        return backprop_vectors(model.ops.xp.concatenate(d_vectors)) if docs else []

    return model.ops.unflatten(vectors, _lengths(docs)), backprop


def init_around(model: Model[Any, Any], X: list[Doc] | None = None, Y: Any = None) -> None:
    """Initialize the one layer of a model, which is as wide as that."""
    (flat,) = model.layers
    flat.initialize(X=X)
    model.set_dim("nO", flat.get_dim("nO"), force=True)


def forward_flat(
    tok2vec: Tok2Vec, docs: list[Doc], is_train: bool
) -> tuple[Vectors, Callable[[Floats2d], Any]]:
    """Run a tok2vec. RETURNS: the vectors of all docs' tokens, and the function to backpropagate
    their gradient with."""
    if tok2vec.name == _NAME:  # by name, since copies of a model have no refs
        return tok2vec.layers[0](docs, is_train)
    ops = tok2vec.ops
    vectors, backprop_vectors = tok2vec(docs, is_train)

    def backprop(d_flat: Floats2d) -> Any:
        return backprop_vectors(ops.unflatten(d_flat, _lengths(docs)))

    return Vectors(ops.xp.concatenate(vectors)), backprop


def forward_tokens(
    tok2vec: Tok2Vec, docs: list[Doc], is_train: bool
) -> tuple[Floats2d, Callable[[Floats2d], Any]]:
    """The same with a vector for each token, (tokens, width), and its gradient."""
    (rows, row_of, *_), backprop_rows = forward_flat(tok2vec, docs, is_train)
    if row_of is None:
        return rows, backprop_rows
    ops = tok2vec.ops

    def backprop(d_vectors: Floats2d) -> Any:
        d_rows = ops.alloc2f(*rows.shape)
        ops.scatter_add(d_rows, row_of, d_vectors)
        return backprop_rows(d_rows)

    return rows[row_of], backprop


def _lengths(docs: list[Doc]) -> Any:
    return np.array([len(doc) for doc in docs], dtype=np.int64)
