"""spaCy's binary format, DocBin, whoever wrote it: its docs with their tokens and entities."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from spacy.tokens import DocBin
from spacy.vocab import Vocab

from ..annotated import AnnotatedText, FormatError, ReadOptions
from ..make_doc import read_back


def detect(head: str) -> bool:
    """No: it is binary, and known by its first byte."""
    return False


def read(path: Path, options: ReadOptions) -> Iterator[AnnotatedText]:
    """Read the docs of a .spacy file.

    RAISES: FormatError if it is damaged, or no DocBin.
    """
    try:
        docs = list(DocBin().from_disk(path).get_docs(Vocab()))
    except OSError:
        raise
    except Exception as error:  # whatever zlib, msgpack and spaCy make of other bytes
        raise FormatError(
            f"{path} can't be read ({type(error).__name__}): it is damaged, or no DocBin of spaCy. "
            "Write it again, for example by `spacy convert`."
        ) from error
    for number, doc in enumerate(docs, 1):
        yield read_back(doc, place=f"{path}, doc {number}")
