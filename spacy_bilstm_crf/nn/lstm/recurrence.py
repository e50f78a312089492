"""The recurrence of an LSTM in one direction, over sequences of any lengths, without padding.

All sequences take a step at once: one matrix product, and one function of the gates. They are
sorted by falling length, so that those which have not ended are the first rows. What comes from the
inputs has been multiplied before, once for all inputs that are alike.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from operator import neg
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from .. import compiled
from . import torch_kernels

# Rows whose products are multiplied out in the compiled loop: calls would cost more.
_FEW = 2


class Steps(NamedTuple):
    """The order in which an LSTM reads tokens in one direction: the first tokens of all rows (a
    sequence, or a window of one), then the second ones, and so on. A position is a place in it.

    n_rows: how many rows each step has; rows are sorted by falling length.
    token: (positions,) the token at each position.
    target: (positions,) the token that it gives the state of: the same, or n_tokens, which is none,
        where a window only has context.
    """

    n_rows: list[int]
    token: Tensor
    target: Tensor


def _kernels(tensor: Tensor) -> ModuleType:
    if tensor.dtype == torch.float32 and compiled.has_numba():
        return _numba_kernels()
    return torch_kernels


@lru_cache
def _numba_kernels() -> ModuleType:
    from . import numba_kernels

    return numba_kernels


@lru_cache
def _few_rows() -> ModuleType:
    from . import few_rows

    return few_rows


def predict_states(
    projected: Tensor,
    base: int,
    index: Tensor,
    shared: Tensor | None,
    weight: Tensor,
    steps: Steps,
    output: Tensor,
    column: int,
) -> None:
    """Write the states of an LSTM, without a gradient.

    projected: (R, ...) products of inputs and the input weights, with the biases, in 4H columns
        from `base` on.
    index: (positions,) which of them each position has.
    shared: (rows, 4H) what a row's positions have in common, to be added; None for nothing.
    weight: (4H, H) the recurrent weights, `weight_hh_l0` of nn.LSTM.
    output: (tokens + 1, width) gets the states, from `column` on; its last row has no meaning.
    """
    kernels = _kernels(projected)
    n_rows, width = steps.n_rows[0], weight.shape[1]
    gates = projected.new_zeros(n_rows, 4 * width)
    if shared is None:
        shared = projected.new_zeros(1, 4 * width)
    cells, states = projected.new_zeros(n_rows, width), projected.new_empty(n_rows, width)
    own, common, inputs, order, c, h, out, target = (
        kernels.prepare(t)
        for t in (gates, shared, projected, index, cells, states, output, steps.target)
    )
    arguments = (own, common, inputs, base, order, c, h, out, target, column)
    start = _first_of_few(steps, kernels)
    into_gates = _transposed(weight, start)
    position = 0
    for t, rows in enumerate(steps.n_rows[:start]):
        if t > 0:
            torch.mm(states[:rows], into_gates, out=gates[:rows])
        kernels.forward_step(*arguments, position, rows)
        position += rows
    if start < len(steps.n_rows):
        _few_rows().predict(
            kernels.prepare(weight), *arguments, np.array(steps.n_rows), start, position
        )


def _first_of_few(steps: Steps, kernels: ModuleType) -> int:
    """The step from which on there are so few rows that their products are multiplied out in a
    compiled loop; the number of steps, if there is none or no such loop."""
    if kernels is torch_kernels:
        return len(steps.n_rows)
    return bisect_left(steps.n_rows, -_FEW, key=neg)


def _transposed(weight: Tensor, n_steps: int) -> Tensor:
    # A product of few rows is faster with a matrix that lies as it is read: worth a copy soon.
    return weight.t().contiguous() if n_steps > 8 else weight.t()


def learn_states(projected: Tensor, index: Tensor, weight: Tensor, steps: Steps, n: int) -> Tensor:
    """The states of an LSTM, with a gradient. Arguments as for `predict_states`.

    n: the number of tokens. RETURNS: (n, H).
    """
    states = _Recurrence.apply(projected, index, weight, steps, n)
    assert isinstance(states, Tensor)
    return states


class _Recurrence(torch.autograd.Function):
    """States with a gradient: backpropagation through time (Werbos 1990). The gradient of the
    weights is one product over all steps."""

    @staticmethod
    def forward(  # type: ignore[override]
        ctx: Any,
        projected: Tensor,
        index: Tensor,
        weight: Tensor,
        steps: Steps,
        n: int,
    ) -> Tensor:
        kernels = _kernels(projected)
        n_positions, width = len(steps.token), weight.shape[1]
        gates = projected.new_empty(n_positions, 4 * width)
        gates[: steps.n_rows[0]] = 0.0
        cells, states = (projected.new_empty(n_positions, width) for _ in range(2))
        arguments = [kernels.prepare(t) for t in (gates, projected, index, cells, states)]
        start = _first_of_few(steps, kernels)
        into_gates = _transposed(weight, start)
        position, before = 0, -1
        for rows in steps.n_rows[:start]:
            here = slice(position, position + rows)
            if before >= 0:
                torch.mm(states[before : before + rows], into_gates, out=gates[here])
            kernels.forward_step_in_training(*arguments, position, before, rows)
            before, position = position, position + rows
        if start < len(steps.n_rows):
            counts = np.array(steps.n_rows)
            _few_rows().learn(kernels.prepare(weight), *arguments, counts, start, position)
        output = projected.new_empty(n + 1, width)
        output[steps.target] = states
        ctx.save_for_backward(index, weight, gates, cells, states)
        ctx.steps, ctx.n_projected = steps, len(projected)
        return output[:n]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_output: Tensor) -> Any:  # type: ignore[override]
        index, weight, gates, cells, states = ctx.saved_tensors
        steps: Steps = ctx.steps
        kernels = _kernels(d_output)
        width = weight.shape[1]
        d_gates = gates.clone()
        d_states, d_cells = (d_output.new_zeros(steps.n_rows[0], width) for _ in range(2))
        d_projected = d_output.new_zeros(ctx.n_projected, 4 * width)
        # What context only gives has no gradient.
        d_output = torch.cat([d_output, d_output.new_zeros(1, width)])
        arguments = [
            kernels.prepare(t)
            for t in (d_gates, cells, d_states, d_cells, d_output, steps.target, d_projected, index)
        ]
        start = _first_of_few(steps, kernels)
        if start < len(steps.n_rows):
            counts = np.array(steps.n_rows)
            _few_rows().learn_back(kernels.prepare(weight), *arguments, counts, start)
        position = sum(steps.n_rows[:start])
        for t in range(start - 1, -1, -1):
            rows = steps.n_rows[t]
            position -= rows
            before = position - steps.n_rows[t - 1] if t > 0 else -1
            kernels.backward_step(*arguments, position, before, rows)
            torch.mm(d_gates[position : position + rows], weight, out=d_states[:rows])
        first = steps.n_rows[0]
        d_weight = d_gates[first:].t() @ states.index_select(0, _before(steps))
        return d_projected, None, d_weight, None, None


def _before(steps: Steps) -> Tensor:
    """The position before each, in its row, of those that have one."""
    n_rows = torch.tensor(steps.n_rows, device=steps.token.device)
    return torch.arange(steps.n_rows[0], len(steps.token), device=steps.token.device) - (
        n_rows[:-1].repeat_interleave(n_rows[1:])
    )
