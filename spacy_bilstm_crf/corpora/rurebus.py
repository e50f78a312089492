"""The archives of RuREBus (Russian business texts in brat) -> folders of files.

The task and its data: https://github.com/dialogue-evaluation/RuREBus
"""

from __future__ import annotations

import hashlib
import shutil
import zipfile
import zlib
from pathlib import Path, PurePosixPath

DIGESTS = {
    "train_part_1": "339c79382eb6cee05a4d7496f5c16004d1f981286c0f5782d90a8c38f5319e3f",
    "train_part_2": "d8a1612352666de0108ba03a84bcfc4628497783a75642a3697ebd47e37011a0",
    "train_part_3": "1f79e785f82093c34cb54081aa53ff9452f224824f1ffeeacf99d1ca6ffdeea2",
}
"""`digest` of the files in the archives that our figures were measured on."""


def unpack(folder: str | Path) -> list[str]:
    """Unpack train_part_1.zip and the like into train/train_part_1/, test_*.zip into test/. What is
    unpacked already is left as it is.

    RETURNS: the names of archives whose files are not those that our figures were measured on.
    RAISES: ValueError if an archive is damaged; what it held is not left half unpacked.
    """
    changed = []
    for archive in sorted([*Path(folder).glob("train*.zip"), *Path(folder).glob("test*.zip")]):
        split = "test" if archive.stem.startswith("test") else "train"
        target = archive.parent / split / archive.stem
        if target.is_dir():
            continue
        unfinished = target.with_name(f".{target.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        try:
            _extract(archive, unfinished)
            unfinished.rename(target)
        except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError) as error:
            raise ValueError(
                f"{archive} can't be unpacked ({error}). Remove it and fetch it again: "
                "python -m spacy project assets"
            ) from error
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        if digest(target) != DIGESTS.get(archive.stem, digest(target)):
            changed.append(archive.name)
    return changed


def _extract(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as zipped:
        for entry in zipped.infolist():
            path = PurePosixPath(entry.filename)
            if path.suffix not in (".txt", ".ann") or path.name.startswith("."):
                continue
            if (folder / path.name).exists():
                raise ValueError(f"{archive} has two files of the name {path.name}.")
            (folder / path.name).write_bytes(zipped.read(entry))


def digest(folder: Path) -> str:
    """A SHA-256 over the names and contents of a folder's files."""
    total = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        total.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()
