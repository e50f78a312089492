"""Texts on their way to a file that holds many: a DocBin, or tasks of Label Studio."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

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

    def add(self, text: Text, doc: Doc) -> None:
        """Add a doc, or nothing of it if the format can't hold it."""
        doc.user_data["name"] = text.name
        doc.user_data["input"] = text.fields
        # DocBin.add leaves half of a doc that it can't hold, which would shift those after it.
        alone = DocBin(store_user_data=True, docs=[doc])
        alone.to_bytes()
        self.docs.merge(alone)

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
    """Tasks with a prediction each, whose `data` has "name" and "text".

    model_version: the model.
    """

    suffix = ".json"

    def __init__(self, model_version: str) -> None:
        self.model_version = model_version
        self.texts: list[AnnotatedText] = []

    def __len__(self) -> int:
        return len(self.texts)

    def add(self, text: Text, doc: Doc) -> None:
        """Add what a pipeline has found in a text, or nothing if the format can't hold it."""
        text.name.encode()  # what UTF-8 can't hold fails alone, not with the whole file
        self.texts.append(found_in(text, doc))

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
