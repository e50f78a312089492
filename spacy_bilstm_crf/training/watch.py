"""A look at the gradients of any trainable component, before they update its weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from spacy.language import Language
from thinc.api import Model, Optimizer

Look = Callable[[Model[Any, Any], Optimizer], None]

_looks: dict[int, list[Look]] = {}
_finish_update = Model.finish_update


def _look_and_finish_update(self: Model[Any, Any], optimizer: Optimizer) -> None:
    for look in tuple(_looks.get(self.id, ())):
        look(self, optimizer)
    _finish_update(self, optimizer)


# For all of Thinc's models: neither a model nor a component in Cython, such as spaCy's parser,
# takes a method of its own.
Model.finish_update = _look_and_finish_update  # type: ignore[method-assign]


def trainable_pipes(nlp: Language) -> list[Any]:
    """The components of a pipeline that have a model to train."""
    return [
        pipe
        for _, pipe in nlp.pipeline
        if getattr(pipe, "is_trainable", False) and isinstance(getattr(pipe, "model", None), Model)
    ]


def watch_updates(model: Model[Any, Any], look: Look) -> Callable[[], None]:
    """Call a function before each update of a component's model, when its gradients are there: to
    look at them, or to change them. Of several, the one that came last is called first.

    RETURNS: what ends that.
    """
    looks = _looks.setdefault(model.id, [])
    looks.insert(0, look)

    def end() -> None:
        looks.remove(look)
        if not looks:
            del _looks[model.id]

    return end
