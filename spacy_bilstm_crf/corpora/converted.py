"""Converted corpora: folders of train.spacy, dev.spacy and test.spacy."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab

from .brat import find_files
from .manifest import OwnFiles

SPLITS = ("train", "dev", "test")
KINDS = ("columns", "brat")
RAW_SPLITS = ("dev", "test")
"""Of which a brat corpus also has the files as they were."""


class Corpus(NamedTuple):
    """A folder of NAME.spacy files.

    splits: the names.
    is_brat: whether it was made of brat files. Then folders dev and test have their text and their
        annotations as they were, and a pipeline is tested on raw text.
    is_own: whether `convert` wrote it. Other folders of DocBins are read as they are.
    """

    folder: Path
    splits: list[str]
    is_brat: bool
    is_own: bool

    def docs(self, split: str, vocab: Vocab) -> list[Doc]:
        """The gold docs of a split.

        RAISES: ValueError if the corpus does not have it, or the file can't be read.
        """
        path = self.folder / f"{split}.spacy"
        if split not in self.splits:
            found = ", ".join(self.splits) or "none"
            raise ValueError(f"{path} is not there (parts of the corpus: {found}). Run `convert`.")
        return read_docs(path, vocab)


def read_docs(path: Path, vocab: Vocab) -> list[Doc]:
    """The docs of a .spacy file.

    RAISES: ValueError if it is damaged, or no DocBin; OSError if it can't be read.
    """
    try:
        return list(DocBin().from_disk(path).get_docs(vocab))
    except OSError:
        raise
    except Exception as error:  # whatever zlib, msgpack and spaCy make of other bytes
        raise ValueError(
            f"{path} can't be read ({type(error).__name__}): it is damaged, or no DocBin of "
            "spaCy. Write it again, by `convert` or `spacy convert`."
        ) from error


def own_files(folder: str | Path) -> OwnFiles:
    """The files of `convert` in a folder; corpus.json lists them."""
    return OwnFiles(folder, command="convert", manifest="corpus.json")


def open_corpus(folder: str | Path) -> Corpus:
    """Read what a folder holds: the files of `convert`, or DocBins that others wrote, which are
    taken with the tokens they have.

    RAISES: ValueError if `convert` has not finished there, or its files have changed since;
        FileNotFoundError if there is no such folder.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder {folder}. Run `convert` first.")
    own = own_files(folder)
    record = own.read()
    if record is None:
        raw = raw_files(folder)
        if raw:
            raise ValueError(
                f"{folder} has brat files, such as {raw[0]}, but no {own.manifest.name}: it is no "
                "corpus that `convert` has finished, or one of an earlier version. Run `convert` "
                "again, into a new folder."
            )
        names = sorted(path.stem for path in folder.glob("*.spacy") if path.is_file())
        return Corpus(folder, names, is_brat=False, is_own=False)
    own.check_complete(record)
    kind, splits = record.get("kind"), record.get("splits")
    if kind not in KINDS or not isinstance(splits, dict):
        raise ValueError(f"{own.manifest} does not say what it lists. Run `convert` again.")
    if kind == "brat":
        for path in raw_files(folder):
            if path.relative_to(folder).as_posix() not in record["files"]:
                raise ValueError(f"{path} is not of the corpus that was converted. Move it away.")
    names = sorted(split for split in splits if f"{split}.spacy" in record["files"])
    return Corpus(folder, names, is_brat=kind == "brat", is_own=True)


def raw_files(folder: Path) -> list[Path]:
    """The .txt and .ann files in the folders dev and test."""
    return [
        path
        for split in RAW_SPLITS
        for suffix in (".txt", ".ann")
        for path in find_files(folder / split, suffix)
    ]
