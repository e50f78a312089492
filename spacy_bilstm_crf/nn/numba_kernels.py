"""Compiled loops for the CPU: the recursions of the CRF, and Adam over rows.

The recursions compute what `recursions` says, on numpy arrays, one sequence at a time. Inner loops
run over tags side by side, which the compiler turns into vector instructions; padding is skipped.
"""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray


def _compile(function: Callable[..., Any]) -> Callable[..., Any]:
    try:
        return numba.njit(function, cache=True, nogil=True, error_model="numpy")
    except RuntimeError:  # neither this folder nor the user's cache can be written
        return numba.njit(function, nogil=True, error_model="numpy")


@_compile
def forward(emit: NDArray, step: NDArray, lengths: NDArray) -> tuple[NDArray, NDArray]:
    """See `recursions.forward`."""
    n_rows, n_steps, n_tags = emit.shape
    alpha, norm = np.zeros_like(emit), np.ones_like(emit[:, :, 0])
    current = np.empty_like(step[0])
    for b in range(n_rows):
        for t in range(lengths[b]):
            if t == 0:
                for j in range(n_tags):
                    current[j] = emit[b, 0, j]
            else:
                for j in range(n_tags):
                    current[j] = 0
                for i in range(n_tags):
                    before = alpha[b, t - 1, i]
                    for j in range(n_tags):
                        current[j] += before * step[i, j]
                for j in range(n_tags):
                    current[j] *= emit[b, t, j]
            total = current.sum()
            norm[b, t] = total
            for j in range(n_tags):
                alpha[b, t, j] = current[j] / total
    return alpha, norm


@_compile
def backward(weight: NDArray, step: NDArray, lengths: NDArray) -> NDArray:
    """See `recursions.backward`."""
    n_rows, _, n_tags = weight.shape
    beta = np.zeros_like(weight)
    back = np.ascontiguousarray(step.T)
    current = np.empty_like(step[0])
    for b in range(n_rows):
        last = lengths[b] - 1
        beta[b, last] = 1
        for t in range(last, 0, -1):
            for i in range(n_tags):
                current[i] = 0
            for j in range(n_tags):
                arrive = weight[b, t, j] * beta[b, t, j]
                for i in range(n_tags):
                    current[i] += arrive * back[j, i]
            for i in range(n_tags):
                beta[b, t - 1, i] = current[i]
    return beta


@_compile
def viterbi(
    scores: NDArray, start: NDArray, steps: NDArray, end: NDArray, lengths: NDArray
) -> NDArray:
    """See `recursions.viterbi`."""
    n_rows, n_steps, n_tags = scores.shape
    path = np.zeros((n_rows, n_steps), dtype=np.int64)
    into = np.ascontiguousarray(steps.T)
    best = np.empty_like(scores[0])
    for b in range(n_rows):
        last = lengths[b] - 1
        for j in range(n_tags):
            best[0, j] = start[j] + scores[b, 0, j]
        for t in range(1, last + 1):
            for j in range(n_tags):
                best[t, j] = best[t - 1, 0] + steps[0, j]
            for i in range(1, n_tags):
                before = best[t - 1, i]
                for j in range(n_tags):
                    score = before + steps[i, j]
                    best[t, j] = score if score > best[t, j] else best[t, j]
            for j in range(n_tags):
                best[t, j] += scores[b, t, j]
        tag = np.argmax(best[last] + end)
        path[b, last] = tag
        for t in range(last, 0, -1):
            tag = np.argmax(best[t - 1] + into[tag])
            path[b, t - 1] = tag
    return path


@_compile
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
