"""Memory that training has freed, for others."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from itertools import count

# Steps back through a layer. To give memory back takes some milliseconds.
_EVERY = 100
_steps = count(1)


def give_back() -> None:
    """Let glibc give freed memory back to the system, now and then: to be called after each step
    back through a layer.

    Such a step takes and frees many arrays, of other sizes in each batch, and glibc finds no place
    for some of them in what it has: training would take another megabyte with each batch, gigabytes
    in the end. Other allocators are left alone.
    """
    if next(_steps) % _EVERY == 0 and _malloc_trim is not None:
        _malloc_trim(0)


def _find() -> Callable[[int], int] | None:
    if not sys.platform.startswith("linux"):
        return None
    function: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return function


_malloc_trim = _find()
