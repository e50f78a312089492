"""What is computed of word types, kept for the batches that follow."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

# Of the rows that are kept; their table has room for as many again at most.
_MOST_BYTES = 32 * 2**20


class Rows(NamedTuple):
    """Rows that a cache gives.

    table: (rows, width), which must not be changed.
    slots: (keys,) the row of each key.
    token: stands for the weights that the rows were computed with.
    """

    table: Tensor
    slots: Tensor
    token: object


class _Content(NamedTuple):
    """Rows by key. A row never changes once a key points at it, so that threads may read while
    another one adds."""

    slot_of: dict[int, int]
    table: NDArray[Any]
    version: object
    token: object


class TypeCache:
    """Rows that depend on a word's type and on weights alone. They are forgotten when those change,
    and when they take more than 32 MiB.

    Weights that are changed in place are noticed, by the counters that torch keeps, unless it is
    done through `.data`, or others are put in their place: call `clear` then.

    weights: those of the module.
    """

    def __init__(self, weights: Iterable[nn.Parameter]) -> None:
        self._weights = list(weights)
        self._start()

    def __reduce__(self) -> Any:
        return TypeCache, (self._weights,)  # a copy begins empty

    def _start(self) -> None:
        self._lock = Lock()
        self._content: _Content | None = None
        self._owner = os.getpid()

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._content = None

    def look_up(
        self,
        keys: NDArray[np.uint64],
        compute: Callable[[Tensor], Tensor],
        below: object = None,
    ) -> Rows:
        """The rows of some types, no two of which are the same.

        compute: gives the rows, (types, width), of those types whose places in `keys` it is given.
        below: the token of the rows that `compute` makes its own of, if it does.
        """
        if self._owner != os.getpid():
            self._start()  # another thread may have held the lock when the process was forked
        names = keys.tolist()
        if any(weight.is_inference() for weight in self._weights):  # they do not count changes
            return Rows(compute(torch.arange(len(names))), torch.arange(len(names)), object())
        version = (below, *(weight._version for weight in self._weights))
        content = self._content
        if content is not None and content.version == version:
            slots = [content.slot_of.get(name, -1) for name in names]
            if -1 not in slots:
                return _rows(content, slots)
        with self._lock:
            return self._add(names, compute, version)

    def _add(self, names: list[int], compute: Callable[[Tensor], Tensor], version: object) -> Rows:
        content = self._content
        if content is not None and content.version == version:
            slot_of, table, n = content.slot_of, content.table, len(content.slot_of)
            missing = [i for i, name in enumerate(names) if name not in slot_of]
            if (n + len(missing)) * table[:1].nbytes <= _MOST_BYTES:
                rows = compute(torch.tensor(missing, dtype=torch.int64)).numpy()
                if n + len(missing) > len(table):
                    table = np.empty((2 * (n + len(missing)), table.shape[1]), dtype=table.dtype)
                    table[:n] = content.table[:n]
                    slot_of = dict(slot_of)  # the old one points into the old table
                table[n : n + len(missing)] = rows
                slot_of.update({names[place]: n + i for i, place in enumerate(missing)})
                self._content = _Content(slot_of, table, version, content.token)
                return _rows(self._content, [slot_of[name] for name in names])
        table = compute(torch.arange(len(names))).numpy().copy()
        content = _Content({name: i for i, name in enumerate(names)}, table, version, object())
        if table.nbytes <= _MOST_BYTES:
            self._content = content
        return _rows(content, list(range(len(names))))


def _rows(content: _Content, slots: list[int]) -> Rows:
    table = torch.from_numpy(content.table)
    return Rows(table, torch.tensor(slots, dtype=torch.int64), content.token)


def clear_caches(module: nn.Module) -> None:
    """Forget what the parts of a module have kept."""
    for part in module.modules():
        cache = getattr(part, "cache", None)
        if isinstance(cache, TypeCache):
            cache.clear()
