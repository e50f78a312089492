"""Adam for a table of which a batch meets few rows."""

from __future__ import annotations

from typing import Any

import torch
from thinc.api import Optimizer
from torch import Tensor, nn

from ..nn.crf import kernel_dispatch

# After so many steps without a gradient a row's momentum is 0.9 ** 50, half a percent, of what it
# was: it rests until it is met again.
REST = 50


def allows_sparse_updates(optimizer: Optimizer, table: nn.Parameter) -> bool:
    """Tell whether a row without gradients stays where it is, once its momentum has gone: not if
    its weights decay, or if averages are kept of them. A GPU visits all rows at no cost."""
    return (
        table.device.type == "cpu"
        and kernel_dispatch.kernels() is not None
        and optimizer.averages is None
        and optimizer.L2 == 0.0
        and not optimizer.use_radam
        and optimizer.b1 > 0.0
        and optimizer.b2 > 0.0
        and not {"b1", "b2"} & set(optimizer.schedules)
    )


class SparseAdam:
    """Thinc's Adam for a table, passing over resting rows. Needs numba.

    Adam visits every row in every step, because momentum moves it on after its gradient. That
    momentum soon is nothing, but on a CPU the visit takes a fifth of a training step. Rows that are
    met again have their moments decayed by the steps they missed, so what is left out is only the
    end of a fading move.

    They belong to one table and one optimizer: which rows rest is counted in its updates.
    """

    def __init__(self, table: nn.Parameter, optimizer: Optimizer) -> None:
        self.table = table
        self.optimizer = id(optimizer)
        self.last = torch.full((len(table),), -REST - 1)  # the update that met each row last

    def update(self, optimizer: Optimizer, key: Any, met: list[Tensor]) -> None:
        """Update the table's weights in place, and clear its gradient.

        key: as for optimizers. met: ids of the rows that have a gradient, may repeat.
        """
        table = self.table
        kernels = kernel_dispatch.kernels()
        assert kernels is not None and table.grad is not None
        gradient = table.grad
        rows = torch.cat(met).unique()
        now = optimizer.nr_update[key] + 1
        if now == 1:
            for moments in (optimizer.mom1, optimizer.mom2):
                moments[key] = _array(torch.zeros(table.numel()))
        optimizer.nr_update[key] = now
        missed = (now - 1 - REST - self.last[rows]).clamp(min=0)
        self.last[rows] = now
        first, second = (m[key].reshape(table.shape) for m in (optimizer.mom1, optimizer.mom2))
        for moment, beta in ((first, optimizer.b1), (second, optimizer.b2)):
            torch.from_numpy(moment)[rows] *= torch.pow(beta, missed).unsqueeze(1)
        if optimizer.grad_clip:
            norm = gradient.index_select(0, rows).norm().item()
            if norm >= optimizer.grad_clip:
                gradient[rows] *= optimizer.grad_clip / norm
        unbiased = (1.0 - optimizer.b2**now) ** 0.5 / (1.0 - optimizer.b1**now)
        kernels.adam_rows(
            _array(table),
            _array(gradient),
            first,
            second,
            _array((self.last >= now - REST).nonzero().flatten()),
            optimizer.b1,
            optimizer.b2,
            optimizer.eps,
            optimizer.learn_rate * unbiased,
        )


def _array(tensor: Tensor) -> Any:
    return tensor.detach().numpy()
