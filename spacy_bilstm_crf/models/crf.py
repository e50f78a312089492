"""The CRF as a Thinc layer: from the scores of tags to a distribution over tag sequences."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from thinc.api import Model
from thinc.types import Floats2d

from ..torch_bridge.arrays import to_torch
from ..torch_bridge.torch_layer import install, module_of, replace, torch_layer
from .biluo_crf import BILUOCRF, Decoder
from .tag_distribution import Gradient, TagDistribution

Inputs = tuple[Floats2d, NDArray[np.int64], NDArray[np.int64]]
"""(tokens, tags) emissions, the lengths of sequences, and the lengths of docs."""


def CRF(decoder: Decoder = "crf") -> Model[Inputs, TagDistribution]:
    """A linear-chain CRF over BILUO tags. Its dimension nO, the number of tags, is set before
    initialization. On the way back it takes the `Gradient` of a distribution, adds that of the
    transitions to its own, and gives that of the emissions.

    decoder: see `BILUOCRF`.
    """
    build = partial(BILUOCRF, decoder=decoder)
    return torch_layer(
        "crf", build, forward=_forward, init=partial(_init, build), dims={"nO": None}
    )


def _forward(
    model: Model[Any, Any], inputs: Inputs, is_train: bool
) -> tuple[TagDistribution, Callable[[Gradient], Floats2d]]:
    emissions, lengths, doc_lengths = inputs
    module = module_of(model)
    device = model.shims[0].device  # type: ignore[attr-defined]
    scores = to_torch(emissions, device)

    def backprop(gradient: Gradient) -> Floats2d:
        for parameter, found in zip(module.parameters(), gradient.parameters):
            if found is not None:
                parameter.grad = found if parameter.grad is None else parameter.grad + found
        return gradient.emissions

    return TagDistribution(module, scores, lengths, doc_lengths), backprop


def _init(build: partial[BILUOCRF], model: Model[Any, Any], X: Any = None, Y: Any = None) -> None:
    install(model, build(num_tags=model.get_dim("nO")))


def grow_crf(crf: Model[Any, Any], n_tags: int) -> None:
    """Give an initialized CRF more tags; the scores of those that it has stay as they are."""
    old = module_of(crf)
    new = BILUOCRF(**{**old.settings, "num_tags": n_tags})
    for name, parameter in new.named_parameters():
        known = old.get_parameter(name).data
        parameter.data[tuple(slice(size) for size in known.shape)] = known.to(parameter.device)
    crf.set_dim("nO", n_tags, force=True)
    replace(crf, new)
