"""A record of what a command wrote to a folder, so that it never touches files of others."""

from __future__ import annotations

import os
from hashlib import blake2b
from pathlib import Path
from typing import Any

from ..corpora.files import remove_unfinished, write_whole
from .lines import LinesFile, format_line

NAME = ".predict.jsonl"
"""The name of the file with a line for each file that was written."""


class Manifest:
    """The files that a command has written to a folder, with digests of what it wrote.

    A line comes before its file, so that no kill leaves a file that is not known.

    RAISES: ValueError if there is another file of the manifest's name.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lines = LinesFile(folder / NAME, "file", "digest", "text")
        if self.lines.path.is_symlink():
            raise ValueError(f"{self.lines.path} is a link. Give another output folder.")
        records = self.lines.read()
        self.digests = {record["file"]: (record["digest"], record["text"]) for record in records}
        remove_unfinished(folder)

    def __contains__(self, file: str) -> bool:
        return file in self.digests

    def text(self, file: str) -> str:
        """The digest of the text that a file belongs to."""
        return self.digests[file][1]

    def is_own(self, file: str) -> bool:
        """Tell whether a file is there, and as it was written."""
        path = self.folder / file
        if file not in self.digests or path.is_symlink() or not path.is_file():
            return False
        found = blake2b(digest_size=16)
        with path.open("rb") as opened:
            while part := opened.read(2**20):
                found.update(part)
        return found.hexdigest() == self.digests[file][0]

    def write(self, files: dict[str, bytes], text: str) -> None:
        """Write files that are not there, or are as they were written.

        text: the digest of the text that they belong to.
        RAISES: ValueError if a file is of others or was changed; nothing is written then.
        """
        for file in files:
            if os.path.lexists(self.folder / file) and not self.is_own(file):
                raise ValueError(f"{self.folder / file} is there, and not of this command")
        records: list[dict[str, Any]] = []
        for file, data in files.items():
            own = blake2b(data, digest_size=16).hexdigest()
            records.append({"file": file, "digest": own, "text": text})
            self.digests[file] = own, text
            (self.folder / file).parent.mkdir(parents=True, exist_ok=True)
        self.lines.append(*(format_line(record, ascii=True) for record in records))
        for file, data in files.items():
            write_whole(self.folder / file, data)

    def remove(self, suffixes: set[str]) -> None:
        """Remove the files of these suffixes that are as they were written."""
        for file in list(self.digests):
            if Path(file).suffix in suffixes and self.is_own(file):
                (self.folder / file).unlink()
            if not os.path.lexists(self.folder / file):
                del self.digests[file]
        if not self.digests:
            self.lines.clear()

    def close(self) -> None:
        """Close the file."""
        self.lines.close()
