"""Dispatches the recursions to the kernels that this machine can run."""

from __future__ import annotations

import importlib.util
import warnings
from functools import lru_cache
from types import ModuleType

import torch

from ..compiled import has_numba
from . import torch_kernels


@lru_cache
def kernels() -> ModuleType | None:
    """The module `numba_kernels`, None without numba (the extra `numba`). Importing numba takes
    half a second: only who runs a CRF pays for it."""
    if not has_numba():
        return None
    from . import numba_kernels

    return numba_kernels


@lru_cache
def gpu_kernels(device: torch.device) -> ModuleType | None:
    """The module `triton_kernels`, None without Triton, or if it does not give on this device what
    torch gives. Tried out once a process, on a small batch."""
    if importlib.util.find_spec("triton") is None:
        return None
    try:
        from . import triton_kernels

        check(triton_kernels, device)
    except Exception as error:  # whatever a compiler, a driver or a GPU comes up with
        message = str(error).strip().splitlines() or [""]
        warnings.warn(
            "Triton does not run the CRF on this GPU as it should; torch runs it, more slowly. "
            f"{type(error).__name__}: {message[0]}",
            stacklevel=2,
        )
        return None
    return triton_kernels


def check(module: ModuleType, device: torch.device) -> None:
    """Compare a module's kernels with those of torch on random scores.

    RAISES: AssertionError if they differ.
    """
    chance = torch.Generator().manual_seed(0)
    n_tags = 5

    def draw(*shape: int) -> torch.Tensor:
        return torch.rand(shape, generator=chance).to(device)

    lengths = torch.tensor([7, 1, 4], device=device)
    emit, transitions = draw(3, 7, n_tags), draw(n_tags, n_tags)
    scores = (emit, draw(n_tags), transitions, draw(n_tags), lengths)
    for name, arguments in [
        ("forward", (emit, transitions, lengths)),
        ("backward", (emit, transitions, lengths)),
        ("viterbi", scores),
    ]:
        found = getattr(module, name)(*arguments)
        expected = getattr(torch_kernels, name)(*arguments)
        torch.testing.assert_close(found, expected)
