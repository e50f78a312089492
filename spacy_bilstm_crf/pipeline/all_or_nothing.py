"""Loading a component as a whole, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..tags import n_tags


@contextmanager
def all_or_nothing(pipe: Any, source: str) -> Iterator[None]:
    """Load a component within this: if that fails, the component is as it was.

    The labels are in `cfg`, which has no checksum, and, when it is saved, in the model's attrs,
    which have one: a label that was damaged is not taken for another one.

    pipe: with `cfg`, `labels`, `model` and `name`.
    source: where it is loaded from, for the error.
    RAISES: ValueError if the data is damaged or belongs to another model.
    """
    cfg = dict(pipe.cfg)
    pipe.model.attrs.pop("labels", None)
    model = pipe.model.to_bytes() if pipe.model.has_dim("nO") else None
    try:
        yield
        n_labels, size = len(pipe.labels), pipe.model.maybe_get_dim("nO")
        if size is not None and size != n_tags(n_labels):
            raise ValueError(
                f"{n_labels} labels ({n_tags(n_labels)} tags) do not fit a model of {size} tags"
            )
        labels, saved = list(pipe.labels), pipe.model.attrs.get("labels")
        if saved is not None and saved != labels:
            raise ValueError(f"the labels are {labels}, and the model was saved with {saved}")
    except Exception as error:
        pipe.cfg.update(cfg)
        if model is not None:
            pipe.model.from_bytes(model)
        if isinstance(error, OSError):
            raise
        raise ValueError(
            f"Can't load '{pipe.name}' from {source}: the data is damaged or cut short, or belongs "
            f"to a model of another config ({type(error).__name__}: {error}). Copy or train the "
            "pipeline again."
        ) from error
