"""Writing files whole or not at all, and by one process at a time."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

_UNFINISHED = re.compile(r"\.[0-9a-f]{16}\.unfinished")


def write_whole(path: Path, data: bytes) -> None:
    """Write a file aside and move it to its place, so that no reader ever finds half of it.

    The name aside is a new one, so that writers do not meet, and no link is followed.
    """
    unfinished = path.with_name(f".{secrets.token_hex(8)}.unfinished")
    file = unfinished.open("xb")
    try:
        with file:
            file.write(data)
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
