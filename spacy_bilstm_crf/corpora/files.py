"""Writing files: whole or not at all, by one process at a time, where there is room for them."""

import re
import secrets
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TypeVar

from filelock import FileLock, Timeout

Content = TypeVar("Content")

_UNFINISHED = re.compile(r"\.[0-9a-f]{16}\.unfinished")


def make_room(path: Path, *, folder: bool = False) -> None:
    """Make the folder of a file to write, or with `folder` the folder itself, and check that it can
    be written to.

    RAISES: OSError if not, or if the path is a folder and a file is to be written, or the other way
        round.
    """
    if not folder and path.is_dir():
        raise IsADirectoryError(f"{path} is a folder. Give a file to write.")
    room = path if folder else path.parent
    for place in (room, *room.parents):
        if place.exists():
            if not place.is_dir():
                raise NotADirectoryError(f"{place} is a file, not a folder.")
            break
    room.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=room):
        pass


def write_splits(
    folder: str | Path,
    suffix: str,
    splits: Mapping[str, Content],
    write: Callable[[Content, IO[str]], None],
) -> list[Path]:
    """Write a text file for each split: NAME.SUFFIX.

    folder: where to write; it is made if need be.
    splits: what each split has. write: writes that to a file.
    RETURNS: the files written.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for split, content in splits.items():
        paths.append(folder / f"{split}.{suffix}")
        with paths[-1].open("w", encoding="utf-8", newline="\n") as file:
            write(content, file)
    return paths


def write_whole(path: Path, data: bytes) -> None:
    """Write a file aside and move it to its place, so that no reader ever finds half of it."""
    with aside(path) as unfinished, unfinished.open("xb") as file:
        file.write(data)


@contextmanager
def aside(path: Path) -> Iterator[Path]:
    """Where to make a file that is moved to its place in the end, or removed if there is an error.

    The name aside is a new one, so that writers do not meet, and no link is followed.
    """
    unfinished = path.with_name(f".{secrets.token_hex(8)}.unfinished")
    try:
        yield unfinished
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def remove_unfinished(folder: Path) -> None:
    """Remove what killed writers have left in a folder and the folders in it. No other may write
    there meanwhile."""
    for path in list(folder.rglob(".*.unfinished")):
        if _UNFINISHED.fullmatch(path.name):
            path.unlink(missing_ok=True)


@contextmanager
def locked(path: Path, output: Path) -> Iterator[None]:
    """Keep other runs from an output, by a lock file, whose folder is made if it is not there.

    The operating system frees the lock of a process that dies.

    RAISES: ValueError if another run writes there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise ValueError(f"Another run is writing to {output}. Wait for it, or end it.") from None
    try:
        yield
    finally:
        with suppress(OSError):  # on Windows it goes with the release
            path.unlink(missing_ok=True)
        lock.release()
