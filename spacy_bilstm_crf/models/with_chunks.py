"""Long docs in chunks, so that encoding one takes no more memory than encoding a short one."""

from collections.abc import Callable
from functools import partial
from typing import Any

from spacy.tokens import Doc
from thinc.api import Model
from thinc.types import Floats2d

from ..batching.chunks import CHUNK, chunks

Tok2Vec = Model[list[Doc], list[Floats2d]]


def with_chunks(tok2vec: Tok2Vec, step: int, margin: int) -> Tok2Vec:
    """Let a tok2vec predict docs of more than 32,000 tokens chunk by chunk.

    tok2vec: a layer that knows no more of a token's context than a window, or a sentence.
    step, margin: as for `batching.chunks`.
    """
    return Model(
        "with_chunks",
        partial(_forward, step, margin),
        init=_init,
        layers=[tok2vec],
        refs={name: tok2vec.maybe_get_ref(name) for name in tok2vec.ref_names},
        dims={"nO": tok2vec.maybe_get_dim("nO")},
    )


def _forward(
    step: int, margin: int, model: Model[Any, Any], docs: list[Doc], is_train: bool
) -> tuple[list[Floats2d], Callable[..., Any]]:
    (tok2vec,) = model.layers
    if is_train or max(map(len, docs), default=0) <= CHUNK or listens(tok2vec):
        return tok2vec(docs, is_train)
    encoded = []
    for doc in docs:
        parts = [tok2vec.predict([chunk])[0][core] for chunk, core in chunks(doc, step, margin)]
        encoded.append(model.ops.xp.concatenate(parts))
    return encoded, lambda d_encoded: []


def _init(model: Model[Any, Any], X: list[Doc] | None = None, Y: Any = None) -> None:
    (tok2vec,) = model.layers
    tok2vec.initialize(X=X)
    model.set_dim("nO", tok2vec.get_dim("nO"), force=True)


def listens(model: Model[Any, Any]) -> bool:
    """Whether features come from another component, which keeps them for whole docs."""
    return any(is_listener(layer) for layer in model.walk())


def is_listener(layer: Model[Any, Any]) -> bool:
    """Whether a layer passes on what another component makes of the docs."""
    return layer.name.endswith("listener")
