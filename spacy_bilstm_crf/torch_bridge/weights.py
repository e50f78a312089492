"""The weights of a model by name, with their gradients."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from thinc.api import Model, PyTorchShim
from torch import Tensor

from .arrays import to_torch


class Weight(NamedTuple):
    """A tensor of weights, and its gradient, None if it got none."""

    name: str
    value: Tensor
    gradient: Tensor | None


def weights_of(model: Model[Any, Any]) -> Iterator[Weight]:
    """The weights of all layers, PyTorch's and Thinc's, as tensors that share their memory, also
    those that are not trained. A layer that stands in several places comes once; layers of one name
    are numbered."""
    met: Counter[str] = Counter()
    for node in model.walk():
        met[node.name] += 1
        layer = node.name if met[node.name] == 1 else f"{node.name}-{met[node.name]}"
        for shim in node.shims:
            if isinstance(shim, PyTorchShim):
                for name, weight in shim._model.named_parameters():
                    yield Weight(f"{layer}/{name}", weight.detach(), weight.grad)
        for name in node.param_names:
            if node.has_param(name):
                gradient = to_torch(node.get_grad(name)) if node.has_grad(name) else None
                yield Weight(f"{layer}/{name}", to_torch(node.get_param(name)), gradient)


def norms(tensors: list[Tensor]) -> Tensor:
    """The Euclidean norm of each. RETURNS: (tensors,), on the device of the first."""
    if not tensors:
        return torch.zeros(0)
    device = tensors[0].device
    return torch.stack([norm.to(device) for norm in torch._foreach_norm(tensors)])
