"""Arrays of NumPy and CuPy as tensors."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.dlpack import from_dlpack


def to_torch(array: Any, device: torch.device | None = None, requires_grad: bool = False) -> Tensor:
    """An array of NumPy or CuPy as a tensor, in the same memory.

    Thinc's `xp2torch` copies to the GPU, where one is in use, also what stays on the CPU there,
    such as half of spaCy's `ner`; and CuPy warns of how it is asked.

    device: where the tensor is to be; by default where the array is. On another, it is a copy.
    """
    tensor = torch.from_numpy(array) if isinstance(array, np.ndarray) else from_dlpack(array)
    if device is not None:
        tensor = tensor.to(device)
    return tensor.requires_grad_() if requires_grad else tensor
