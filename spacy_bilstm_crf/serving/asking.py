"""From the texts of a request to their answers: what every path that tags texts goes through."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any

from fastapi import Request as HttpRequest

from .limits import Limits, Refused
from .metrics import Metrics
from .schema import Wanted

_Answers = list[dict[str, Any] | None]


class Ask:
    """Asks the pipeline, within the limits.

    facts: of the pipeline, as `schema.ModelFacts`; they are there once the app has started.
    """

    def __init__(self, limits: Limits, metrics: Metrics, facts: Mapping[str, Any]) -> None:
        self.facts = facts
        self._limits = limits
        self._metrics = metrics

    async def __call__(
        self, http: HttpRequest, texts: list[str], wanted: Wanted
    ) -> list[dict[str, Any]]:
        """Answer the texts of a request, in their order, each as `schema.Answer`.

        RAISES: Refused if there are too many of them, or one is too long; if too much waits, or it
            takes too long; if the pipeline fails at one; or if the client has left.
        """
        size = sum(map(len, texts))
        http.state.counts = {"texts": len(texts), "characters": size}
        self._check(texts, self.facts["longest_read_text" if wanted.n_best else "longest_text"])
        found = await _unless_gone(http, http.app.state.batches.answer(texts, wanted))
        answers = [answer for answer in found if answer is not None]
        if len(answers) < len(texts):
            raise Refused(500, f"The pipeline failed at text {found.index(None) + 1}.")
        self._metrics.observe_texts(len(texts), size)
        return answers

    def _check(self, texts: list[str], longest: int) -> None:
        if len(texts) > self._limits.texts:
            raise Refused(413, f"The request has more than {self._limits.texts:,} texts.")
        for number, text in enumerate(texts, start=1):
            if len(text) > longest:
                raise Refused(
                    413, f"Text {number} has {len(text):,} characters, and may have {longest:,}."
                )


async def _unless_gone(http: HttpRequest, answering: Coroutine[Any, Any, _Answers]) -> _Answers:
    """Wait for answers as long as the client does. RAISES: Refused if it has left before."""
    task = asyncio.create_task(answering)
    leaving = asyncio.ensure_future(http.receive())  # the body is read: what comes is the end
    try:
        await asyncio.wait((task, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise Refused(499, "The client has left.")  # which no one will read
        return await task
    finally:
        task.cancel()
        leaving.cancel()
