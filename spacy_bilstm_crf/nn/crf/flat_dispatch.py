"""Dispatches decoding to the compiled loops without padding, where they can run."""

from __future__ import annotations

from types import ModuleType

import torch
from torch import Tensor

from ..compiled import has_numba


def flat_kernels(emissions: Tensor) -> ModuleType | None:
    """The module `flat_kernels`, None where the emissions are not on a CPU, or not in float32, or
    there is no numba."""
    is_plain = emissions.device.type == "cpu" and emissions.dtype == torch.float32
    if not is_plain or not has_numba():
        return None
    from . import flat_kernels

    return flat_kernels
