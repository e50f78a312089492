"""How much stretches of docs count in training: what is probably wrong teaches less."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc
from spacy.training import Example

from ..batching.chunks import WEIGHTS
from .alignment import is_same


def token_weights(
    examples: Sequence[Example], key: str, *, name: str
) -> NDArray[np.float32] | None:
    """The weights of the predicted docs' tokens, doc after doc, from the stretches of
    `reference.spans[key]` and their `attrs["weights"]`.

    A token has the weight of the stretch that it is in, of the later one where two overlap, and 1
    where it is in none. One that aligns with several tokens of the reference has their mean,
    and one that aligns with none has 1.

    name: the component's name, for errors.
    RETURNS: (tokens,); None if no reference has such stretches.
    RAISES: ValueError if a doc has not one number for each stretch, or one that is negative or not
        finite.
    """
    if not any(key in eg.reference.spans for eg in examples):
        return None
    weights = []
    for eg in examples:
        own = _reference_weights(eg.reference, key, name)
        if not is_same(eg):
            aligned = eg.alignment.x2y
            own = np.array(
                [own[aligned[i]].mean() if n else 1.0 for i, n in enumerate(aligned.lengths)]
            )
        weights.append(own)
    return np.concatenate(weights).astype(np.float32)


def _reference_weights(doc: Doc, key: str, name: str) -> NDArray[np.float64]:
    result = np.ones(len(doc))
    group = doc.spans.get(key, ())
    if not group:
        return result
    given = group.attrs.get(WEIGHTS)
    try:
        weights = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        weights = np.full(len(group), np.nan)
    if weights.shape != (len(group),) or not ((weights >= 0) & np.isfinite(weights)).all():
        raise ValueError(
            f"'{name}' has weights_key = {key!r}, and in the doc {doc.text.strip()[:40]!r} "
            f"doc.spans[{key!r}].attrs[{WEIGHTS!r}] is {given!r:.80}: it must have a number of at "
            f"least 0 for each of the {len(group)} spans."
        )
    for span, weight in zip(group, weights):
        result[span.start : span.end] = weight
    return result
