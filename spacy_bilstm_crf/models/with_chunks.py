"""Long docs in chunks, so that encoding one takes no more memory than encoding a short one."""

from collections.abc import Callable
from functools import partial
from typing import Any

from spacy.tokens import Doc
from thinc.api import Model

from ..batching.chunks import CHUNK, chunks
from .by_doc import Flat, Vectors, init_around


def with_chunks(flat: Flat, step: int, margin: int) -> Flat:
    """Let a layer predict docs of more than 32,000 tokens chunk by chunk.

    flat: a layer that knows no more of a token's context than a window, or a sentence, and gives
        each token a vector of its own.
    step, margin: as for `batching.chunks`.
    """
    return Model(
        "with_chunks",
        partial(_forward, step, margin),
        init=init_around,
        layers=[flat],
        refs={name: flat.maybe_get_ref(name) for name in flat.ref_names},
        dims={"nO": flat.maybe_get_dim("nO")},
    )


def _forward(
    step: int, margin: int, model: Model[Any, Any], docs: list[Doc], is_train: bool
) -> tuple[Vectors, Callable[..., Any]]:
    (flat,) = model.layers
    if is_train or max(map(len, docs), default=0) <= CHUNK or listens(flat):
        return flat(docs, is_train)
    encoded = [
        flat.predict([chunk]).rows[core]
        for doc in docs
        for chunk, core in chunks(doc, step, margin)
    ]
    return Vectors(model.ops.xp.concatenate(encoded)), lambda d_encoded: []


def listens(model: Model[Any, Any]) -> bool:
    """Tell whether features come from another component, which keeps them for whole docs."""
    return any(is_listener(layer) for layer in model.walk())


def is_listener(layer: Model[Any, Any]) -> bool:
    """Tell whether a layer passes on what another component makes of the docs."""
    return layer.name.endswith("listener")
