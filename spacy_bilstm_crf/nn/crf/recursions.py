"""The recursions over steps of a linear-chain CRF: forward, backward and Viterbi.

Everything that is not a recursion is one operation over all steps, and stands in `chain` and
`lattice`. Here a step needs the one before it. The loops are compiled: on a CPU by numba, if it is
there (the extra `numba`), on a GPU by Triton, which comes with torch for CUDA. Otherwise each step
is some operations of torch. All three have the functions that stand here.

Sizes: B sequences, T steps, K tags, batch-first. lengths: (B,) int64 on any device, at least 1.
"""

from __future__ import annotations

from types import ModuleType

import torch
from torch import Tensor

from . import kernel_dispatch, torch_kernels


def forward(emit: Tensor, transitions: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """The scaled forward recursion (Rabiner 1989, section V.A).

    emit: (B, T, K) weights of tags, not negative. transitions: (K, K) weights of tag pairs.
    RETURNS: alpha, (B, T, K), the weights of all ways into each tag, of sum 1 in each step, 0 in
        the padding; and norm, (B, T), the sums before, 1 in the padding.
    """
    result: tuple[Tensor, Tensor] = _kernels(emit).forward(emit, transitions, lengths)
    return result


def backward(weight: Tensor, transitions: Tensor, lengths: Tensor) -> Tensor:
    """The scaled backward recursion.

    weight: (B, T, K) `emit / norm` of the forward recursion. transitions: as there.
    RETURNS: beta, (B, T, K), 1 in the last step and 0 in the padding: `alpha * beta` is the
        probability of each tag.
    """
    result: Tensor = _kernels(weight).backward(weight, transitions, lengths)
    return result


def viterbi(
    scores: Tensor, start: Tensor, transitions: Tensor, end: Tensor, lengths: Tensor
) -> Tensor:
    """The best tag sequence of each row.

    scores: (B, T, K). start, transitions, end: (K,), (K, K), (K,) scores, -inf if forbidden.
    RETURNS: (B, T) tag ids, 0 in the padding.
    """
    result: Tensor = _kernels(scores).viterbi(scores, start, transitions, end, lengths)
    return result


def _kernels(scores: Tensor) -> ModuleType:
    found = None
    if scores.dtype in (torch.float32, torch.float64):
        if scores.device.type == "cpu":
            found = kernel_dispatch.kernels()
        elif scores.device.type == "cuda":
            found = kernel_dispatch.gpu_kernels(scores.device)
            if found and scores.shape[2] > found.MAX_TAGS:
                found = None
    return found or torch_kernels
