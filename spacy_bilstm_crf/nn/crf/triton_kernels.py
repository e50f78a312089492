"""Triton kernels for a GPU: each recursion of the CRF is one launch, one program per sequence.

They compute what `recursions` says. A program keeps the tag pairs in its registers, so that a step
costs no traffic but its own scores, and nothing waits for the host. With TRITON_INTERPRET=1 in the
environment they run on a CPU, slowly, for tests.
"""

from __future__ import annotations

from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor

# The tag pairs of more tags do not fit into the registers of a program.
MAX_TAGS = 128


def forward(emit: Tensor, transitions: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """See `recursions.forward`."""
    emit, transitions, lengths = _prepare(emit, transitions, lengths)
    alpha, norm = torch.zeros_like(emit), torch.ones_like(emit[:, :, 0])
    _launch(_forward, emit, transitions, lengths, alpha, norm)
    return alpha, norm


def backward(weight: Tensor, transitions: Tensor, lengths: Tensor) -> Tensor:
    """See `recursions.backward`."""
    weight, transitions, lengths = _prepare(weight, transitions, lengths)
    beta = torch.zeros_like(weight)
    _launch(_backward, weight, transitions, lengths, beta)
    return beta


def viterbi(
    scores: Tensor, start: Tensor, transitions: Tensor, end: Tensor, lengths: Tensor
) -> Tensor:
    """See `recursions.viterbi`."""
    scores, start, transitions, end, lengths = _prepare(scores, start, transitions, end, lengths)
    path = torch.zeros(scores.shape[:2], dtype=torch.int64, device=scores.device)
    came_from = torch.empty(scores.shape, dtype=torch.int32, device=scores.device)
    _launch(_viterbi, scores, start, transitions, end, lengths, came_from, path)
    return path


def _prepare(scores: Tensor, *others: Tensor) -> list[Tensor]:
    return [tensor.detach().contiguous().to(scores.device) for tensor in (scores, *others)]


def _launch(kernel: Any, scores: Tensor, *others: Tensor) -> None:
    n_rows, n_steps, n_tags = scores.shape
    width = triton.next_power_of_2(n_tags)
    warps = max(1, min(8, width * width // 512))
    kernel[(n_rows,)](scores, *others, n_steps, n_tags, WIDTH=width, num_warps=warps)


@triton.jit
def _load_pairs(matrix, tags, n_tags, other):  # type: ignore[no-untyped-def]
    real = tags < n_tags
    pairs = tags[:, None] * n_tags + tags[None, :]
    return tl.load(matrix + pairs, mask=real[:, None] & real[None, :], other=other)


@triton.jit
def _forward(  # type: ignore[no-untyped-def]
    emit,
    transitions,
    lengths,
    alpha,
    norm,
    n_steps,
    n_tags,
    WIDTH: tl.constexpr,
):
    row = tl.program_id(0).to(tl.int64)
    tags = tl.arange(0, WIDTH)
    real = tags < n_tags
    weights = _load_pairs(transitions, tags, n_tags, 0.0)
    length = tl.load(lengths + row)
    at = row * n_steps
    current = tl.load(emit + at * n_tags + tags, mask=real, other=0.0)
    for t in range(0, length):
        if t > 0:
            here = tl.load(emit + (at + t) * n_tags + tags, mask=real, other=0.0)
            current = tl.sum(current[:, None] * weights, axis=0) * here
        total = tl.sum(current, axis=0)
        current = current / total
        tl.store(alpha + (at + t) * n_tags + tags, current, mask=real)
        tl.store(norm + at + t, total)


@triton.jit
def _backward(  # type: ignore[no-untyped-def]
    weight, transitions, lengths, beta, n_steps, n_tags, WIDTH: tl.constexpr
):
    row = tl.program_id(0).to(tl.int64)
    tags = tl.arange(0, WIDTH)
    real = tags < n_tags
    weights = _load_pairs(transitions, tags, n_tags, 0.0)
    length = tl.load(lengths + row)
    at = row * n_steps
    # Made of the weights, so that the loop's value keeps their type.
    current = tl.sum(weights * 0.0, axis=1) + 1.0
    for back in range(0, length):
        t = length - 1 - back
        tl.store(beta + (at + t) * n_tags + tags, current, mask=real)
        here = tl.load(weight + (at + t) * n_tags + tags, mask=real, other=0.0)
        current = tl.sum((here * current)[None, :] * weights, axis=1)


@triton.jit
def _viterbi(  # type: ignore[no-untyped-def]
    scores,
    start,
    transitions,
    end,
    lengths,
    came_from,
    path,
    n_steps,
    n_tags,
    WIDTH: tl.constexpr,
):
    row = tl.program_id(0).to(tl.int64)
    tags = tl.arange(0, WIDTH)
    real = tags < n_tags
    lowest = float("-inf")
    gains = _load_pairs(transitions, tags, n_tags, lowest)
    length = tl.load(lengths + row)
    at = row * n_steps
    best = tl.load(scores + at * n_tags + tags, mask=real, other=lowest)
    best += tl.load(start + tags, mask=real, other=lowest)
    for t in range(1, length):
        best, origin = tl.max(best[:, None] + gains, axis=0, return_indices=True)
        best += tl.load(scores + (at + t) * n_tags + tags, mask=real, other=lowest)
        tl.store(came_from + (at + t) * n_tags + tags, origin, mask=real)
    best += tl.load(end + tags, mask=real, other=lowest)
    tag = tl.argmax(best, axis=0)
    tl.store(path + at + length - 1, tag.to(tl.int64))
    tl.debug_barrier()  # the trace reads what other threads of the program wrote
    for back in range(1, length):
        t = length - back
        tag = tl.load(came_from + (at + t) * n_tags + tag)
        tl.store(path + at + t - 1, tag.to(tl.int64))
