"""Steps of the LSTM as some operations of torch each: without numba, and in other precisions.

Positions are counted as in `Steps`: those of a step follow one another. In prediction, what is kept
of a step is only what the next one needs, a row a sequence; in training, all of it, a row a
position. Sizes: P positions, R rows of the projected inputs, H units.
"""

from __future__ import annotations

import torch
from torch import Tensor


def prepare(tensor: Tensor) -> Tensor:
    """What the functions of this module take in the place of a tensor."""
    return tensor.detach()


def forward_step(
    gates: Tensor,
    shared: Tensor,
    projected: Tensor,
    base: int,
    index: Tensor,
    cells: Tensor,
    states: Tensor,
    output: Tensor,
    target: Tensor,
    column: int,
    position: int,
    n: int,
) -> None:
    """A step of prediction.

    gates: (rows, 4H) what comes from the states of the step before.
    shared: (rows, 4H) what a row's positions have in common, or (1, 4H) if all rows have the same.
    projected: (R, ...) what comes from the inputs, in 4H columns from `base` on.
    index: (P,) which row each position has.
    cells, states: (rows, H) of the step before; get those of this one.
    output: (tokens, width) gets the states, from `column` on.
    target: (P,) the token of each position.
    position, n: the step's first position, and how many it has: those of the first n rows.
    """
    here = slice(position, position + n)
    of_rows = shared[:n] if len(shared) > 1 else shared
    i, f, g, o = _gates(gates[:n] + of_rows + projected[index[here], base : base + gates.shape[1]])
    torch.add(f * cells[:n], i * g, out=cells[:n])
    torch.mul(o, cells[:n].tanh(), out=states[:n])
    output[target[here], column : column + cells.shape[1]] = states[:n]


def forward_step_in_training(
    gates: Tensor,
    projected: Tensor,
    index: Tensor,
    cells: Tensor,
    states: Tensor,
    position: int,
    before: int,
    n: int,
) -> None:
    """A step of training.

    gates: (P, 4H) at this step what comes from the states before; gets i, f, g and o.
    projected, index, position, n: as for `forward_step`.
    cells, states: (P, H) get those of this step.
    before: the first position of the step before, -1 if there is none.
    """
    here = slice(position, position + n)
    i, f, g, o = _gates(gates[here] + projected[index[here]])
    cells[here] = i * g
    if before >= 0:
        cells[here] += f * cells[before : before + n]
    states[here] = o * cells[here].tanh()
    gates[here] = torch.cat([i, f, g, o], dim=1)


def backward_step(
    gates: Tensor,
    cells: Tensor,
    d_states: Tensor,
    d_cells: Tensor,
    d_output: Tensor,
    target: Tensor,
    d_projected: Tensor,
    index: Tensor,
    position: int,
    before: int,
    n: int,
) -> None:
    """The way back through a step.

    gates: (P, 4H) at this step i, f, g and o; get their gradient before the functions.
    d_states, d_cells: (rows, H) from the step behind; d_cells gets that for the step before.
    d_output: (tokens, H). d_projected: (R, 4H), to which the gradient of the gates is added.
    cells, target, index, position, before, n: as in the step forward.
    """
    here = slice(position, position + n)
    i, f, g, o = gates[here].chunk(4, dim=1)
    tanh_cell = cells[here].tanh()
    d_state = d_states[:n] + d_output[target[here]]
    d_cell = d_cells[:n] + d_state * o * (1 - tanh_cell**2)
    cell_before = cells[before : before + n] if before >= 0 else torch.zeros_like(tanh_cell)
    d_cells[:n] = d_cell * f
    gates[here] = torch.cat(
        [
            d_cell * g * i * (1 - i),
            d_cell * cell_before * f * (1 - f),
            d_cell * i * (1 - g**2),
            d_state * tanh_cell * o * (1 - o),
        ],
        dim=1,
    )
    d_projected.index_add_(0, index[here], gates[here])


def _gates(z: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    i, f, g, o = z.chunk(4, dim=1)
    return i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
