"""Compiled steps of the LSTM on a CPU, in float32.

What a step computes, with h and c of the step before, * for elementwise products, and sigma for the
logistic function (Hochreiter and Schmidhuber 1997; torch's order of gates, torch.nn.LSTM):

    i, f, g, o = sigma(z_i), sigma(z_f), tanh(z_g), sigma(z_o)    where z = x W_ih + b + h W_hh
    c' = f * c + i * g
    h' = o * tanh(c')

and its gradient, given those for h' and c':

    dc = dc' + dh' * o * (1 - tanh(c')^2)                  dc for the step before: dc * f
    dz_i = dc * g * i (1 - i)      dz_f = dc * c * f (1 - f)
    dz_g = dc * i * (1 - g^2)      dz_o = dh' * tanh(c') * o (1 - o)

sigma(x) is (1 + tanh(x / 2)) / 2, and tanh a quotient p / q of polynomials with an error below
4e-7, that of Eigen (Eigen/src/Core/MathFunctionsImpl.h). Quotients that are multiplied share a
division, the slowest operation here. Inner loops have no branches, so that they become vector
instructions.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ..compiled import compiled

_float = np.float32
_LIMIT = _float(7.90531110763549805)  # beyond it, tanh is 1 in float32
_P1, _P3, _P5, _P7, _P9, _P11, _P13 = (
    _float(4.89352455891786e-03),
    _float(6.37261928875436e-04),
    _float(1.48572235717979e-05),
    _float(5.12229709037114e-08),
    _float(-8.60467152213735e-11),
    _float(2.00018790482477e-13),
    _float(-2.76076847742355e-16),
)
_Q0, _Q2, _Q4, _Q6 = (
    _float(4.89352518554385e-03),
    _float(2.26843463243900e-03),
    _float(1.18534705686654e-04),
    _float(1.19825839466702e-06),
)
_HALF, _ONE = _float(0.5), _float(1.0)


def prepare(tensor: Tensor) -> Any:
    """What the functions of this module take in the place of a tensor."""
    return tensor.detach().numpy()


@compiled
def _clamp(x: Any) -> Any:
    return _LIMIT if x > _LIMIT else (-_LIMIT if x < -_LIMIT else x)


@compiled
def _p(x: Any, square: Any) -> Any:
    p = _P13 * square + _P11
    p = p * square + _P9
    p = p * square + _P7
    p = p * square + _P5
    p = p * square + _P3
    p = p * square + _P1
    return p * x


@compiled
def _q(square: Any) -> Any:
    q = _Q6 * square + _Q4
    q = q * square + _Q2
    return q * square + _Q0


@compiled
def _tanh(x: Any) -> Any:
    x = _clamp(x)
    return _p(x, x * x) / _q(x * x)


@compiled
def _parts(row: NDArray) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """A row's parts for i, f, g and o. Loops over views become vector instructions: an index that
    is computed may be negative, which numba would look at each time."""
    n = len(row) // 4
    return row[:n], row[n : 2 * n], row[2 * n : 3 * n], row[3 * n :]


@compiled
def forward_step(
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
    position: int,
    n: int,
) -> None:
    """See `torch_kernels.forward_step`."""
    width = cells.shape[1]
    has_shared = min(len(shared) - 1, 1)
    for row in range(n):
        inputs = projected[index[position + row]]
        xi, xf, xg, xo = _parts(inputs[base : base + 4 * width])
        yi, yf, yg, yo = _parts(shared[has_shared * row])
        zi, zf, zg, zo = _parts(gates[row])
        cell, state = cells[row], states[row]
        out = output[target[position + row]][column : column + width]
        for j in range(width):
            i = _clamp(_HALF * (xi[j] + yi[j] + zi[j]))
            f = _clamp(_HALF * (xf[j] + yf[j] + zf[j]))
            g = _clamp(xg[j] + yg[j] + zg[j])
            o = _clamp(_HALF * (xo[j] + yo[j] + zo[j]))
            qi, qf, qg, qo = _q(i * i), _q(f * f), _q(g * g), _q(o * o)
            remembered = (qf + _p(f, f * f)) * cell[j] * qi * qg
            new = (qi + _p(i, i * i)) * _p(g, g * g) * qf
            cell[j] = _HALF * (remembered + new) / (qf * qi * qg)
            c = _clamp(cell[j])
            state[j] = _HALF * (qo + _p(o, o * o)) * _p(c, c * c) / (qo * _q(c * c))
            out[j] = state[j]


@compiled
def forward_step_in_training(
    gates: NDArray,
    projected: NDArray,
    index: NDArray,
    cells: NDArray,
    states: NDArray,
    position: int,
    before: int,
    n: int,
) -> None:
    """See `torch_kernels.forward_step_in_training`."""
    nothing = np.zeros(cells.shape[1], dtype=cells.dtype)
    for row in range(n):
        at = position + row
        xi, xf, xg, xo = _parts(projected[index[at]])
        zi, zf, zg, zo = _parts(gates[at])
        cell_before = cells[before + row] if before >= 0 else nothing
        cell, state = cells[at], states[at]
        for j in range(len(cell)):
            zi[j] = _HALF + _HALF * _tanh(_HALF * (xi[j] + zi[j]))
            zf[j] = _HALF + _HALF * _tanh(_HALF * (xf[j] + zf[j]))
            zg[j] = _tanh(xg[j] + zg[j])
            zo[j] = _HALF + _HALF * _tanh(_HALF * (xo[j] + zo[j]))
            cell[j] = zf[j] * cell_before[j] + zi[j] * zg[j]
            state[j] = zo[j] * _tanh(cell[j])


@compiled
def backward_step(
    gates: NDArray,
    cells: NDArray,
    d_states: NDArray,
    d_cells: NDArray,
    d_output: NDArray,
    target: NDArray,
    d_projected: NDArray,
    index: NDArray,
    position: int,
    before: int,
    n: int,
) -> None:
    """See `torch_kernels.backward_step`."""
    nothing = np.zeros(cells.shape[1], dtype=cells.dtype)
    for row in range(n):
        at = position + row
        zi, zf, zg, zo = _parts(gates[at])
        cell_before = cells[before + row] if before >= 0 else nothing
        cell, d_cell, d_state = cells[at], d_cells[row], d_states[row]
        d_out = d_output[target[at]]
        for j in range(len(cell)):
            i, f, g, o = zi[j], zf[j], zg[j], zo[j]
            tanh_cell = _tanh(cell[j])
            d_h = d_state[j] + d_out[j]
            d_c = d_cell[j] + d_h * o * (_ONE - tanh_cell * tanh_cell)
            d_cell[j] = d_c * f
            zi[j] = d_c * g * i * (_ONE - i)
            zf[j] = d_c * cell_before[j] * f * (_ONE - f)
            zg[j] = d_c * i * (_ONE - g * g)
            zo[j] = d_h * tanh_cell * o * (_ONE - o)
        d_inputs, d_gates = d_projected[index[at]], gates[at]
        for j in range(len(d_gates)):
            d_inputs[j] += d_gates[j]


def warm_up() -> None:
    """Load what prediction needs, by a step over one token."""
    row, unit = np.zeros((1, 4), dtype=np.float32), np.zeros((1, 1), dtype=np.float32)
    first, output = np.zeros(1, dtype=np.int64), np.zeros((2, 1), dtype=np.float32)
    forward_step(row, row, row, 0, first, unit, unit.copy(), output, first, 0, 0, 1)
