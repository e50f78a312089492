"""Thinc's bridge to a torch module: prediction, updates, averages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, cast

import torch
from thinc.api import ArgsKwargs, Optimizer, PyTorchShim, torch2xp
from thinc.util import get_torch_default_device
from torch import nn

from ..nn.type_cache import clear_caches
from .arrays import to_torch
from .sparse_adam import SparseAdam, allows_sparse_updates


def _predict(self: PyTorchShim, inputs: ArgsKwargs) -> Any:
    """Run the module in evaluation mode, and leave it there: `begin_update` sets training mode
    itself. Thinc's own method sets training mode when it is done, in which another thread's
    prediction then runs, with dropout."""
    if self._model.training:
        # The whole last: a thread that finds it in evaluation mode finds its parts there, too.
        for part in reversed(list(self._model.modules())):
            part.training = False
    with torch.no_grad(), _float32(self.device):
        if not self._mixed_precision:
            return self._model(*inputs.args, **inputs.kwargs)
        with torch.autocast(device_type="cuda"):
            return self._model(*inputs.args, **inputs.kwargs)


def _float32(device: torch.device) -> AbstractContextManager[None]:
    """Let cuDNN multiply whole float32 numbers. By default it takes 10 of their 23 bits, and what
    an LSTM gives for a sequence moves in the fourth digit with its batch company."""
    if device.type != "cuda":
        return nullcontext()
    own = torch.backends.cudnn
    return cast(
        AbstractContextManager[None],
        own.flags(own.enabled, own.benchmark, deterministic=own.deterministic, allow_tf32=False),
    )


# For all of Thinc's shims: a transformer that the component listens to has one of its own.
PyTorchShim.predict = _predict  # type: ignore[method-assign]


class TorchShim(PyTorchShim):
    """A PyTorchShim with four differences.

    Its module is in training mode within `begin_update` only, so that threads may predict at once.
    It takes the optimizer's averages (`use_averages`): Thinc's own looks for them under other keys
    than its optimizer stores them, finds none, and says nothing. And tables that the module names
    in `touched_rows` are updated row by row where that comes to the same. And `nlp.rehearse`
    reaches the weights: it gathers gradients first and applies them later, when Thinc's own has
    cleared them.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._row_updates: dict[str, SparseAdam] = {}
        self._first: tuple[nn.Module, nn.Parameter | None] | None = None
        self._all_rows = False

    @property
    def device(self) -> torch.device:
        """The device of the module: that of its first parameter, which is looked for once."""
        if self._first is None or self._first[0] is not self._model:
            self._first = (self._model, next(self._model.parameters(), None))
        parameter = self._first[1]
        return get_torch_default_device() if parameter is None else parameter.device

    def begin_update(self, inputs: ArgsKwargs) -> tuple[Any, Callable[..., Any]]:
        """Run the module in training mode. RETURNS: its output, and the function to backpropagate
        with."""
        try:
            output, backprop = super().begin_update(inputs)
        finally:
            self._model.eval()
            # Rows that another thread has kept meanwhile may be without some words.
            clear_caches(self._model)
        return output, backprop

    def finish_update(self, optimizer: Optimizer) -> None:
        """Update the module's weights with the gradients that have gathered, and clear those."""
        if not isinstance(optimizer, Optimizer):
            self._hand_over(optimizer)
            return
        tables = {}
        for name, met in getattr(self._model, "touched_rows", {}).items():
            table = self._model.get_parameter(name)
            updates = self._updates_of(name, table, optimizer)
            if met and updates is not None and allows_sparse_updates(optimizer, table):
                updates.update(optimizer, (self.id, name), met)
                tables[table], table.grad = table.grad, None
            met.clear()
        self._update_all(optimizer)
        for table, cleared in tables.items():
            table.grad = cleared
        self._weights_changed()

    def _update_all(self, optimizer: Optimizer) -> None:
        # As Thinc's own, but that autograd then need not add to gradients of zeros.
        for name, parameter in self._model.named_parameters():
            if parameter.grad is None:
                continue
            if not self._grad_scaler.found_inf:
                arrays: Any = (torch2xp(parameter.data), torch2xp(parameter.grad))
                updated, _ = optimizer((self.id, name), *arrays)
                parameter.data = to_torch(updated, parameter.device)
            parameter.grad = None
        self._grad_scaler.update()

    def _updates_of(
        self, name: str, table: nn.Parameter, optimizer: Optimizer
    ) -> SparseAdam | None:
        """The updates of a table's rows by an optimizer; None if another has updated it, too."""
        updates = self._row_updates.get(name)
        if updates is None or updates.table is not table:
            updates = None
            if optimizer.nr_update[self.id, name] == 0:  # it starts here
                updates = self._row_updates[name] = SparseAdam(table, optimizer)
        elif updates.optimizer != id(optimizer):
            self._all_rows = True
        return None if self._all_rows else updates

    def row_state(self) -> dict[str, torch.Tensor]:
        """For each table that is updated row by row, the update that met each row last; see
        `SparseAdam`."""
        own = {} if self._all_rows else self._row_updates
        return {name: updates.last.clone() for name, updates in own.items()}

    def set_row_state(self, state: dict[str, torch.Tensor], optimizer: Optimizer) -> None:
        """Go on with updates of tables by an optimizer from what `row_state` gave."""
        self._row_updates = {}
        self._all_rows = False
        for name, last in state.items():
            updates = SparseAdam(self._model.get_parameter(name), optimizer)
            updates.last.copy_(last)
            self._row_updates[name] = updates
        self._weights_changed()

    def _hand_over(self, gather: Callable[..., Any]) -> None:
        for name, parameter in self._model.named_parameters():
            if parameter.grad is not None:
                gather((self.id, name), torch2xp(parameter.data), torch2xp(parameter.grad))
                parameter.grad = None
        for met in getattr(self._model, "touched_rows", {}).values():
            met.clear()
        self._all_rows = True  # rows are updated elsewhere, too: which rest is not known here

    @contextmanager
    def use_params(self, params: dict[Any, Any]) -> Iterator[None]:
        """Let the module have the weights that `params` has under (shim id, name) for a while."""
        own = {
            name: parameter
            for name, parameter in self._model.named_parameters()
            if (self.id, name) in params
        }
        backup = {name: parameter.data for name, parameter in own.items()}
        for name, parameter in own.items():
            parameter.data = to_torch(params[self.id, name], parameter.device)
        self._weights_changed()
        try:
            yield
        finally:
            for name, parameter in own.items():
                parameter.data = backup[name]
            self._weights_changed()

    def _weights_changed(self) -> None:
        """Forget what was computed with the weights that were, and put those of LSTMs in one piece
        again, as cuDNN wants them."""
        clear_caches(self._model)
        for part in self._model.modules():
            if isinstance(part, nn.RNNBase):
                part.flatten_parameters()
