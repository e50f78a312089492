"""Tagging many texts, into an output.

Texts go through in parts and are forgotten, so that memory stays bounded; what was written in an
earlier run is not written again; a text that fails is reported and does not stop the rest.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from tqdm import tqdm

from .outputs import Output
from .parts import Part, cut
from .tagger import TagParts
from .texts import OnError, Text, reason_of

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


def tag_texts(
    texts: Iterable[Text],
    tag_parts: TagParts,
    output: Output,
    on_error: OnError,
    progress: tqdm[Any],
) -> Count:
    """Tag texts that the output does not have yet.

    progress: updated by the texts that are done.
    RAISES: ValueError if the output has another text under a name; OutputError if it can't be
        written. What was written stays.
    """
    n_tagged = n_had = 0

    def left() -> Iterator[Part]:
        nonlocal n_had
        for part in cut(texts, output):
            n_had += part.is_new.count(False)
            progress.update(part.is_new.count(False))
            if any(part.is_new):
                yield part

    complete = False
    try:
        for part, tagged in tag_parts(left()):
            new = [text for text, is_new in zip(part.texts, part.is_new) if is_new]
            for text, (made, failure) in zip(new, tagged):
                if failure is None:
                    failure = _write(output, text, made)
                if failure is not None:
                    on_error(text.name, failure)
                n_tagged += failure is None
            progress.update(len(new))
        complete = True
    finally:
        try:
            output.close(complete=complete)
        except OSError as error:
            raise _output_error(error) from error
    return Count(n_tagged, n_had)


def _write(output: Output, text: Text, made: Any) -> str | None:
    """Write a text. RETURNS: why it alone can't be written; None if it was."""
    try:
        output.write(text, made)
    except OSError as error:
        if error.errno not in _OF_ONE_NAME:
            raise _output_error(error) from error
        return reason_of(error)
    except Exception as error:
        return reason_of(error)
    return None


def _output_error(error: OSError) -> OutputError:
    return OutputError(
        f"The output can't be written: {error}. What is there already is whole: when this is "
        "mended, run the command again, and it goes on."
    )
