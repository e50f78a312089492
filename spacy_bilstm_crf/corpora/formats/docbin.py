"""spaCy's binary format, DocBin, whoever wrote it: its docs with their tokens and entities."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from spacy.vocab import Vocab

from ..annotated import AnnotatedText, ReadOptions
from ..converted import read_docs
from ..make_doc import read_back
from .json_files import no_texts


def detect(head: str) -> bool:
    """No: it is binary, and known by its first byte."""
    return False


def read(path: Path, options: ReadOptions) -> Iterator[AnnotatedText]:
    """Read the docs of a .spacy file. The name of a text is its doc's `user_data["name"]`.

    RAISES: ValueError if it is damaged, no DocBin, or empty.
    """
    docs = read_docs(path, Vocab())
    if not docs:
        raise no_texts(path)
    for number, doc in enumerate(docs, 1):
        name = doc.user_data.get("name", "")
        place = f"{path}, doc {number}"
        yield read_back(doc, name=name if isinstance(name, str) else "", place=place)
