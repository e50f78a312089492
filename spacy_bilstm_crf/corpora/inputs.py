"""The files of a corpus: which are for training, development and test, and of what format."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from .annotated import FormatError
from .brat import find_files, find_texts
from .converted import SPLITS
from .formats import FORMATS, detect_format
from .formats.json_files import read_json_lines
from .formats.label_folders import find_label_folders
from .hub import CORPORA
from .open_text import read_lines

_NAMES = {
    "train": {"train", "training", "trainset"},
    "dev": {"dev", "devel", "development", "valid", "validation", "val", "testa", "devset"},
    "test": {"test", "testing", "testb", "testset"},
}
_ARCHIVES = {".zip", ".tar", ".tgz", ".bz2", ".xz", ".7z", ".rar"}
_PROSE = {".md", ".rst", ".pdf", ".html"}
_ABOUT = {"readme", "license", "licence", "copying", "notice", "changelog", "citation", "authors"}
_HELP = (
    "Give a file or a folder of annotated texts: columns (one word a line, its tag last), exports "
    "of Prodigy, doccano, Label Studio or INCEpTION, spaCy's formats, CSV, or brat's .txt and .ann "
    "files. CoNLL-2003 comes from the Hugging Face hub: pip install 'datasets<5', and then "
    "python -m spacy bilstm-crf fetch conll2003 assets/conll2003"
)


class Inputs(NamedTuple):
    """The files of a corpus.

    format: a key of FORMATS.
    files: those of each split; all are "train" where none is named for a split.
    left_out: files that are of no format, such as a licence.
    """

    format: str
    files: dict[str, list[Path]]
    left_out: list[Path]


def find_inputs(path: Path, format: str | None = None) -> Inputs:
    """Find the files of a corpus.

    In a folder, a file or a folder in it is of the split that a part of its name says: "train",
    "training"; "dev", "devel", "valid", "validation", "val", "testa"; "test", "testb". Files that
    say no split are then left out; where none says one, all are for training.

    format: a key of FORMATS; None to detect it by content.
    RAISES: FileNotFoundError if there is nothing to read; FormatError if a file is of no format, or
        files are of several.
    """
    if format is not None and format not in FORMATS:
        raise FormatError(f"There is no format {format!r}; there is: {', '.join(FORMATS)}.")
    if path.is_file():
        text = path.with_suffix(".txt")
        if path.suffix == ".ann" and text.is_file() and format in (None, "brat"):
            path = text
        if format is None and path == text and path.with_suffix(".ann").is_file():
            format = "brat"
        return Inputs(format or _detect(path), {"train": [path]}, [])
    if not path.is_dir():
        hint = ""
        if path.name in CORPORA:
            hint = (
                " It can be fetched: pip install 'datasets<5', and then "
                f"python -m spacy bilstm-crf fetch {path.name} {path}"
            )
        raise FileNotFoundError(f"There is no file or folder {path}.{hint}")
    if format in (None, "label-folders"):
        labelled = _labelled(path)
        if labelled or format is not None:
            return Inputs("label-folders", labelled, [])
    named = {file for file in _visible(path) if split_of(file.relative_to(path))}
    has_brat = bool(find_files(path, ".ann")) and not any(
        file.suffix == ".txt" and file.parent == path and not file.with_suffix(".ann").exists()
        for file in named
    )
    if format == "brat" or (format is None and has_brat):
        brat_files, left_out = _brat_files(path)
        if format is None:
            _check_only_brat(path)
        return Inputs("brat", brat_files, left_out)
    files: dict[str, list[Path]] = {}
    left_out = []
    formats: dict[str, Path] = {}
    detected = {
        file: None if _is_about(file) else format or detect_format(file) for file in _visible(path)
    }
    others = set(filter(None, detected.values()))
    for file, found in detected.items():
        split = split_of(file.relative_to(path))
        is_data = not _is_about(file) and file.suffix.lower() not in _ARCHIVES
        if found is None and split is not None and is_data:
            # Its reader will tell what is wrong with it.
            found = next(iter(others)) if len(others) == 1 else _detect(file)
        if found is None or (named and split is None):
            left_out.append(file)
            continue
        files.setdefault(split or "train", []).append(file)
        formats.setdefault(found, file)
    if len(formats) > 1:
        listed = ", ".join(f"{file} ({name})" for name, file in formats.items())
        raise FormatError(f"{path} has files of several formats: {listed}. Keep those of one.")
    if "train" not in files:
        raise FileNotFoundError(_nothing_to_train_on(path, files, left_out))
    return Inputs(next(iter(formats)), {s: files[s] for s in SPLITS if s in files}, left_out)


def _labelled(path: Path) -> dict[str, list[Path]]:
    """The texts in folders of their labels, of each split, or, without splits, all for training."""
    splits = {
        split: find_label_folders(sub)
        for sub in sorted(path.iterdir())
        if sub.is_dir() and (split := split_of(Path(sub.name))) is not None
    }
    splits = {split: paths for split, paths in splits.items() if paths}
    if "train" not in splits:
        splits = {"train": paths} if (paths := find_label_folders(path)) else {}
    return {split: splits[split] for split in SPLITS if split in splits}


def _detect(path: Path) -> str:
    found = detect_format(path)
    if found is None:
        if path.stat().st_size == 0:
            raise FormatError(f"{path} is empty.")
        first = [line for _, line in islice(read_lines(path), 1000)]  # or it says why it is no text
        if "".join(first).lstrip().startswith("{"):
            next(read_json_lines(path))
        raise FormatError(
            f"{path} is of none of the formats that are known. If it is meant to be of one, force "
            f"it, to be told what is wrong: --format {'|'.join(FORMATS)}."
        )
    return found


def _visible(folder: Path) -> list[Path]:
    return sorted(
        file
        for file in folder.rglob("*")
        if file.is_file() and not any(p.startswith(".") for p in file.relative_to(folder).parts)
    )


def _is_about(path: Path) -> bool:
    """Tell whether a file is about the corpus, by its name."""
    suffix = path.suffix.lower()
    return suffix in _PROSE or (suffix in ("", ".txt") and path.stem.lower() in _ABOUT)


def split_of(path: Path) -> str | None:
    """The split that a file's name says, or, if it says none, that of its folder."""
    for part in reversed(path.parts):
        words = set(re.split(r"[^a-z]+", part.lower()))
        found = [split for split, names in _NAMES.items() if words & names]
        if len(found) == 1:
            return found[0]
    return None


