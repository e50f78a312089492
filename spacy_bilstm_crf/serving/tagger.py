"""The pipeline, as one thread uses it: texts in, answers out, memory bounded."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple

from spacy.language import Language

from ..tagging.memory import BoundedMemory
from ..tagging.probable_spans import spans_above
from ..tagging.tagger import tag_each
from .answers import make_answer
from .schema import Wanted

_log = logging.getLogger(__name__)


class Job(NamedTuple):
    """A text, and what is wanted of it."""

    text: str
    wanted: Wanted


class Tagger:
    """Answers batches of texts. All of its methods must be called by one and the same thread.

    nlp: the pipeline. No one else may use it.
    """

    def __init__(self, nlp: Language) -> None:
        self._nlp = nlp
        self._memory = BoundedMemory(nlp)
        # What is compiled when it is first needed takes seconds: not those of the first request.
        self.answer([Job("Anna lives in Oslo.", Wanted(spans_above=1.0, n_best=2))])

    def answer(self, jobs: Sequence[Job]) -> list[dict[str, Any] | None]:
        """Answer texts, as `schema.Answer`; None for those that the pipeline fails at."""
        self._memory.enter(sum(len(job.text) for job in jobs))
        answers: list[dict[str, Any] | None] = [None] * len(jobs)
        for with_spans in (False, True):
            places = [
                i
                for i, job in enumerate(jobs)
                if (job.wanted.spans_above is not None) is with_spans
            ]
            if places:
                self._answer(jobs, places, answers)
        return answers

    def close(self) -> None:
        """Forget all that was kept of words."""
        self._memory.close()

    def _answer(
        self, jobs: Sequence[Job], places: list[int], answers: list[dict[str, Any] | None]
    ) -> None:
        """Answer those jobs that `places` names; of all of them spans are wanted, or of none."""
        least = [p for i in places if (p := jobs[i].wanted.spans_above) is not None]
        texts = [jobs[i].text for i in places]
        with spans_above(self._nlp, min(least)) if least else nullcontext():
            for i, doc in zip(places, tag_each(self._nlp, texts)):
                try:
                    if isinstance(doc, Exception):
                        raise doc
                    answers[i] = make_answer(self._nlp, jobs[i].text, doc, jobs[i].wanted)
                except Exception as error:
                    _log.error("The pipeline failed at a text", exc_info=error)
