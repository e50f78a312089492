"""Tagging many texts: from where they come, through a pipeline, to where they go.

Texts go through in batches and are forgotten, so that memory stays bounded; what was written in an
earlier run is not done again; a text that fails is reported and does not stop the rest.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol

from spacy.language import Language
from spacy.tokens import Doc, DocBin

from ..corpora.brat import find_texts, read_text, write_annotations

_BATCH_CHARS = 100_000
_DOCS_IN_FILE = 100


class Text(NamedTuple):
    """A text to tag.

    name: what it is called in the output.
    fields: what else its record holds.
    """

    name: str
    text: str
    fields: dict[str, Any] = {}


OnError = Callable[[str, Exception], None]
"""Told the name of a text, and what went wrong with it."""


class Output(Protocol):
    """Where tagged docs go."""

    def done(self) -> set[str]:
        """The names of texts that earlier runs have written."""

    def write(self, text: Text, doc: Doc) -> None:
        """Write the entities of a doc."""

    def close(self) -> None:
        """Write what is left."""


def tag_texts(nlp: Language, texts: Iterable[Text], output: Output, on_error: OnError) -> int:
    """Tag texts that the output does not have yet.

    RETURNS: how many were tagged.
    """
    done = output.done()
    n_tagged = 0
    try:
        for batch in _batches(text for text in texts if text.name not in done):
            with nlp.memory_zone():
                for text, doc in _tag(nlp, batch, on_error):
                    output.write(text, doc)
                    n_tagged += 1
    finally:
        output.close()
    return n_tagged


def _batches(texts: Iterable[Text]) -> Iterator[list[Text]]:
    batch: list[Text] = []
    size = 0
    for text in texts:
        batch.append(text)
        size += len(text.text)
        if size >= _BATCH_CHARS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _tag(nlp: Language, batch: list[Text], on_error: OnError) -> Iterator[tuple[Text, Doc]]:
    try:
        docs = list(nlp.pipe(text.text for text in batch))
    except Exception as error:
        if len(batch) == 1:
            on_error(batch[0].name, error)
            return
        for text in batch:
            yield from _tag(nlp, [text], on_error)
    else:
        yield from zip(batch, docs)


def folder_texts(folder: Path, on_error: OnError) -> Iterator[Text]:
    """The .txt files of a folder and the folders in it, named by their path within, without .txt.

    RAISES: FileNotFoundError if there are none.
    """
    for path in find_texts(folder):
        name = path.relative_to(folder).with_suffix("").as_posix()
        try:
            yield Text(name, read_text(path))
        except (ValueError, OSError) as error:
            on_error(name, error)


def stream_texts(stream: IO[str], on_error: OnError) -> Iterator[Text]:
    """The "text" of each line of JSON lines, named by the number of the line."""
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            if not isinstance(record, dict) or not isinstance(record.get("text"), str):
                raise ValueError('expected a JSON object with a string "text"')
        except ValueError as error:
            on_error(f"line {number}", error)
        else:
            yield Text(str(number), record.pop("text"), record)


class BratOutput:
    """One .ann file a text, named as the text; `with_texts` writes the .txt file beside it."""

    def __init__(self, folder: Path, *, with_texts: bool = False) -> None:
        self.folder = folder
        self.with_texts = with_texts

    def done(self) -> set[str]:
        """The names of the .ann files that are there."""
        paths = self.folder.rglob("*.ann")
        return {path.relative_to(self.folder).with_suffix("").as_posix() for path in paths}

    def write(self, text: Text, doc: Doc) -> None:
        """Write the text's .ann file."""
        path = self.folder / f"{text.name}.ann"
        path.parent.mkdir(parents=True, exist_ok=True)
        if self.with_texts:
            path.with_suffix(".txt").write_bytes(text.text.encode())
        write_annotations(doc, path)

    def close(self) -> None:
        """There is nothing left."""


class JsonLinesOutput:
    """A line a text: its record, with "name" and "ents", which have "start", "end" (in code points)
    and "label", as in spaCy's `Doc.to_json`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file: IO[str] | None = None

    def done(self) -> set[str]:
        """The names on complete lines; a line that was cut short is removed."""
        names: set[str] = set()
        if self.path.exists():
            with self.path.open("r+b") as file:
                complete = 0
                for line in file:
                    if line.endswith(b"\n"):
                        names.add(json.loads(line)["name"])
                        complete += len(line)
                file.truncate(complete)
        return names

    def write(self, text: Text, doc: Doc) -> None:
        """Append the text's line."""
        if self.file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.file = self.path.open("a", encoding="utf-8", newline="\n")
        ents = [
            {"start": ent.start_char, "end": ent.end_char, "label": ent.label_} for ent in doc.ents
        ]
        record = {**text.fields, "name": text.name, "text": text.text, "ents": ents}
        self.file.write(json.dumps(record, ensure_ascii=False) + "\n")

    def close(self) -> None:
        """Close the file."""
        if self.file is not None:
            self.file.close()


class DocBinOutput:
    """Files of up to 100 docs in spaCy's binary format; `doc.user_data` has the text's
    record and its "name"."""

    def __init__(self, folder: Path, nlp: Language) -> None:
        self.folder = folder
        self.vocab = nlp.vocab
        self.docs = DocBin(store_user_data=True)

    def done(self) -> set[str]:
        """The names of the docs in complete files."""
        names: set[str] = set()
        for path in self.folder.glob("*.spacy"):
            docs = DocBin().from_disk(path).get_docs(self.vocab)
            names.update(doc.user_data["name"] for doc in docs)
        return names

    def write(self, text: Text, doc: Doc) -> None:
        """Add the doc, and write a file when it is full."""
        doc.user_data.update({**text.fields, "name": text.name})
        self.docs.add(doc)
        if len(self.docs) >= _DOCS_IN_FILE:
            self.close()

    def close(self) -> None:
        """Write the docs that fill no file."""
        if len(self.docs) == 0:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        number = len(list(self.folder.glob("*.spacy")))
        unfinished = self.folder / "unfinished"
        self.docs.to_disk(unfinished)
        unfinished.replace(self.folder / f"{number:05}.spacy")
        self.docs = DocBin(store_user_data=True)
