"""Tagging many texts: from where they come, through a pipeline, to where they go.

Texts go through in batches and are forgotten, so that memory stays bounded; what was written in an
earlier run is not done again; a text that fails is reported and does not stop the rest.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol

import srsly
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

    def done(self) -> dict[str, str | None]:
        """The names of texts that earlier runs have written, and the texts, None if not kept."""

    def write(self, text: Text, doc: Doc) -> None:
        """Write the entities of a doc."""

    def close(self) -> None:
        """Write what is left."""


def tag_texts(nlp: Language, texts: Iterable[Text], output: Output, on_error: OnError) -> int:
    """Tag texts that the output does not have yet.

    RETURNS: how many were tagged.
    RAISES: ValueError if the output has another text under a name.
    """
    done = output.done()
    n_tagged = 0
    try:
        for batch in _batches(_left(texts, done)):
            with nlp.memory_zone():
                for text, doc in _tag(nlp, batch, on_error):
                    try:
                        output.write(text, doc)
                    except (ValueError, OverflowError, OSError) as error:
                        on_error(text.name, error)
                    else:
                        n_tagged += 1
    finally:
        output.close()
    return n_tagged


def _left(texts: Iterable[Text], done: dict[str, str | None]) -> Iterator[Text]:
    for text in texts:
        if text.name not in done:
            yield text
        elif done[text.name] not in (None, text.text):
            raise ValueError(
                f"The output has another text than the input under the name {text.name!r}: the "
                "input has changed since. Give another output, or --force to begin anew."
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


def stream_texts(stream: IO[bytes], on_error: OnError) -> Iterator[Text]:
    """The "text" of each line of JSON lines, named by the number of the line."""
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
            if not isinstance(record, dict) or not isinstance(record.get("text"), str):
                raise ValueError('expected a JSON object with a string "text"')
            record["text"].encode()  # half a surrogate pair is no character
        except (ValueError, RecursionError) as error:
            on_error(f"line {number}", error)
        else:
            yield Text(str(number), record.pop("text"), record)


class BratOutput:
    """One .ann file a text, named as the text; `with_texts` writes the .txt file beside it."""

    def __init__(self, folder: Path, *, with_texts: bool = False) -> None:
        self.folder = folder
        self.with_texts = with_texts

    def done(self) -> dict[str, str | None]:
        """The names of the .ann files that are there."""
        paths = self.folder.rglob("*.ann")
        names = (path.relative_to(self.folder).with_suffix("").as_posix() for path in paths)
        return dict.fromkeys(names)

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
    """A line a text: "name", "text" and "ents", which have "start", "end" (in code points) and
    "label", as in spaCy's `Doc.to_json`; "input" is what else the text's record had."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file: IO[str] | None = None

    def done(self) -> dict[str, str | None]:
        """The texts of complete lines; a line that was cut short is removed.

        RAISES: ValueError if the file has other lines.
        """
        texts: dict[str, str | None] = {}
        if not self.path.exists():
            return texts
        complete = 0
        with self.path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    if not line.startswith(b'{"name": '[: len(line)]):
                        raise self._foreign(number)
                    break
                try:
                    record = json.loads(line)
                    texts[record["name"]] = record["text"]
                    record["ents"]
                except (ValueError, TypeError, KeyError) as error:
                    raise self._foreign(number) from error
                complete += len(line)
        os.truncate(self.path, complete)
        return texts

    def _foreign(self, number: int) -> ValueError:
        return ValueError(
            f"{self.path}, line {number}: not a line that this command has written. Give another "
            "output file."
        )

    def write(self, text: Text, doc: Doc) -> None:
        """Append the text's line."""
        if self.file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.file = self.path.open("a", encoding="utf-8", newline="\n")
        ents = [
            {"start": ent.start_char, "end": ent.end_char, "label": ent.label_} for ent in doc.ents
        ]
        record: dict[str, Any] = {"name": text.name, "text": text.text, "ents": ents}
        if text.fields:
            record["input"] = text.fields
        line = json.dumps(record, ensure_ascii=False, allow_nan=False)
        line.encode()  # refused here, not after half of it is written
        self.file.write(f"{line}\n")

    def close(self) -> None:
        """Close the file."""
        if self.file is not None:
            self.file.close()


class DocBinOutput:
    """Files of up to 100 docs in spaCy's binary format; `doc.user_data` has the text's "name", and
    as "input" what else its record had."""

    files = "[0-9]*.spacy"

    def __init__(self, folder: Path, nlp: Language) -> None:
        self.folder = folder
        self.vocab = nlp.vocab
        self.docs = DocBin(store_user_data=True)
        self.number = 0

    def done(self) -> dict[str, str | None]:
        """The names and texts of the docs in complete files.

        RAISES: ValueError if the folder has other .spacy files.
        """
        texts: dict[str, str | None] = {}
        for path in sorted(self.folder.glob(self.files)):
            try:
                docs = list(DocBin().from_disk(path).get_docs(self.vocab))
                texts.update((doc.user_data["name"], doc.text) for doc in docs)
            except Exception as error:
                raise ValueError(
                    f"{path}: not a file that this command has written. Give another output folder."
                ) from error
            self.number = max(self.number, int(path.stem) + 1 if path.stem.isdigit() else 0)
        return texts

    def write(self, text: Text, doc: Doc) -> None:
        """Add the doc, and write a file when it is full."""
        doc.user_data["name"] = text.name
        doc.user_data["input"] = text.fields
        srsly.msgpack_dumps(text.fields)  # refused here, not after half of the doc is added
        self.docs.add(doc)
        if len(self.docs) >= _DOCS_IN_FILE:
            self.close()

    def close(self) -> None:
        """Write the docs that fill no file."""
        if len(self.docs) == 0:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = self.folder / "unfinished"
        self.docs.to_disk(unfinished)
        unfinished.replace(self.folder / f"{self.number:05}.spacy")
        self.number += 1
        self.docs = DocBin(store_user_data=True)
