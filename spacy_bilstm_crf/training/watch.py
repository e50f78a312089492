"""A look at the gradients of any trainable component, before they update its weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from spacy.language import Language
from thinc.api import Model, Optimizer

Look = Callable[[Model[Any, Any], Optimizer], None]


def trainable_pipes(nlp: Language) -> list[Any]:
    """The components of a pipeline that have a model to train."""
    return [
        pipe
        for _, pipe in nlp.pipeline
        if getattr(pipe, "is_trainable", False) and isinstance(getattr(pipe, "model", None), Model)
    ]


def watch_updates(pipe: Any, look: Look) -> Callable[[], None]:
    """Call a function before each update of a component, when its gradients are there.

    RETURNS: what ends that.
    """
    if hasattr(pipe, "before_update"):
        pipe.before_update.insert(0, look)  # before what clips gradients
        return lambda: pipe.before_update.remove(look)
    # spaCy's own components have no such list: the method of this one is put aside.
    finish = pipe.finish_update

    def finish_update(sgd: Optimizer) -> None:
        look(pipe.model, sgd)
        finish(sgd)

    pipe.finish_update = finish_update
    return lambda: pipe.__dict__.pop("finish_update", None)
