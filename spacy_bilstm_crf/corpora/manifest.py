"""The manifest of a folder that a command writes to: which files are its own, and that all of them
are there.

A command builds its files aside, in a hidden folder within, and then replaces those that it wrote
before. A manifest that says "complete": false stands in between, so that an interrupted command
leaves what it found, what it made, or a folder that says that it is neither. Files of others are
never touched.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Any

from .files import locked

_UNFINISHED = ".unfinished"

Record = dict[str, Any]
"""A manifest: "complete"; "files", the SHA-256 of each file by its path in the folder, several
where an interruption left one of them; and what the command says of its files."""


class OwnFiles:
    """The files that a command has written to a folder, and no others.

    folder: need not be there.
    command: its name, for messages.
    manifest: the name of the manifest in the folder.
    """

    def __init__(self, folder: str | Path, *, command: str, manifest: str) -> None:
        self.folder = Path(folder)
        self.command = command
        self.manifest = self.folder / manifest

    def read(self) -> Record | None:
        """The manifest; None if there is none.

        RAISES: ValueError if the file is not one of this command.
        """
        if not self.manifest.exists():
            return None
        try:
            record = json.loads(self.manifest.read_text(encoding="utf-8"))
            if not isinstance(record["complete"], bool):
                raise TypeError
            for name, digests in record["files"].items():
                path = PurePosixPath(name)
                if path.is_absolute() or ".." in path.parts or not isinstance(digests, list):
                    raise TypeError
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise ValueError(
                f"{self.manifest} is not as `{self.command}` writes it. Give another folder, or "
                "move the file away, and those beside it that you do not need."
            ) from error
        return dict(record)

    def check_complete(self, record: Record) -> None:
        """Check that all files of a manifest are there, as they were written.

        RAISES: ValueError if not; the message says what to do.
        """
        again = f"Run `{self.command}` again."
        if not record["complete"]:
            raise ValueError(f"{self.folder} is incomplete: it was interrupted. {again}")
        for name, digests in record["files"].items():
            path = self.folder / name
            if not path.is_file():
                raise ValueError(f"{self.folder} is incomplete: {name} is missing. {again}")
            if _digest(path) not in digests:
                raise ValueError(
                    f"{path} is not as `{self.command}` wrote it. If it is of no use, remove it. "
                    f"{again}"
                )

    def check_free(self, names: Iterable[str]) -> None:
        """Check that no files of others stand at the places of files to write or to replace.

        names: the paths, in the folder, of the files to write.
        RAISES: FileExistsError if one does, NotADirectoryError if the folder is none.
        """
        if self.folder.exists() and not self.folder.is_dir():
            raise NotADirectoryError(f"{self.folder} is a file, not a folder.")
        own: dict[str, list[str]] = (self.read() or {"files": {}})["files"]
        foreign = []
        for name in sorted({*own, *names}):
            path = self.folder / name
            for parent in list(path.relative_to(self.folder).parents)[:-1]:
                within = self.folder / parent
                if within.is_symlink() or (within.exists() and not within.is_dir()):
                    raise FileExistsError(f"{within} is in the way: it is no folder.")
            if not (path.is_symlink() or path.exists()):
                continue
            if path.is_symlink() or not path.is_file() or _digest(path) not in own.get(name, ()):
                foreign.append(name)
        if foreign:
            more = f", and {len(foreign) - 1} more like it" if len(foreign) > 1 else ""
            raise FileExistsError(
                f"{self.folder / foreign[0]} is in the way{more}: it is not in "
                f"{self.manifest.name}, which lists what `{self.command}` has written, or has "
                "changed since. "
                "Move it away, remove it if it is of no use, or give another folder."
            )

    @contextmanager
    def build(self) -> Iterator[Path]:
        """A new folder to write files to, for `replace`; it is removed in the end.

        RAISES: ValueError if another run writes to the folder.
        """
        aside = self.folder / _UNFINISHED
        is_new = not self.folder.exists()
        try:
            with locked(self.folder / f".{self.command}.lock", self.folder):
                shutil.rmtree(aside, ignore_errors=True)
                try:
                    (aside / "files").mkdir(parents=True)
                    yield aside / "files"
                finally:
                    shutil.rmtree(aside, ignore_errors=True)
        finally:
            if is_new:
                with suppress(OSError):  # it holds what was built
                    self.folder.rmdir()

    def replace(self, built: Path, about: Mapping[str, Any]) -> None:
        """Put files in the place of those that the manifest lists.

        built: the folder of `build`.
        about: what else the manifest shall say.
        RAISES: FileExistsError as `check_free` does; then nothing has changed.
        """
        paths = sorted(path for path in built.rglob("*") if path.is_file())
        files = {path.relative_to(built).as_posix(): [_digest(path)] for path in paths}
        self.check_free(files)
        before: dict[str, list[str]] = (self.read() or {"files": {}})["files"]
        both = {
            name: sorted({*before.get(name, ()), *files.get(name, ())})
            for name in sorted({*before, *files})
        }
        # All that takes room is written before anything is replaced.
        begin, end = built.parent / "begin.json", built.parent / "end.json"
        _write_json(begin, {"complete": False, "files": both})
        _write_json(end, {"complete": True, **about, "files": files})
        begin.replace(self.manifest)
        for name in before:
            (self.folder / name).unlink(missing_ok=True)
        for name in files:
            (self.folder / name).parent.mkdir(exist_ok=True, parents=True)
            (built / name).replace(self.folder / name)
        for parent in {PurePosixPath(name).parent for name in before} - {PurePosixPath()}:
            with suppress(OSError):  # it has other files
                (self.folder / parent).rmdir()
        end.replace(self.manifest)


def check_apart(a: Path, b: Path) -> None:
    """Check that two folders, which need not be there, are not the same, and neither is in the
    other.

    RAISES: ValueError if not.
    """
    for inner, outer in ((a, b), (b, a)):
        inner = inner.resolve()
        if outer.exists() and any(
            path.exists() and path.samefile(outer) for path in (inner, *inner.parents)
        ):
            raise ValueError(f"{a} and {b} must lie apart.")
        if outer.resolve() in (inner, *inner.parents):
            raise ValueError(f"{a} and {b} must lie apart.")


def _write_json(path: Path, record: Record) -> None:
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
