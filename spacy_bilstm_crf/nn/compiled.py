"""Loops over arrays, compiled by numba where it is installed (the extra `numba`)."""

import importlib.util
import warnings
from collections.abc import Callable
from functools import lru_cache
from typing import Any


@lru_cache
def has_numba() -> bool:
    """Tell whether there is numba that can be used. Importing it takes half a second: only who runs
    a model does."""
    if importlib.util.find_spec("numba") is None:
        return False
    try:
        import numba  # noqa: F401
    except ImportError as error:  # for another numpy, or half installed
        warnings.warn(
            f"numba can't be imported; torch does its work, more slowly. {error}", stacklevel=2
        )
        return False
    return True


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function when it is first called, once a machine: numba keeps what it compiled
    beside the source or, where that can't be written, in the user's cache. Products and sums may be
    fused, as in matrix products."""
    return _compile(function, {"contract"})


def compiled_sums(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same for a function with sums whose order does not matter, as in matrix products."""
    return _compile(function, {"contract", "reassoc", "nsz"})


def _compile(function: Callable[..., Any], fastmath: set[str]) -> Callable[..., Any]:
    import numba

    options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": fastmath}
    try:
        return numba.njit(function, cache=True, **options)  # type: ignore[no-any-return]
    except RuntimeError:  # neither can be written
        return numba.njit(function, **options)  # type: ignore[no-any-return]
