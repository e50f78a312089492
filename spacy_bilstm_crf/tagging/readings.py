"""The most probable analyses of a text, by each component of a pipeline that gives several."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from spacy.language import Language
from spacy.tokens import Doc, Span


class Readings(NamedTuple):
    """What a component makes of a text.

    component: its name.
    doc: the text as the component gets it.
    best: the probability and the entities of each analysis, best first.
    """

    component: str
    doc: Doc
    best: list[tuple[float, list[Span]]]


def gives_readings(nlp: Language) -> bool:
    """Whether any component of a pipeline gives several analyses."""
    return any(hasattr(pipe, "n_best") for _, pipe in nlp.pipeline)


def readings(nlp: Language, text: str, k: int) -> Iterator[Readings]:
    """The k most probable analyses of a text, by each component that gives several."""
    for name, pipe in nlp.pipeline:
        if hasattr(pipe, "n_best"):
            # Entities that are on a doc already count as given.
            doc = nlp.make_doc(text)
            for _, other in nlp.pipeline[: nlp.pipe_names.index(name)]:
                doc = other(doc)
            yield Readings(name, doc, pipe.n_best(doc, k))
