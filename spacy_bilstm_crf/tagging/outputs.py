"""The formats that tagged docs go to.

An output is read when it is made, within bounded memory: names, and digests of texts. It changes
no file that it has not written; `force` removes those that it has.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Protocol

from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab

from ..corpora.brat import find_files, format_annotations
from ..corpora.files import remove_unfinished, write_whole
from .lines import LinesFile
from .manifest import Manifest
from .texts import Text, check_unchanged, digest, is_done

_DOCS_IN_FILE = 100
_TOKENS_IN_FILE = 1_000_000


class Output(Protocol):
    """A place that tagged docs are written to."""

    def has(self, text: Text) -> bool:
        """Tell whether an earlier run has written the text.

        RAISES: ValueError if it has written another text under the name.
        """

    def write(self, text: Text, doc: Doc) -> None:
        """Write the entities of a doc, or nothing of it if the format can't hold it."""

    def close(self) -> None:
        """Write what is left."""


def lock_file(output: Path, *, is_folder: bool) -> Path:
    """The path of an output's lock."""
    return output / ".predict.lock" if is_folder else output.with_name(f".{output.name}.lock")


class BratOutput:
    """One .ann file a text, named as the text; `with_texts` writes the .txt file beside it.

    A text that has an .ann file, whoever wrote it, is done.

    RAISES: ValueError if there are files of others, with `force` any .ann file, `with_texts` those
        whose names are numbers.
    """

    def __init__(self, folder: Path, *, with_texts: bool = False, force: bool = False) -> None:
        self.folder = folder
        self.with_texts = with_texts
        self.manifest = Manifest(folder)
        self.n_of_others = 0
        if force:
            for path in find_files(folder, ".ann"):
                if not self.manifest.is_own(path.relative_to(folder).as_posix()):
                    raise ValueError(
                        f"{path} was not written by this command, or was changed since: nothing is "
                        "removed. Move it away, or give another output folder."
                    )
            self.manifest.remove({".ann", ".txt"} if with_texts else {".ann"})
        if with_texts:
            for path in folder.glob("[0-9]*"):
                is_name = path.stem.isdigit() and path.suffix.lower() in (".txt", ".ann")
                if is_name and path.name not in self.manifest:
                    raise ValueError(
                        f"{path} was not written by this command, and could be in the way. Give "
                        "another output folder."
                    )

    def has(self, text: Text) -> bool:
        """Tell whether the text has an .ann file."""
        file = f"{text.name}.ann"
        if not (self.folder / file).exists():
            return False
        if file in self.manifest:
            check_unchanged(text, self.manifest.text(file))
        else:
            self.n_of_others += 1
        return True

    def write(self, text: Text, doc: Doc) -> None:
        """Write the text's .ann file."""
        files = {f"{text.name}.ann": format_annotations(doc).encode()}
        if self.with_texts:  # first, so that what has an .ann file is complete
            files = {f"{text.name}.txt": text.text.encode(), **files}
        self.manifest.write(files, digest(text.text))

    def close(self) -> None:
        """Close the manifest."""
        self.manifest.close()


class JsonLinesOutput:
    """A line a text: "name", "text" and "ents", which have "start", "end" (in code points) and
    "label", as in spaCy's `Doc.to_json`; "input" is what else the text's record had.

    RAISES: ValueError if the file has other lines, or is no regular file.
    """

    def __init__(self, path: Path, *, force: bool = False) -> None:
        self.lines = LinesFile(path, "name", "text", "ents")
        self.done = {record["name"]: digest(record["text"]) for record in self.lines.read()}
        if force:
            self.lines.clear()
            self.done = {}
        self.lines.append()  # there is a file, even if there are no texts

    def has(self, text: Text) -> bool:
        """Tell whether the text has a line."""
        return is_done(text, self.done)

    def write(self, text: Text, doc: Doc) -> None:
        """Append the text's line."""
        ents = [
            {"start": ent.start_char, "end": ent.end_char, "label": ent.label_} for ent in doc.ents
        ]
        record: dict[str, Any] = {"name": text.name, "text": text.text, "ents": ents}
        if text.fields:
            record["input"] = text.fields
        self.lines.append(record)

    def close(self) -> None:
        """Close the file."""
        self.lines.close()


class DocBinOutput:
    """Files of up to 100 docs in spaCy's binary format; `doc.user_data` has the text's "name", and
    as "input" what else its record had.

    RAISES: ValueError if the folder has other .spacy files whose names are numbers.
    """

    def __init__(self, folder: Path, *, force: bool = False) -> None:
        self.folder = folder
        self.docs = DocBin(store_user_data=True)
        self.n_tokens = 0
        self.number = 0
        self.done: dict[str, str] = {}
        paths = [p for p in sorted(folder.glob("*.spacy")) if re.fullmatch("[0-9]+", p.stem)]
        for path in paths:
            self._read(path)
            self.number = max(self.number, int(path.stem) + 1)
        remove_unfinished(folder)
        if force:
            for path in paths:
                path.unlink()
            self.done, self.number = {}, 0

    def _read(self, path: Path) -> None:
        try:
            if not path.is_file():
                raise ValueError("not a regular file")
            for doc in DocBin().from_disk(path).get_docs(Vocab()):
                self.done[doc.user_data["name"]] = digest(doc.text)
        except Exception as error:
            raise ValueError(
                f"{path}: not a file that this command has written. Give another output folder."
            ) from error

    def has(self, text: Text) -> bool:
        """Tell whether the text's doc is in a complete file."""
        return is_done(text, self.done)

    def write(self, text: Text, doc: Doc) -> None:
        """Add the doc, and write a file when it is full."""
        doc.user_data["name"] = text.name
        doc.user_data["input"] = text.fields
        # DocBin.add leaves half of a doc that it can't hold, which would shift those after it.
        alone = DocBin(store_user_data=True, docs=[doc])
        alone.to_bytes()
        self.docs.merge(alone)
        self.n_tokens += len(doc)
        if len(self.docs) >= _DOCS_IN_FILE or self.n_tokens >= _TOKENS_IN_FILE:
            self.close()

    def close(self) -> None:
        """Write the docs that fill no file."""
        if len(self.docs) == 0:
            return
        write_whole(self.folder / f"{self.number:05}.spacy", self.docs.to_bytes())
        self.number += 1
        self.docs = DocBin(store_user_data=True)
        self.n_tokens = 0
