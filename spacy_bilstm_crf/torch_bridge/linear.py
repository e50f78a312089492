"""Thinc's linear layer, multiplied by torch."""

from collections.abc import Callable
from typing import Any

from thinc.api import Model, torch2xp
from thinc.types import Floats2d

from .arrays import to_torch


def forward_linear(
    layer: Model[Any, Any], X: Floats2d, is_train: bool
) -> tuple[Floats2d, Callable[[Floats2d], Floats2d]]:
    """Run a `thinc.api.Linear`. Its own product takes several times as long as torch's where the
    output is as narrow as a few tags.

    X: (rows, nI). RETURNS: (rows, nO), and the function that adds to the layer's gradients and
        gives that of X.
    """
    inputs = to_torch(X)
    weights, bias = (to_torch(layer.get_param(name)) for name in ("W", "b"))

    def backprop(dY: Floats2d) -> Floats2d:
        gradient = to_torch(dY)
        layer.inc_grad("W", torch2xp(gradient.t() @ inputs))  # type: ignore[arg-type]
        layer.inc_grad("b", torch2xp(gradient.sum(dim=0)))  # type: ignore[arg-type]
        return torch2xp(gradient @ weights)  # type: ignore[return-value]

    outputs: Any = torch2xp(inputs @ weights.t() + bias)
    return outputs, backprop
