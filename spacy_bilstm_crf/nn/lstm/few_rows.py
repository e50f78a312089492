"""Compiled runs of an LSTM's steps over a few rows, on a CPU and in float32: the calls of a step
would take longer than its product. Steps are those of `numba_kernels`, where most arguments are
explained; a run begins at step `start`, whose first position is `position`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..compiled import compiled_sums
from .numba_kernels import backward_step, forward_step, forward_step_in_training

_ZERO = np.float32(0.0)


@compiled_sums
def _multiply(matrix: NDArray, row: NDArray, result: NDArray) -> None:
    """`result[:] = matrix @ row`, four rows of the matrix at a time."""
    for i in range(0, len(matrix), 4):
        m0, m1, m2, m3 = matrix[i], matrix[i + 1], matrix[i + 2], matrix[i + 3]
        a, b, c, d = _ZERO, _ZERO, _ZERO, _ZERO
        for j in range(len(row)):
            a += m0[j] * row[j]
            b += m1[j] * row[j]
            c += m2[j] * row[j]
            d += m3[j] * row[j]
        result[i], result[i + 1], result[i + 2], result[i + 3] = a, b, c, d


@compiled_sums
def _multiply_back(row: NDArray, matrix: NDArray, result: NDArray) -> None:
    """`result[:] = row @ matrix`, four rows of the matrix at a time."""
    result[:] = _ZERO
    for i in range(0, len(matrix), 4):
        m0, m1, m2, m3 = matrix[i], matrix[i + 1], matrix[i + 2], matrix[i + 3]
        a, b, c, d = row[i], row[i + 1], row[i + 2], row[i + 3]
        for j in range(len(result)):
            result[j] += (a * m0[j] + b * m1[j]) + (c * m2[j] + d * m3[j])


@compiled_sums
def predict(
    weight: NDArray,
    gates: NDArray,
    shared: NDArray,
    projected: NDArray,
    base: int,
    index: NDArray,
    cells: NDArray,
    states: NDArray,
    output: NDArray,
    target: NDArray,
    column: int,
    n_rows: NDArray,
    start: int,
    position: int,
) -> None:
    """The steps of prediction from `start` to the last.

    weight: (4H, H) the recurrent weights. n_rows: (steps,) how many rows each step has.
    """
    for t in range(start, len(n_rows)):
        for row in range(n_rows[t]):
            if t > 0:
                _multiply(weight, states[row], gates[row])
        forward_step(
            gates,
            shared,
            projected,
            base,
            index,
            cells,
            states,
            output,
            target,
            column,
            position,
            n_rows[t],
        )
        position += n_rows[t]


@compiled_sums
def learn(
    weight: NDArray,
    gates: NDArray,
    projected: NDArray,
    index: NDArray,
    cells: NDArray,
    states: NDArray,
    n_rows: NDArray,
    start: int,
    position: int,
) -> None:
    """The steps of training from `start` to the last."""
    for t in range(start, len(n_rows)):
        before = position - n_rows[t - 1] if t > 0 else -1
        for row in range(n_rows[t]):
            if t > 0:
                _multiply(weight, states[before + row], gates[position + row])
        forward_step_in_training(
            gates, projected, index, cells, states, position, before, n_rows[t]
        )
        position += n_rows[t]


@compiled_sums
def learn_back(
    weight: NDArray,
    gates: NDArray,
    cells: NDArray,
    d_states: NDArray,
    d_cells: NDArray,
    d_output: NDArray,
    target: NDArray,
    d_projected: NDArray,
    index: NDArray,
    n_rows: NDArray,
    start: int,
) -> None:
    """The way back from the last step to `start`."""
    position = len(gates)
    for t in range(len(n_rows) - 1, start - 1, -1):
        position -= n_rows[t]
        before = position - n_rows[t - 1] if t > 0 else -1
        backward_step(
            gates,
            cells,
            d_states,
            d_cells,
            d_output,
            target,
            d_projected,
            index,
            position,
            before,
            n_rows[t],
        )
        for row in range(n_rows[t]):
            _multiply_back(gates[position + row], weight, d_states[row])


def warm_up() -> None:
    """Load what prediction needs, by a step over one token."""
    row, unit = np.zeros((1, 4), dtype=np.float32), np.zeros((1, 1), dtype=np.float32)
    first, output = np.zeros(1, dtype=np.int64), np.zeros((2, 1), dtype=np.float32)
    predict(
        np.zeros((4, 1), dtype=np.float32),
        row,
        row,
        row,
        0,
        first,
        unit,
        unit.copy(),
        output,
        first,
        0,
        np.ones(1, dtype=np.int64),
        0,
        0,
    )
