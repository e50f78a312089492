"""What is made of texts, and where it goes: all that commands over many texts differ in."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from spacy.language import Language
from spacy.tokens import Doc

from .outputs import Output
from .texts import Text

Make = Callable[[Text, Doc], Any]
"""Makes what an output writes of a tagged text."""


class Product(Protocol):
    """What a command makes of texts. Workers get it, too, so that it can be pickled and hashed.

    is_folder: whether the output is a folder, not one file.
    are_numbers: whether texts from the records of a file are named by numbers, whatever they say.
    """

    @property
    def is_folder(self) -> bool: ...  # noqa: D102

    @property
    def are_numbers(self) -> bool: ...  # noqa: D102

    def __hash__(self) -> int: ...

    def make_function(self, nlp: Language) -> Make:
        """The function that makes what the output writes of a text.

        RAISES: ValueError if the pipeline is none that it can be made by.
        """

    def settings(self, nlp: Language) -> AbstractContextManager[None]:
        """Within this context, the pipeline tags as the product needs it."""

    def open_output(self, path: Path, *, force: bool) -> Output:
        """Open the output. force: remove first what the command has written to it.

        RAISES: ValueError if there are files of others where its own will be.
        """