def _brat_files(folder: Path) -> tuple[dict[str, list[Path]], list[Path]]:
    """The texts in the folders train, dev and test, by any of their names; without train, all that
    are in neither. And the texts that are then left out."""
    files: dict[str, list[Path]] = {}
    for own in sorted(path for path in folder.iterdir() if path.is_dir()):
        for name, names in _NAMES.items():
            if own.name.lower() in names:
                files.setdefault(name, []).extend(find_texts(own))
    others = {path for paths in files.values() for path in paths}
    left_out = [path for path in find_texts(folder) if path not in others]
    # What is about the corpus has no annotations.
    about = [p for p in left_out if _is_about(p) and not p.with_suffix(".ann").exists()]
    if "train" not in files:
        files["train"] = [path for path in left_out if path not in about]
        left_out = about
    for path in find_files(folder, ".ann"):
        if not any(path.with_suffix(suffix).exists() for suffix in (".txt", ".TXT")):
            raise FileNotFoundError(f"{path} has no text: {path.stem}.txt is missing.")
    return {name: files[name] for name in SPLITS if name in files}, left_out


def _check_only_brat(folder: Path) -> None:
    for file in _visible(folder):
        if file.suffix.lower() not in (".txt", ".ann", ".spacy") and not _is_about(file):
            found = detect_format(file)
            if found is not None:
                raise FormatError(
                    f"{folder} has files of several formats: .ann (brat), {file} ({found}). Keep "
                    "those of one, or say which by --format."
                )


def _nothing_to_train_on(folder: Path, files: dict[str, list[Path]], left_out: list[Path]) -> str:
    if files:
        return f"{folder} has nothing to train on, only {', '.join(files)}. {_HELP}"
    archives = [file for file in left_out if file.suffix.lower() in _ARCHIVES]
    if archives:
        return f"{folder} has archives, such as {archives[0].name}. Unpack them there. {_HELP}"
    return f"{folder} has no annotated texts. {_HELP}"
