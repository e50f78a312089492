"""Checks of a command's output before its long work begins."""

import tempfile
from pathlib import Path


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
