"""Writing files whole or not at all."""

import re
import secrets
from pathlib import Path

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
