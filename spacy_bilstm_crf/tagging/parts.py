"""Texts in parts of like size, which are tagged one by one, in this process or in others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from .outputs import Output
from .texts import Text

_PART_CHARS = 100_000


class Part(NamedTuple):
    """Texts that are tagged together.

    is_new: of each text, whether the output does not have it yet.
    """

    texts: list[Text]
    is_new: list[bool]


def cut(texts: Iterable[Text], output: Output) -> Iterator[Part]:
    """Cut texts into parts, whatever the output has of them: a doc's probabilities depend, in their
    last digits, on the docs beside it, and so do not depend on where an earlier run has ended.

    RAISES: ValueError if the output has another text under a name.
    """
    part = Part([], [])
    size = 0
    for text in texts:
        part.texts.append(text)
        part.is_new.append(not output.has(text))
        size += len(text.text) + 1
        if size >= _PART_CHARS:
            yield part
            part, size = Part([], []), 0
    if part.texts:
        yield part
