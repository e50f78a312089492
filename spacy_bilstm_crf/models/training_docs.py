"""The training docs, for layers that learn from them when they are initialized."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from typing import Any

from spacy.tokens import Doc
from thinc.api import Model

# So many docs spaCy's components initialize their model with, if they have as many.
_SAMPLE = 10
_KEY = "training_docs"

LEARNS_FROM_DOCS: dict[str, Any] = {_KEY: None, "was_offered": False}
"""The attributes of a layer that `offer_training_docs` offers docs to."""


def offer_training_docs(model: Model[Any, Any], docs: Callable[[], Iterable[Doc]]) -> int:
    """Let every layer of a model that learns from docs do so from these when it is initialized,
    instead of from the few sample docs that `Model.initialize` gets.

    docs: returns the training docs.
    RETURNS: the number of such layers.
    """
    layers = [node for node in model.walk() if _KEY in node.attrs]
    for layer in layers:
        layer.attrs[_KEY] = docs
    return len(layers)


def take_training_docs(model: Model[Any, Any], sample: list[Doc] | None) -> Iterable[Doc] | None:
    """The docs that a layer is to learn from, in its initialization: those that it was offered, or
    else the sample that it is shown.

    RETURNS: None if it has learned from offered docs already: some models initialize a layer twice,
        such as spaCy's TextCatEnsemble.
    """
    offered = model.attrs[_KEY]
    model.attrs[_KEY] = None
    if offered is None and model.attrs["was_offered"]:
        return None
    model.attrs["was_offered"] = offered is not None
    if offered is not None:
        docs: Iterable[Doc] = offered()
        return docs
    if len(sample or []) == _SAMPLE:
        warnings.warn(
            f"The layer {model.name} learns from {_SAMPLE} sample docs, which is all that the "
            "component shows it, and knows no others. To learn from the training corpus, set "
            "[initialize.before_init] to @callbacks = 'spacy_bilstm_crf.learn_words.v1', path = "
            "${paths.train}.",
            stacklevel=2,
        )
    return sample or []


def begin_anew(model: Model[Any, Any]) -> None:
    """Let the next initialization of a layer learn anew: it is trained now."""
    model.attrs["was_offered"] = False
