"""The texts that may be annotated next."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, NoReturn

from spacy.tokens import Doc
from spacy.vocab import Vocab

from ..corpora.converted import read_docs
from ..tagging.records import open_records
from ..tagging.run import check_input
from ..tagging.texts import Text, find_named_texts, folder_texts
from ..training.corpus import without_annotation


class Unlabelled(NamedTuple):
    """A text, and its tokens and sentences if the pool has any."""

    text: Text
    doc: Doc | None = None

    def as_input(self) -> str | Doc:
        """What a pipeline is given."""
        return self.text.text if self.doc is None else self.doc.copy()


def read_pool(path: Path, vocab: Vocab) -> list[Unlabelled]:
    """Read what `predict` reads: a folder of .txt files, or a file of records with a "text" each;
    or a .spacy file, with the tokens and sentences of its docs, and without their annotation.

    RAISES: FileNotFoundError if there is nothing; ValueError, naming the place, if a text can't be
        read; OSError.
    """
    check_input(path)

    def refuse(name: str, reason: str) -> NoReturn:
        raise ValueError(f"{path}, {name}: {reason}. Correct the text, or take it out.")

    if path.suffix == ".spacy":
        return list(_read_docs(path, vocab))
    if path.is_dir():
        return [Unlabelled(text) for text in folder_texts(find_named_texts(path), refuse)]
    return [Unlabelled(text) for text in open_records(path, refuse, are_numbers=False)]


def _read_docs(path: Path, vocab: Vocab) -> Iterator[Unlabelled]:
    for number, doc in enumerate(read_docs(path, vocab), 1):
        own = doc.user_data.get("name")
        name = own if isinstance(own, str) and own else str(number)
        yield Unlabelled(Text(name, doc.text), without_annotation(doc))
