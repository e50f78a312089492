"""Texts on their way to a file that holds many: a DocBin, or tasks of Label Studio."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab

from ..corpora.annotated import AnnotatedText
from ..corpora.formats import label_studio
from ..corpora.formats.json_files import read_json_array
from .found import found_in
from .texts import Text


class DocBinPack:
    """Docs in spaCy's binary format; `doc.user_data` has the text's "name", as "input" what else
    its record had, and the confidences."""

    suffix = ".spacy"

    def __init__(self) -> None:
        self.docs = DocBin(store_user_data=True)

    def __len__(self) -> int:
        return len(self.docs)

    @staticmethod
    def make(text: Text, doc: Doc) -> bytes:
        """The DocBin of one doc. RAISES: an error if the format can't hold it."""
        doc.user_data["name"] = text.name
        doc.user_data["input"] = text.fields
        return DocBin(store_user_data=True, docs=[doc]).to_bytes()

    def add(self, made: bytes) -> None:
        """Add a doc."""
        self.docs.merge(DocBin(store_user_data=True).from_bytes(made))

    def take(self, first: int) -> bytes:
        """Take the docs out, as the content of a file."""
        data = self.docs.to_bytes()
        self.docs = DocBin(store_user_data=True)
        return data

    def read(self, path: Path) -> Iterator[tuple[str, str]]:
        """The name and the text of each doc of a file. RAISES: any error if it is another's."""
        for doc in DocBin().from_disk(path).get_docs(Vocab()):
            yield doc.user_data["name"], doc.text


class LabelStudioPack:
    """Tasks with a prediction each, whose `data` has "name" and "text"."""

    suffix = ".json"

    def __init__(self) -> None:
        self.texts: list[AnnotatedText] = []
        self.model_version = ""

    def __len__(self) -> int:
        return len(self.texts)

    @staticmethod
    def make(nlp: Language, text: Text, doc: Doc) -> tuple[str, AnnotatedText]:
        """The model, and what it has found. RAISES: ValueError if the format can't hold it."""
        text.name.encode()  # what UTF-8 can't hold fails alone, not with the whole file
        version = label_studio.version_of(nlp.meta)
        return version, replace(found_in(text, doc), tokens=None, sentences=None)

    def add(self, made: tuple[str, AnnotatedText]) -> None:
        """Add what a pipeline has found in a text."""
        self.model_version, found = made
        self.texts.append(found)

    def take(self, first: int) -> bytes:
        """Take the tasks out, as the content of a file."""
        file = io.StringIO()
        label_studio.write(
            self.texts,
            file,
            model_version=self.model_version,
            only_predictions=True,
            first=first,
        )
        self.texts = []
        return file.getvalue().encode()

    def read(self, path: Path) -> Iterator[tuple[str, str]]:
        """The name and the text of each task of a file. RAISES: any error if it is another's."""
        for _, task in read_json_array(path):
            if not task["predictions"][0]["model_version"] or "annotations" in task:
                raise ValueError("no predictions, or annotated since")
            yield task["data"]["name"], task["data"]["text"]
