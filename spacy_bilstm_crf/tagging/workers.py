"""Processes that tag parts of the texts side by side.

A worker has the pipeline, gets texts, and gives back what the output writes of them: these are
small, while docs would take longer to send than to tag. One process alone reads and writes, in the
order of the input, so that the output is that of one process whenever it ends.
"""

from __future__ import annotations

import os
import signal
import warnings
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import lru_cache
from multiprocessing import get_context, parent_process
from threading import Thread

import torch

from .load import load_pipeline
from .parts import Part
from .product import Product
from .tagger import Tagged, Tagger, TagParts

# Parts that are read but not written yet, for each worker: it bounds the memory, and lets others
# go on beside one that has a long text.
_PARTS_AHEAD = 3


@contextmanager
def start_workers(model: str, n_workers: int, product: Product) -> Iterator[TagParts]:
    """Start processes that tag parts, each with the pipeline and one thread, until the end of the
    context.

    model: the name or the path of the pipeline.
    product: what they make of texts.
    RAISES: OSError and ValueError as `load_pipeline` and `Tagger`; OSError if a process dies.
    """
    # Forked, a process would hang in the threads of torch that its parent had.
    pool = ProcessPoolExecutor(n_workers, get_context("spawn"), _begin)
    settings = model, product
    try:
        loaded = [pool.submit(_load, *settings) for _ in range(n_workers)]
        for message in sorted({message for own in loaded for message in own.result()}):
            warnings.warn(message, stacklevel=2)

        def tag_parts(parts: Iterable[Part]) -> Iterator[tuple[Part, list[Tagged]]]:
            ahead: deque[tuple[Part, Future[list[Tagged]]]] = deque()
            for part in parts:
                ahead.append((part, pool.submit(_tag, settings, part)))
                if len(ahead) >= _PARTS_AHEAD * n_workers:
                    part, tagged = ahead.popleft()
                    yield part, tagged.result()
            for part, tagged in ahead:
                yield part, tagged.result()

        yield tag_parts
    except BrokenProcessPool as error:
        raise OSError(
            "A worker has died, perhaps for want of memory. What is written is whole: run the "
            "command again, with fewer --workers, and it goes on."
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent gets it, too, and ends the workers
    torch.set_num_threads(1)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if (parent := parent_process()) is not None:
        parent.join()
        os._exit(1)  # it was killed, and no one would tell this process to end


@lru_cache(maxsize=1)
def _tagger(model: str, product: Product) -> Tagger:
    return Tagger(load_pipeline(model), product)


def _load(model: str, product: Product) -> list[str]:
    """RETURNS: what is warned of, so that it is told once."""
    with warnings.catch_warnings(record=True) as caught:
        _tagger(model, product)
    return [str(warning.message) for warning in caught]


def _tag(settings: tuple[str, Product], part: Part) -> list[Tagged]:
    return _tagger(*settings)(part)
