"""Column files and brat folders to DocBin."""

import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import spacy
import typer
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from tqdm import tqdm
from wasabi import msg

from ..corpora.brat import Unfit, count_unfit, find_files, find_texts, read_doc
from ..corpora.columns import DOCSTART, Unit, marks_documents, read_columns
from ..corpora.converted import RAW_SPLITS, SPLITS, own_files, raw_files
from ..corpora.manifest import check_apart
from ..corpora.rurebus import unpack
from ..corpora.split import split_by_source
from ..corpora.untrained import untrained_pipeline

_HELP = (
    "Put your corpus there: train.txt, dev.txt and test.txt in columns, with the word first and "
    "its tag last, or .txt and .ann files of brat in folders train, dev and test. CoNLL-2003 comes "
    "from the Hugging Face hub: pip install 'datasets<5', and then "
    "python -m spacy bilstm-crf fetch conll2003 assets/conll2003"
)


def convert_cli(
    input_dir: Path = typer.Argument(
        ..., help="Folder with train.txt, dev.txt and test.txt in columns, or with brat files"
    ),
    output_dir: Path = typer.Argument(
        ..., help="Folder to write train.spacy, dev.spacy and test.spacy to"
    ),
    config: Path | None = typer.Option(
        None,
        "--config",
        "-c",
        help="Training config: its tokenizer and untrained components make the docs of brat files",
    ),
    unit: str = typer.Option(
        "auto", "--unit", "-u", help="Columns: a doc per 'sentence', per 'document', or 'auto'"
    ),
    lang: str = typer.Option("en", "--lang", "-l", help="Language code, if there is no config"),
    dev_share: float = typer.Option(
        0.1,
        min=0.0,
        max=1.0,
        help="Brat: share of the sources to set aside for dev where there is no folder dev",
    ),
) -> None:
    """Convert a corpus to spaCy's binary format.

    In columns: train.txt, dev.txt and test.txt, as CoNLL-2003. In brat: .txt and .ann files in
    folders train, dev and test; without dev, sources of train are set aside by name and content.

    corpus.json, written last, lists the files. A further conversion into the folder replaces these
    and leaves all others.
    """
    try:
        check_apart(input_dir, output_dir)
        nlp = untrained_pipeline(config) if config else spacy.blank(lang)
        nlp.max_length = sys.maxsize  # there is no parser to run out of memory
        for archive in unpack(input_dir):
            msg.warn(f"{archive} holds other files than those our figures were measured on")
        if (input_dir / "train.txt").is_file() or not find_files(input_dir, ".ann"):
            convert_columns(input_dir, output_dir, nlp, unit=unit)  # type: ignore[arg-type]
        else:
            convert_brat(input_dir, output_dir, nlp, dev_share=dev_share)
    except (ValueError, OSError, ImportError) as error:  # a language is imported
        msg.fail("The corpus can't be converted", str(error), exits=1)


def convert_columns(
    input_dir: Path, output_dir: Path, nlp: Language, *, unit: Unit = "auto"
) -> None:
    """Convert train.txt, dev.txt and test.txt of a folder; all of them or none.

    RAISES: FileNotFoundError if a file is missing, ColumnsError if one can't be read, ValueError if
        the folders do not lie apart, FileExistsError if files of others are in the way.
    """
    check_apart(input_dir, output_dir)
    missing = [f"{name}.txt" for name in SPLITS if not (input_dir / f"{name}.txt").is_file()]
    if missing:
        if not input_dir.is_dir():
            raise FileNotFoundError(f"There is no folder {input_dir}. {_HELP}")
        raise FileNotFoundError(
            f"{input_dir} has no {', '.join(missing)}, and no brat files (.ann). {_HELP}"
        )
    _check_free(output_dir)
    readers = {name: read_columns(input_dir / f"{name}.txt", nlp.vocab, unit) for name in SPLITS}
    _write(output_dir, readers, {"kind": "columns", "unit": unit})
    if unit == "auto" and not marks_documents(input_dir / "train.txt"):
        msg.info(
            f"Every sentence is a doc: train.txt does not begin with {DOCSTART}",
            "Put such a line before each document, if you know where they begin: a model with "
            "`doc_memory` needs whole documents.",
        )


def convert_brat(
    input_dir: Path,
    output_dir: Path,
    nlp: Language,
    *,
    dev_share: float = 0.1,
) -> None:
    """Convert a folder of brat files, all of them or none.

    The files are those in the folders train, dev and test of `input_dir`; where there is no train,
    all that are not in dev or test. Dev and test are also copied to `output_dir` as they are, for
    the official score, which is of raw text.

    RAISES: FileNotFoundError if a file is missing, BratError if one can't be read, ValueError if
        dev can't be set aside or the folders do not lie apart, FileExistsError if files of others
        are in the way.
    """
    check_apart(input_dir, output_dir)
    given = {name: find_texts(input_dir / name) for name in SPLITS if (input_dir / name).is_dir()}
    if "train" not in given:
        others = {path for paths in given.values() for path in paths}
        given["train"] = [path for path in find_texts(input_dir) if path not in others]
    if "dev" not in given:
        given["train"], given["dev"] = split_by_source(given["train"], dev_share)
        msg.info(f"dev: {len(given['dev'])} files of {dev_share:.0%} of the sources, set aside")
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
    _write(output_dir, readers, {"kind": "brat", "unit": "document"}, raw)
    for reason, places in count_unfit(unfit).items():
        msg.warn(f"{len(places)} entities do not fit ({reason}), such as {places[0]}")


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
) -> None:
    """Write the docs of each split, once all are read, and copies of the raw files."""
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
    for name, counts in splits.items():
        n_entities = sum(counts["entities"].values())
        listed = ", ".join(f"{label} {count}" for label, count in counts["entities"].items())
        entities = f"{n_entities} entities ({listed})" if n_entities else "no entities"
        msg.good(f"{output_dir / name}.spacy: {counts['docs']} docs, {entities}")
