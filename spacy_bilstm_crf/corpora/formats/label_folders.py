"""Folders of texts, a folder a label: train/pos/1.txt, train/neg/2.txt, as in the IMDB reviews of
Maas et al. 2011 (https://ai.stanford.edu/~amaas/data/sentiment/)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..annotated import AnnotatedText, ReadOptions
from ..open_text import read_lines

UNLABELLED = {"unsup", "unlabeled", "unlabelled"}
"""Folders whose texts have no label."""


def detect(head: str) -> bool:
    """No: it is known by its folders."""
    return False


def read(path: Path, options: ReadOptions) -> Iterator[AnnotatedText]:
    """Read a text, whose label is the name of its folder.

    RAISES: FormatError if it is not UTF-8.
    """
    text = "".join(line for _, line in read_lines(path))
    yield AnnotatedText(text, name=path.stem, place=str(path), cats={path.parent.name: 1.0})


def find_label_folders(folder: Path) -> list[Path]:
    """The texts of a folder of folders, if there are two of them or more and they hold texts only;
    else none."""
    own = sorted(
        sub
        for sub in folder.iterdir()
        if sub.is_dir() and not sub.name.startswith(".") and sub.name not in UNLABELLED
    )
    files = [sorted(path for path in sub.iterdir() if path.is_file()) for sub in own]
    if len(own) < 2 or not all(found for found in files):
        return []
    paths = [path for found in files for path in found]
    return paths if all(path.suffix.lower() == ".txt" for path in paths) else []
