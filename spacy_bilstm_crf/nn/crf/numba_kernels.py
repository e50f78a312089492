"""Compiled loops for the CPU: the recursions of the CRF, and Adam over rows.

The recursions compute what `recursions` says, one sequence at a time. Inner loops run over tags
side by side, which the compiler turns into vector instructions; padding is skipped.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..compiled import compiled


def forward(emit: Tensor, transitions: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """See `recursions.forward`."""
    alpha, norm = _forward(*_arrays(emit, transitions, lengths))
    return torch.from_numpy(alpha), torch.from_numpy(norm)


def backward(weight: Tensor, transitions: Tensor, lengths: Tensor) -> Tensor:
    """See `recursions.backward`."""
    return torch.from_numpy(_backward(*_arrays(weight, transitions, lengths)))


def viterbi(
    scores: Tensor, start: Tensor, transitions: Tensor, end: Tensor, lengths: Tensor
) -> Tensor:
    """See `recursions.viterbi`."""
    return torch.from_numpy(_viterbi(*_arrays(scores, start, transitions, end, lengths)))


def _arrays(*tensors: Tensor) -> list[NDArray]:
    return [tensor.detach().contiguous().numpy() for tensor in tensors]


@compiled
def _product(row: NDArray, matrix: NDArray, result: NDArray) -> None:
    """`result[:] = row @ matrix`, four rows of the matrix at a time."""
    n, width = matrix.shape
    for j in range(width):
        result[j] = 0
    for i in range(0, n - n % 4, 4):
        r0, r1, r2, r3 = row[i], row[i + 1], row[i + 2], row[i + 3]
        for j in range(width):
            result[j] += (
                r0 * matrix[i, j]
                + r1 * matrix[i + 1, j]
                + r2 * matrix[i + 2, j]
                + r3 * matrix[i + 3, j]
            )
    for i in range(n - n % 4, n):
        for j in range(width):
            result[j] += row[i] * matrix[i, j]


@compiled
def _forward(emit: NDArray, transitions: NDArray, lengths: NDArray) -> tuple[NDArray, NDArray]:
    n_rows, n_steps, n_tags = emit.shape
    alpha, norm = np.zeros_like(emit), np.ones_like(emit[:, :, 0])
    current = np.empty_like(transitions[0])
    for b in range(n_rows):
        for t in range(lengths[b]):
            if t == 0:
                current[:] = emit[b, 0]
            else:
                _product(alpha[b, t - 1], transitions, current)
                for j in range(n_tags):
                    current[j] *= emit[b, t, j]
            total = current.sum()
            norm[b, t] = total
            for j in range(n_tags):
                alpha[b, t, j] = current[j] / total
    return alpha, norm


@compiled
def _backward(weight: NDArray, transitions: NDArray, lengths: NDArray) -> NDArray:
    n_rows, _, n_tags = weight.shape
    beta = np.zeros_like(weight)
    back = np.ascontiguousarray(transitions.T)
    arrive = np.empty_like(transitions[0])
    for b in range(n_rows):
        last = lengths[b] - 1
        beta[b, last] = 1
        for t in range(last, 0, -1):
            for j in range(n_tags):
                arrive[j] = weight[b, t, j] * beta[b, t, j]
            _product(arrive, back, beta[b, t - 1])
    return beta


@compiled
def _viterbi(
    scores: NDArray, start: NDArray, transitions: NDArray, end: NDArray, lengths: NDArray
) -> NDArray:
    n_rows, n_steps, n_tags = scores.shape
    path = np.zeros((n_rows, n_steps), dtype=np.int64)
    into = np.ascontiguousarray(transitions.T)
    best = np.empty_like(scores[0])
    for b in range(n_rows):
        last = lengths[b] - 1
        for j in range(n_tags):
            best[0, j] = start[j] + scores[b, 0, j]
        for t in range(1, last + 1):
            _best_step(best[t - 1], transitions, best[t])
            for j in range(n_tags):
                best[t, j] += scores[b, t, j]
        tag = _argmax(best[last], end)
        path[b, last] = tag
        for t in range(last, 0, -1):
            tag = _argmax(best[t - 1], into[tag])
            path[b, t - 1] = tag
    return path


@compiled
def _best_step(before: NDArray, transitions: NDArray, best: NDArray) -> None:
    """`best[j] = max(before + transitions[:, j])`, four of their rows at a time."""
    n, width = transitions.shape
    for j in range(width):
        best[j] = -np.inf
    for i in range(0, n - n % 4, 4):
        b0, b1, b2, b3 = before[i], before[i + 1], before[i + 2], before[i + 3]
        for j in range(width):
            s0, s1 = b0 + transitions[i, j], b1 + transitions[i + 1, j]
            s2, s3 = b2 + transitions[i + 2, j], b3 + transitions[i + 3, j]
            s0 = s0 if s0 > s1 else s1
            s2 = s2 if s2 > s3 else s3
            s0 = s0 if s0 > s2 else s2
            best[j] = s0 if s0 > best[j] else best[j]
    for i in range(n - n % 4, n):
        for j in range(width):
            score = before[i] + transitions[i, j]
            best[j] = score if score > best[j] else best[j]


@compiled
def _argmax(before: NDArray, transitions: NDArray) -> int:
    """The first place of the greatest of `before + transitions`."""
    place, greatest = 0, before[0] + transitions[0]
    for i in range(1, len(before)):
        if before[i] + transitions[i] > greatest:
            place, greatest = i, before[i] + transitions[i]
    return place


@compiled
def adam_rows(
    weights: NDArray,
    gradient: NDArray,
    mom1: NDArray,
    mom2: NDArray,
    active: NDArray,
    beta1: float,
    beta2: float,
    eps: float,
    rate: float,
) -> None:
    """Adam (Kingma and Ba 2015) on some rows of a table, in place; their gradient is cleared.

    weights, gradient, mom1, mom2: (rows, width). active: ids of the rows. rate: the learning rate,
    corrected for the moments' bias.
    """
    one, decay1, decay2 = (
        weights.dtype.type(1),
        weights.dtype.type(beta1),
        weights.dtype.type(beta2),
    )
    small, step = weights.dtype.type(eps), weights.dtype.type(rate)
    for row in active:
        for j in range(weights.shape[1]):
            g = gradient[row, j]
            m = decay1 * mom1[row, j] + (one - decay1) * g
            v = decay2 * mom2[row, j] + (one - decay2) * g * g
            mom1[row, j] = m
            mom2[row, j] = v
            weights[row, j] -= step * (m / (np.sqrt(v) + small))
            gradient[row, j] = 0
