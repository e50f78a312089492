"""Loads compiled loops before they are needed: what takes long once is better done at loading."""

from functools import lru_cache

from .compiled import has_numba


@lru_cache
def warm_up() -> None:
    """Import numba and load what prediction on a CPU needs of it, once a process; on a machine that
    has not compiled it yet, compile it, which takes some seconds."""
    if not has_numba():
        return
    from . import segment_kernels
    from .crf import flat_kernels
    from .lstm import few_rows, numba_kernels

    for kernels in (segment_kernels, flat_kernels, numba_kernels, few_rows):
        kernels.warm_up()
