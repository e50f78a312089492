"""Tagging many texts: through a pipeline, to an output.

Texts go through in batches and are forgotten, so that memory stays bounded; what was written in an
earlier run is not done again; a text that fails is reported and does not stop the rest.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from spacy.language import Language
from spacy.pipeline.transition_parser import Parser
from spacy.tokens import Doc

from .outputs import Output
from .texts import OnError, Text

_BATCH_CHARS = 100_000

# There can be no file of such a name. Whatever else goes wrong there befalls all texts.
_OF_ONE_NAME = {
    errno.EEXIST,
    errno.EILSEQ,
    errno.EINVAL,
    errno.EISDIR,
    errno.ENAMETOOLONG,
    errno.ENOTDIR,
}


class OutputError(OSError):
    """The output can't be written: the disk is full, read-only or the like."""


class Count(NamedTuple):
    """Counts of the texts that were tagged, and of those that the output had already."""

    tagged: int
    had: int


def allow_long_texts(nlp: Language) -> None:
    """Raise `nlp.max_length`, spaCy's limit of a million characters a text, if no component needs
    it: it guards spaCy's parser and its `ner`, whose memory grows fast. Another limit stays."""
    is_default = nlp.max_length == 10**6
    if is_default and not any(isinstance(pipe, Parser) for _, pipe in nlp.pipeline):
        nlp.max_length = sys.maxsize


def tag_texts(nlp: Language, texts: Iterable[Text], output: Output, on_error: OnError) -> Count:
    """Tag texts that the output does not have yet.

    RAISES: ValueError if the output has another text under a name; OutputError if it can't be
        written. What was written stays.
    """
    n_tagged = n_had = 0

    def left() -> Iterator[Text]:
        nonlocal n_had
        for text in texts:
            if output.has(text):
                n_had += 1
            else:
                yield text

    try:
        for batch in _batches(left()):
            with nlp.memory_zone():
                for text, doc in _tag(nlp, batch, on_error):
                    n_tagged += _write(output, text, doc, on_error)
    finally:
        try:
            output.close()
        except OSError as error:
            raise _output_error(error) from error
    return Count(n_tagged, n_had)


def _write(output: Output, text: Text, doc: Doc, on_error: OnError) -> bool:
    try:
        output.write(text, doc)
    except OSError as error:
        if error.errno not in _OF_ONE_NAME:
            raise _output_error(error) from error
        on_error(text.name, error)
        return False
    except Exception as error:
        on_error(text.name, error)
        return False
    return True


def _output_error(error: OSError) -> OutputError:
    return OutputError(
        f"The output can't be written: {error}. What is there already is whole: when this is "
        "mended, run the command again, and it goes on."
    )


def _batches(texts: Iterable[Text]) -> Iterator[list[Text]]:
    batch: list[Text] = []
    size = 0
    for text in texts:
        batch.append(text)
        size += len(text.text) + 1
        if size >= _BATCH_CHARS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _tag(nlp: Language, batch: list[Text], on_error: OnError) -> Iterator[tuple[Text, Doc]]:
    try:
        docs = list(nlp.pipe(text.text for text in batch))
    except Exception as error:
        docs = []
        if len(batch) == 1:
            on_error(batch[0].name, error)
            return
    if len(docs) == len(batch):
        yield from zip(batch, docs)
    elif len(batch) == 1:  # an error handler of the pipeline has swallowed it
        on_error(batch[0].name, ValueError("the pipeline gave no doc for it"))
    else:
        for text in batch:
            yield from _tag(nlp, [text], on_error)
