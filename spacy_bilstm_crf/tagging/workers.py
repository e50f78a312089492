"""Processes that tag parts of the texts side by side.

A worker has the pipeline, gets texts, and gives back what the output writes of them: these are
small, while docs would take longer to send than to tag. One process alone reads and writes, in the
order of the input, so that the output is that of one process whenever it ends.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import lru_cache
from multiprocessing import get_context, parent_process
from threading import Thread

import torch

from .formats import Format, make_function
from .load import load_pipeline
from .parts import Part
from .tagger import Tagged, Tagger, TagParts

# Parts that are read but not written yet, for each worker: it bounds the memory, and lets others
# go on beside one that has a long text.
_PARTS_AHEAD = 3


@contextmanager
def start_workers(
    model: str, n_workers: int, output_format: Format, *, are_numbers: bool
) -> Iterator[TagParts]:
    """Start processes that tag parts, each with the pipeline and one thread, until the end of the
    context.

    model: the name or the path of the pipeline.
    are_numbers: as in `make_function`.
    RAISES: OSError and ValueError as `load_pipeline`; OSError if a process dies.
    """
    # Forked, a process would hang in the threads of torch that its parent had.
    pool = ProcessPoolExecutor(n_workers, get_context("spawn"), _begin)
    settings = model, output_format, are_numbers
    try:
        for loaded in [pool.submit(_load, *settings) for _ in range(n_workers)]:
            loaded.result()

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
def _tagger(model: str, output_format: Format, are_numbers: bool) -> Tagger:
    nlp = load_pipeline(model)
    return Tagger(nlp, make_function(output_format, nlp, are_numbers=are_numbers))


def _load(model: str, output_format: Format, are_numbers: bool) -> None:
    _tagger(model, output_format, are_numbers)


def _tag(settings: tuple[str, Format, bool], part: Part) -> list[Tagged]:
    return _tagger(*settings)(part)
