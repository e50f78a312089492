"""Column files and brat folders -> a folder of DocBins."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from spacy.language import Language
from spacy.tokens import Doc, DocBin
from tqdm import tqdm

from .brat import Unfit, count_unfit, find_files, find_texts, read_doc
from .columns import Unit, marks_documents, read_columns
from .converted import RAW_SPLITS, SPLITS, own_files, raw_files
from .manifest import check_apart
from .split import split_by_source

_HELP = (
    "Put your corpus there: train.txt, dev.txt and test.txt in columns, with the word first and "
    "its tag last, or .txt and .ann files of brat in folders train, dev and test. CoNLL-2003 comes "
    "from the Hugging Face hub: pip install 'datasets<5', and then "
    "python -m spacy bilstm-crf fetch conll2003 assets/conll2003"
)
_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")


class Conversion(NamedTuple):
    """What a corpus became.

    splits: for each that was written, "docs", how many, and "entities", how many of each label.
    no_documents: columns, whether each sentence is a doc because train.txt marks no documents.
    set_aside: brat, how many files of train became dev, None where there was a dev.
    unfit: brat, the places of entities that do not fit the tokens and were left out, by reason.
    """

    splits: dict[str, dict[str, Any]]
    no_documents: bool = False
    set_aside: int | None = None
    unfit: Mapping[str, list[str]] = MappingProxyType({})


def convert_corpus(
    input_dir: Path,
    output_dir: Path,
    nlp: Language,
    *,
    unit: Unit = "auto",
    dev_share: float = 0.1,
) -> Conversion:
    """Convert a folder of column files or of brat files, whichever it has.

    RAISES: as `convert_columns` and `convert_brat`.
    """
    if (input_dir / "train.txt").is_file() or not find_files(input_dir, ".ann"):
        return convert_columns(input_dir, output_dir, nlp, unit=unit)
    return convert_brat(input_dir, output_dir, nlp, dev_share=dev_share)


def convert_columns(
    input_dir: Path, output_dir: Path, nlp: Language, *, unit: Unit = "auto"
) -> Conversion:
    """Convert train.txt, dev.txt and test.txt of a folder; all of them or none.

    RAISES: FileNotFoundError if a file is missing, ColumnsError if one can't be read, ValueError if
        the folders do not lie apart, FileExistsError if files of others are in the way.
    """
    check_apart(input_dir, output_dir)
    missing = [f"{name}.txt" for name in SPLITS if not (input_dir / f"{name}.txt").is_file()]
    if missing:
        raise FileNotFoundError(_what_is_missing(input_dir, missing))
    _check_free(output_dir)
    readers = {name: read_columns(input_dir / f"{name}.txt", nlp.vocab, unit) for name in SPLITS}
    splits = _write(output_dir, readers, {"kind": "columns", "unit": unit})
    no_documents = unit == "auto" and not marks_documents(input_dir / "train.txt")
    return Conversion(splits, no_documents=no_documents)


def convert_brat(
    input_dir: Path,
    output_dir: Path,
    nlp: Language,
    *,
    dev_share: float = 0.1,
) -> Conversion:
    """Convert a folder of brat files, all of them or none.

    The files are those in the folders train, dev and test of `input_dir`; where there is no train,
    all that are not in dev or test. Dev and test are also copied to `output_dir` as they are, for
    the official score, which is of raw text.

    dev_share: of the sources of train, set aside for dev where there is none.
    RAISES: FileNotFoundError if a file is missing, BratError if one can't be read, ValueError if
        dev can't be set aside or the folders do not lie apart, FileExistsError if files of others
        are in the way.
    """
    check_apart(input_dir, output_dir)
    given = {name: find_texts(input_dir / name) for name in SPLITS if (input_dir / name).is_dir()}
    if "train" not in given:
        others = {path for paths in given.values() for path in paths}
        given["train"] = [path for path in find_texts(input_dir) if path not in others]
    set_aside = None
    if "dev" not in given:
        given["train"], given["dev"] = split_by_source(given["train"], dev_share)
        set_aside = len(given["dev"])
    for path in find_files(input_dir, ".ann"):
        if not any(path.with_suffix(suffix).exists() for suffix in (".txt", ".TXT")):
            raise FileNotFoundError(f"{path} has no text: {path.stem}.txt is missing.")
    for name, paths in given.items():
        for shared, count in Counter(path.name for path in paths).items():
            if count > 1 and name != "train":
                raise ValueError(f"{count} files of {name} have the name {shared}; rename them.")
    raw = {
        f"{name}/{file.name}": file
        for name in RAW_SPLITS
        for path in given.get(name, [])
        for file in (path, path.with_suffix(".ann"))
    }
    there = [path.relative_to(output_dir).as_posix() for path in raw_files(output_dir)]
    _check_free(output_dir, [*raw, *there])
    unfit: list[Unfit] = []
    readers = {name: _read_brat(given[name], nlp, unfit) for name in SPLITS if name in given}
    splits = _write(output_dir, readers, {"kind": "brat", "unit": "document"}, raw)
    return Conversion(splits, set_aside=set_aside, unfit=count_unfit(unfit))


def _what_is_missing(folder: Path, missing: list[str]) -> str:
    if not folder.is_dir():
        return f"There is no folder {folder}. {_HELP}"
    names = ", ".join(missing)
    if len(missing) == len(SPLITS):
        archives = [path for suffix in _ARCHIVES for path in find_files(folder, suffix)]
        if archives:
            return (
                f"{folder} has no {names}, and no brat files (.ann), but archives, such as "
                f"{archives[0].name}. Unpack them there. {_HELP}"
            )
    return f"{folder} has no {names}, and no brat files (.ann). {_HELP}"


def _read_brat(paths: list[Path], nlp: Language, unfit: list[Unfit]) -> Iterator[Doc]:
    for path in paths:
        doc, left_out = read_doc(path, nlp)
        unfit += left_out
        yield doc


def _check_free(output_dir: Path, names: Iterable[str] = ()) -> None:
    """Check, before anything is read, that no file of others is in the way."""
    own_files(output_dir).check_free([*(f"{name}.spacy" for name in SPLITS), *names])


def _write(
    output_dir: Path,
    readers: Mapping[str, Iterator[Doc]],
    about: Mapping[str, str],
    raw: Mapping[str, Path] = MappingProxyType({}),
) -> dict[str, dict[str, Any]]:
    """Write the docs of each split, once all are read, and copies of the raw files. RETURNS: the
    counts of each split."""
    converted = {}
    splits: dict[str, dict[str, Any]] = {}
    for name, docs in readers.items():
        converted[name] = DocBin()
        labels: Counter[str] = Counter()
        for doc in tqdm(docs, name, unit=" docs", disable=None):
            converted[name].add(doc)
            labels.update(ent.label_ for ent in doc.ents)
        splits[name] = {"docs": len(converted[name]), "entities": dict(sorted(labels.items()))}
    own = own_files(output_dir)
    with own.build() as built:
        for name, binary in converted.items():
            binary.to_disk(built / f"{name}.spacy")
        for name, path in raw.items():
            (built / name).parent.mkdir(exist_ok=True)
            shutil.copyfile(path, built / name)
        own.replace(built, {**about, "splits": splits})
    return splits
