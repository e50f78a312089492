"""The places that tagged docs go to: a file a text, a file of many texts, or a line a text.

An output is read when it is made, within bounded memory: names, and digests of texts. It changes
no file that it has not written; `force` removes those that it has. `formats` says what is made of
a text, by whichever process has tagged it; an output writes that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

from ..corpora.brat import find_files
from ..corpora.files import remove_unfinished, write_whole
from .lines import LinesFile, format_line
from .manifest import Manifest
from .texts import Text, check_unchanged, digest, is_done

Stamp = Callable[[dict[str, Any]], str]
"""What a text is compared by in a later run, by its line: `texts.stamp`."""

_DOCS_IN_FILE = 100
_CHARS_IN_FILE = 5_000_000


class Output(Protocol):
    """A place that tagged docs are written to."""

    def has(self, text: Text) -> bool:
        """Tell whether an earlier run has written the text.

        RAISES: ValueError if it has written another text under the name.
        """

    def write(self, text: Text, made: Any) -> None:
        """Write what was made of a text."""

    def close(self, *, complete: bool) -> None:
        """Close what is open. complete: write what is left; without, it is left to the next run."""


class Pack(Protocol):
    """Texts on their way to a file that holds many.

    suffix: of the file.
    """

    suffix: str

    def __len__(self) -> int:
        """How many texts there are."""

    def add(self, made: Any) -> None:
        """Add what was made of a text."""

    def take(self, first: int) -> bytes:
        """Take the texts out, as the content of a file.

        first: a number for the first of them; with those that follow, of no other text.
        """

    def read(self, path: Path) -> Iterable[tuple[str, str]]:
        """The name and the text of each text of a file. RAISES: any error if it is another's."""


def lock_file(output: Path, *, is_folder: bool) -> Path:
    """The path of an output's lock."""
    return output / ".predict.lock" if is_folder else output.with_name(f".{output.name}.lock")


class FilePerText:
    """Files named as the text: one, or several with a suffix each, of which the last says that the
    text is done, whoever wrote it.

    suffixes: of a text's files, of which the content of each is made.
    stamp: what a text is compared by in a later run, by the text and what is made of it.
    are_numbers: whether names are numbers, so that a file of others says nothing of a text.
    RAISES: ValueError if there are files of others, with `force` any of the last suffix, with
        `are_numbers` those whose names are numbers.
    """

    def __init__(
        self,
        folder: Path,
        suffixes: Sequence[str],
        *,
        are_numbers: bool = False,
        force: bool = False,
        stamp: Callable[[Text, Sequence[str]], str] = lambda text, made: digest(text.text),
    ) -> None:
        self.folder = folder
        self.suffixes = suffixes
        self.stamp = stamp
        self.manifest = Manifest(folder)
        self.n_of_others = 0
        if force:
            for path in find_files(folder, suffixes[-1]):
                if not self.manifest.is_own(path.relative_to(folder).as_posix()):
                    raise ValueError(
                        f"{path} was not written by this command, or was changed since: nothing is "
                        "removed. Move it away, or give another output folder."
                    )
            self.manifest.remove(set(suffixes))
        if are_numbers:
            for path in folder.glob("[0-9]*"):
                is_name = path.stem.isdigit() and path.suffix.lower() in suffixes
                if is_name and path.name not in self.manifest:
                    raise ValueError(
                        f"{path} was not written by this command, and could be in the way. Give "
                        "another output folder."
                    )

    def has(self, text: Text) -> bool:
        """Tell whether the text has its last file."""
        file = f"{text.name}{self.suffixes[-1]}"
        if not (self.folder / file).exists():
            return False
        if file in self.manifest:
            check_unchanged(text, self.manifest.text(file))
        else:
            self.n_of_others += 1
        return True

    def write(self, text: Text, made: Sequence[str]) -> None:
        """Write the text's files."""
        contents = zip(self.suffixes, made)
        files = {f"{text.name}{suffix}": content.encode() for suffix, content in contents}
        self.manifest.write(files, self.stamp(text, made))

    def close(self, *, complete: bool) -> None:
        """Close the manifest."""
        self.manifest.close()


class FilesOfTexts:
    """Files of up to 100 texts, which are numbered.

    RAISES: ValueError if the folder has other files of the suffix whose names are numbers.
    """

    def __init__(self, folder: Path, pack: Pack, *, force: bool = False) -> None:
        self.folder = folder
        self.pack = pack
        self.n_chars = 0
        self.number = 0
        self.done: dict[str, str] = {}
        found = sorted(folder.glob(f"*{pack.suffix}"))
        paths = [path for path in found if re.fullmatch("[0-9]+", path.stem)]
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
            for name, text in self.pack.read(path):
                self.done[name] = digest(text)
        except Exception as error:
            raise ValueError(
                f"{path}: not a file that this command has written. Give another output folder."
            ) from error

    def has(self, text: Text) -> bool:
        """Tell whether the text is in a complete file."""
        return is_done(text, self.done)

    def write(self, text: Text, made: Any) -> None:
        """Add the text, and write a file when it is full."""
        self.pack.add(made)
        self.n_chars += len(text.text)
        if len(self.pack) >= _DOCS_IN_FILE or self.n_chars >= _CHARS_IN_FILE:
            self._write_file()

    def close(self, *, complete: bool) -> None:
        """Write the texts that fill no file, so that of an interrupted run only full ones stay."""
        if complete and len(self.pack) > 0:
            self._write_file()

    def _write_file(self) -> None:
        data = self.pack.take(1 + self.number * _DOCS_IN_FILE)
        write_whole(self.folder / f"{self.number:05}{self.pack.suffix}", data)
        self.number += 1
        self.n_chars = 0


def digest_of(record: dict[str, Any]) -> str:
    """The digest of the text of a line."""
    return digest(record["text"])


class LinePerText:
    """A line of JSON a text, as `make_line` makes it.

    key: what every line has beside its name and text.
    stamp: what a text is compared by in a later run, by its line.
    RAISES: ValueError if the file has other lines, or is no regular file.
    """

    def __init__(
        self, path: Path, key: str, *, force: bool = False, stamp: Stamp = digest_of
    ) -> None:
        self.lines = LinesFile(path, "name", "text", key)
        self.done = {record["name"]: stamp(record) for record in self.lines.read()}
        if force:
            self.lines.clear()
            self.done = {}
        self.lines.append()  # there is a file, even if there are no texts

    def has(self, text: Text) -> bool:
        """Tell whether the text has a line."""
        return is_done(text, self.done)

    def write(self, text: Text, made: bytes) -> None:
        """Append the text's line."""
        self.lines.append(made)

    def close(self, *, complete: bool) -> None:
        """Close the file."""
        self.lines.close()


def make_line(found: dict[str, Any], text: Text) -> bytes:
    """The line of a text: its "name" and "text", what was found, and as "input" what else the
    text's record had. RAISES: ValueError if JSON can't hold it."""
    given = {"input": text.fields} if text.fields else {}
    return format_line({"name": text.name, "text": text.text, **found, **given})
