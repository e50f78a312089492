"""Micro-batches: texts of several requests are tagged at once, by one thread."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from .limits import Limits, Refused
from .metrics import Metrics
from .schema import Wanted
from .tagger import Job, Tagger

_log = logging.getLogger(__name__)

_Answer = dict[str, Any] | None


class _Waiting(NamedTuple):
    job: Job
    answer: asyncio.Future[_Answer]


class Batches:
    """A queue before a pipeline, within an event loop.

    make_tagger: makes what answers batches. It is called, as its result is, in a thread that does
        nothing else.
    """

    def __init__(self, make_tagger: Callable[[], Tagger], limits: Limits, metrics: Metrics) -> None:
        self._make_tagger = make_tagger
        self._limits = limits
        self._metrics = metrics
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tagger")
        self._waiting: deque[_Waiting] = deque()
        self._characters = 0
        self._arrived = asyncio.Event()
        self._closing = False
        self._runner: asyncio.Task[None] | None = None

    @property
    def ready(self) -> bool:
        """Whether texts are tagged."""
        return self._runner is not None and not self._runner.done() and not self._closing

    async def start(self) -> None:
        """Make the tagger, and begin. RAISES: what making it raises."""
        loop = asyncio.get_running_loop()
        self._tagger = await loop.run_in_executor(self._thread, self._make_tagger)
        self._runner = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Answer what was accepted, and end."""
        self._closing = True
        self._arrived.set()
        if self._runner is not None:
            await self._runner
            await asyncio.get_running_loop().run_in_executor(self._thread, self._tagger.close)
        self._thread.shutdown()

    async def answer(self, texts: Sequence[str], wanted: Wanted) -> list[_Answer]:
        """Answer texts, as `Tagger.answer` does.

        RAISES: Refused if the queue is full, or it takes too long.
        """
        if not texts:
            return []
        size = sum(map(len, texts))
        if not self.ready:
            raise Refused(503, "The service is shutting down.", 1)
        limits = self._limits
        is_much = self._characters + size > limits.queue
        if self._waiting and (is_much or len(self._waiting) + len(texts) > limits.queue_texts):
            raise Refused(429, "Too many texts are waiting. Try again later.", 1)
        loop = asyncio.get_running_loop()
        own = [_Waiting(Job(text, wanted), loop.create_future()) for text in texts]
        self._waiting.extend(own)
        self._count(size)
        self._arrived.set()
        answers = [waiting.answer for waiting in own]
        try:
            _, late = await asyncio.wait(answers, timeout=limits.seconds)
            if late:
                raise Refused(503, f"There was no answer in {limits.seconds:g} seconds.", 5)
            return [answer.result() for answer in answers]
        finally:
            if not all(answer.done() for answer in answers):  # no one waits for it any more
                self._drop(answers)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._arrived.wait()
            # What comes while a batch is tagged is the next one: where there is none, waiting for
            # more texts would only cost time.
            batch = self._take()
            if batch:
                jobs = [waiting.job for waiting in batch]
                started = time.perf_counter()
                answers: Sequence[_Answer]
                try:
                    answers = await loop.run_in_executor(self._thread, self._tagger.answer, jobs)
                except Exception as error:
                    _log.error("The pipeline failed at a batch", exc_info=error)
                    answers = [None] * len(jobs)
                self._metrics.observe_batch(len(jobs), time.perf_counter() - started)
                for waiting, answer in zip(batch, answers):
                    if not waiting.answer.done():
                        waiting.answer.set_result(answer)
            if not self._waiting:
                if self._closing:
                    return
                self._arrived.clear()

    def _take(self) -> list[_Waiting]:
        """Take a batch from the queue, without what no one waits for any more."""
        batch: list[_Waiting] = []
        size = 0
        while self._waiting and len(batch) < self._limits.batch_texts:
            length = len(self._waiting[0].job.text)
            if batch and size + length > self._limits.batch_characters:
                break
            waiting = self._waiting.popleft()
            self._count(-length)
            if not waiting.answer.done():
                batch.append(waiting)
                size += length
        return batch

    def _drop(self, answers: Sequence[asyncio.Future[_Answer]]) -> None:
        """Take those out of the queue that no one waits for any more."""
        for answer in answers:
            answer.cancel()
        self._waiting = deque(own for own in self._waiting if not own.answer.done())
        self._count(sum(len(own.job.text) for own in self._waiting) - self._characters)

    def _count(self, characters: int) -> None:
        self._characters += characters
        self._metrics.set_queue(len(self._waiting), self._characters)
