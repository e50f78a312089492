"""Tagging a part of the texts by a pipeline, each text that fails alone."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from spacy.language import Language
from spacy.pipeline.transition_parser import Parser
from spacy.tokens import Doc
from thinc.api import Model

from ..torch_bridge.torch_layer import forget_words
from .memory import BoundedMemory
from .parts import Part
from .product import Product
from .texts import Text, reason_of


class Tagged(NamedTuple):
    """What became of a text: what was made of it, or why it failed."""

    made: Any = None
    failure: str | None = None


TagParts = Callable[[Iterable[Part]], Iterator[tuple[Part, list[Tagged]]]]
"""Tags parts, and gives them back in their order with what became of their new texts."""


class Tagger:
    """A pipeline that tags parts. What it makes of a part depends on that alone, to the last digit,
    not on what it has tagged before.

    nlp: its `max_length` is raised if no component needs the limit.
    product: what is made of texts.
    RAISES: ValueError if the pipeline is none that it can be made by.
    """

    def __init__(self, nlp: Language, product: Product) -> None:
        allow_long_texts(nlp)
        self.nlp = nlp
        self.product = product
        self.make = product.make_function(nlp)
        self.memory = BoundedMemory(nlp)

    def __call__(self, part: Part) -> list[Tagged]:
        """Tag a part. RETURNS: what became of each of its new texts."""
        # A product of one row is summed in another order than one of many, so that the rows kept
        # of words differ in their last digits with the batch that brought the word.
        for _, pipe in self.nlp.pipeline:
            if isinstance(model := getattr(pipe, "model", None), Model):
                forget_words(model)
        self.memory.enter(sum(len(text.text) for text in part.texts))
        with self.product.settings(self.nlp):
            docs = tag_each(self.nlp, [text.text for text in part.texts])
            both = zip(part.texts, docs, part.is_new)
            return [self._make(text, doc) for text, doc, is_new in both if is_new]

    def tag_parts(self, parts: Iterable[Part]) -> Iterator[tuple[Part, list[Tagged]]]:
        """Tag parts, one by one."""
        try:
            for part in parts:
                yield part, self(part)
        finally:
            self.memory.close()

    def _make(self, text: Text, doc: Doc | Exception) -> Tagged:
        if isinstance(doc, Exception):
            return Tagged(failure=reason_of(doc))
        try:
            return Tagged(self.make(text, doc))
        except Exception as error:
            return Tagged(failure=reason_of(error))


def allow_long_texts(nlp: Language) -> None:
    """Raise `nlp.max_length`, spaCy's limit of a million characters a text, if no component needs
    it: it guards spaCy's parser and its `ner`, whose memory grows fast. Another limit stays."""
    is_default = nlp.max_length == 10**6
    if is_default and not any(isinstance(pipe, Parser) for _, pipe in nlp.pipeline):
        nlp.max_length = sys.maxsize


def tag_each(nlp: Language, texts: list[str]) -> list[Doc | Exception]:
    """Tag texts at once, and where that fails, one by one: those that do not fail alone.

    RETURNS: the doc of each text, or why it failed.
    """
    docs: list[Doc | Exception]
    try:
        docs = list(nlp.pipe(texts))
    except Exception as error:
        docs = [error] if len(texts) == 1 else []
    if len(docs) == len(texts):
        return docs
    if len(texts) == 1:  # an error handler of the pipeline has swallowed it
        return [ValueError("the pipeline gave no doc for it")]
    return [doc for text in texts for doc in tag_each(nlp, [text])]
