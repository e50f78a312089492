"""The archives of RuREBus (Russian business texts in brat) -> folders of files.

The task and its data: https://github.com/dialogue-evaluation/RuREBus
"""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from pathlib import Path, PurePosixPath

ARCHIVES = {
    "train_part_1": "train",
    "train_part_2": "train",
    "train_part_3": "train",
    "test_ner_only": "test",
}
"""The archives that the task publishes, without .zip, and the split that each is of."""

DIGESTS = {
    "train_part_1": "339c79382eb6cee05a4d7496f5c16004d1f981286c0f5782d90a8c38f5319e3f",
    "train_part_2": "d8a1612352666de0108ba03a84bcfc4628497783a75642a3697ebd47e37011a0",
    "train_part_3": "1f79e785f82093c34cb54081aa53ff9452f224824f1ffeeacf99d1ca6ffdeea2",
}
"""`digest` of the files in the archives that our figures were measured on."""

_MOST = 100
"""Times the size of an archive that its texts may have; text is packed to a third or a tenth."""

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""`zipfile` unpacks others with no bound on memory."""


class ArchiveError(ValueError):
    """An archive can't be unpacked. The message says why, and what to do."""


def unpack(folder: str | Path) -> list[str]:
    """Unpack the task's archives, by their names: train_part_1.zip into train/train_part_1/, and so
    on. What is unpacked already is left as it is, and so are archives of other names.

    RETURNS: the names of archives whose files are not those that our figures were measured on.
    RAISES: ArchiveError if an archive is damaged, or holds more than 100 times its size; what it
        held is not left half unpacked.
    """
    changed = []
    for name, split in ARCHIVES.items():
        archive = Path(folder) / f"{name}.zip"
        target = archive.parent / split / name
        if target.is_dir() or not archive.is_file():
            continue
        unfinished = target.with_name(f".{target.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        try:
            _extract(archive, unfinished)
            unfinished.rename(target)
        except (OSError, ArchiveError):
            raise
        except Exception as error:  # each method of compression has errors of its own
            raise ArchiveError(
                f"{archive} can't be unpacked ({str(error) or type(error).__name__}). Remove it "
                "and fetch it again: python -m spacy project assets"
            ) from error
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        if name in DIGESTS and digest(target) != DIGESTS[name]:
            changed.append(archive.name)
    return changed


def _extract(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as zipped:
        entries = {}
        for entry in zipped.infolist():
            path = PurePosixPath(entry.filename)
            if path.suffix not in (".txt", ".ann") or path.name.startswith("."):
                continue
            if path.name in entries:
                raise ArchiveError(f"{archive} has two files of the name {path.name}.")
            if entry.compress_type not in _METHODS:
                raise ArchiveError(
                    f"{archive}: {path.name} is packed by a method other than deflate. Unpack the "
                    f"archive yourself, into {folder.with_name(archive.stem)}, or pack it anew."
                )
            entries[path.name] = entry
        bound = _MOST * archive.stat().st_size
        if sum(entry.file_size for entry in entries.values()) > bound:
            raise _too_large(archive)
        for name, entry in entries.items():
            with zipped.open(entry) as packed, (folder / name).open("wb") as file:
                while block := packed.read(1 << 16):
                    bound -= len(block)  # the sizes that an archive declares need not be true
                    if bound < 0:
                        raise _too_large(archive)
                    file.write(block)


def _too_large(archive: Path) -> ArchiveError:
    return ArchiveError(
        f"{archive} holds more than {_MOST} times its size, unlike an archive of texts. Unpack it "
        "yourself if it is one."
    )


def digest(folder: Path) -> str:
    """A SHA-256 over the names and contents of a folder's files."""
    total = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        total.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()
