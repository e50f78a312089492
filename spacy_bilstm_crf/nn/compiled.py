"""Whether there is numba to compile with."""

import importlib.util
from functools import lru_cache
from types import ModuleType


@lru_cache
def kernels() -> ModuleType | None:
    """The module `numba_kernels`, None without numba (the extra `numba`). Importing numba takes
    half a second: only who runs a CRF pays for it."""
    if importlib.util.find_spec("numba") is None:
        return None
    from . import numba_kernels

    return numba_kernels
