"""Annotated texts of any format -> a folder of DocBins."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from spacy.language import Language
from spacy.tokens import DocBin
from tqdm import tqdm

from .annotated import AnnotatedText, ReadOptions, Unfit
from .converted import RAW_SPLITS, SPLITS, own_files, raw_files
from .formats import FORMATS
from .inputs import find_inputs
from .make_doc import WRONG, Overlaps, count_foreign, make_doc
from .manifest import check_apart
from .overview import Overview
from .split import folds, set_aside

# What a doc of a corpus has besides its words.
_ATTRIBUTES = ["ENT_IOB", "ENT_TYPE", "SENT_START"]


@dataclass(frozen=True)
class ConvertOptions:
    """How a corpus is converted.

    format: a key of FORMATS, None to detect it.
    read: what its reader is told.
    overlaps: which of spans that overlap become entities.
    retokenize: whether the pipeline makes the tokens where the file has its own.
    dev_share, test_share: of the sources of train, set aside where there is no dev, and where there
        is neither dev nor test; 0 for none.
    folds: write so many folds instead, each with another part as its test set and the next one as
        its dev; 0 for none.
    seed: of what is set aside.
    """

    format: str | None = None
    read: ReadOptions = field(default_factory=ReadOptions)
    overlaps: Overlaps = "longest"
    retokenize: bool = False
    dev_share: float = 0.1
    test_share: float = 0.1
    folds: int = 0
    seed: int = 0


class Conversion(NamedTuple):
    """What a corpus became.

    format: of its files.
    splits: for each that was written, "docs", how many, and "entities", how many of each label.
    set_aside: how many texts of train became dev and test.
    unfit: the places of spans that do not fit, by reason.
    counts: what readers left out or chose, by what it is.
    n_tokens, n_foreign: of the files' own tokens, how many there are, and how many are none of the
        pipeline's tokenizer.
    n_wrong: spans that are known to be wrong.
    left_out: files of no format.
    overview: of texts with labels.
    """

    format: str
    splits: dict[str, dict[str, Any]]
    set_aside: dict[str, int]
    unfit: dict[str, list[str]]
    counts: dict[str, int]
    overview: Overview
    n_tokens: int = 0
    n_foreign: int = 0
    n_wrong: int = 0
    left_out: tuple[Path, ...] = ()


def convert_corpus(
    input_path: Path,
    output_dir: Path,
    nlp: Language,
    options: ConvertOptions | None = None,
) -> Conversion:
    """Convert a corpus, all of it or nothing.

    Of a brat corpus, dev and test are also copied to `output_dir` as they are, for the official
    score, which is of raw text.

    input_path: a file, or a folder; see `find_inputs`.
    nlp: makes the docs of raw text: an untrained pipeline.
    RAISES: FileNotFoundError if a file is missing, FormatError if one can't be read, ValueError if
        a part can't be set aside or the folders do not lie apart, FileExistsError if files of
        others are in the way.
    """
    options = options or ConvertOptions()
    options.read.counts.clear()
    check_apart(input_path, output_dir)
    inputs = find_inputs(input_path, options.format)
    own = own_files(output_dir)
    is_brat = inputs.format == "brat"
    there = raw_files(output_dir) if is_brat else []
    in_the_way = [path.relative_to(output_dir).as_posix() for path in there]
    own.check_free([*(f"{name}.spacy" for name in SPLITS), *in_the_way])
    texts: dict[str, Iterable[AnnotatedText]] = {
        name: read_files(inputs.format, paths, options.read) for name, paths in inputs.files.items()
    }
    raw = {name: list(paths) for name, paths in inputs.files.items()} if is_brat else {}
    aside: dict[str, int] = {}
    if options.folds:
        texts = _folds(texts, options)
        raw = {}
    else:
        for name, part in _set_aside(texts, options).items():
            if name != "train":
                aside[name] = len(part)
            if raw:
                paths = inputs.files["train"]
                raw[name] = [paths[i] for i in part]
    copies = _copies(raw)
    own.check_free([*(f"{name}.spacy" for name in texts), *copies])
    made = _Docs(nlp, options)
    binaries = {name: made.convert(name, split) for name, split in texts.items()}
    made.complete_cats(binaries.values())
    about = {"kind": "brat" if raw else "columns", "format": inputs.format, "splits": made.splits}
    with own.build() as built:
        for name, binary in binaries.items():
            (built / name).parent.mkdir(exist_ok=True)
            binary.to_disk(built / f"{name}.spacy")
        for name, path in copies.items():
            (built / name).parent.mkdir(exist_ok=True)
            shutil.copyfile(path, built / name)
        own.replace(built, about)
    return Conversion(
        inputs.format,
        made.splits,
        aside,
        _by_reason(made.unfit),
        dict(options.read.counts),
        made.overview,
        made.n_tokens,
        made.n_foreign,
        made.n_wrong,
        tuple(inputs.left_out),
    )


def read_files(format: str, paths: Iterable[Path], options: ReadOptions) -> Iterator[AnnotatedText]:
    """The texts of some files of a format, one of FORMATS."""
    for path in paths:
        yield from FORMATS[format].read(path, options)


def _set_aside(
    texts: dict[str, Iterable[AnnotatedText]], options: ConvertOptions
) -> dict[str, list[int]]:
    """Set dev and test aside from train where they are missing, in `texts`. RETURNS: the numbers of
    the texts of train that each part now has; nothing if there is nothing to do."""
    if "dev" in texts:
        return {}
    shares = {"dev": options.dev_share}
    if "test" not in texts:
        shares["test"] = options.test_share
    shares = {name: share for name, share in shares.items() if share > 0}
    if not shares:
        return {}
    train = list(texts["train"])
    parts = set_aside(train, list(shares.values()), options.seed)
    numbers = dict(zip(["train", *shares], parts))
    for name, part in numbers.items():
        texts[name] = [train[i] for i in part]
    in_order = {name: texts[name] for name in SPLITS if name in texts}
    texts.clear()
    texts.update(in_order)
    return numbers


def _folds(
    texts: Mapping[str, Iterable[AnnotatedText]], options: ConvertOptions
) -> dict[str, Iterable[AnnotatedText]]:
    everything = [text for part in texts.values() for text in part]
    parts = folds(everything, options.folds, options.seed)
    result: dict[str, Iterable[AnnotatedText]] = {}
    for i in range(len(parts)):
        order = parts[i + 1 :] + parts[: i + 1]
        test, dev = order[-1], order[0]
        train = [text for part in order[1:-1] for text in part]
        named = {"train": train, "dev": dev, "test": test} if train else {"train": dev, "dev": test}
        for name, part in named.items():
            result[f"fold_{i + 1}/{name}"] = [everything[number] for number in part]
    return result


def _copies(raw: Mapping[str, list[Path]]) -> dict[str, Path]:
    """The files of brat to copy, by their names in the output."""
    for name, paths in raw.items():
        for shared, count in Counter(path.name for path in paths).items():
            if count > 1 and name != "train":
                raise ValueError(f"{count} files of {name} have the name {shared}; rename them.")
    return {
        f"{name}/{file.name}": file
        for name in RAW_SPLITS
        for path in raw.get(name, [])
        for file in (path, path.with_suffix(".ann"))
    }


class _Docs:
    """Makes the docs of a corpus, and counts."""

    def __init__(self, nlp: Language, options: ConvertOptions) -> None:
        self.nlp = nlp
        self.options = options
        self.splits: dict[str, dict[str, Any]] = {}
        self.unfit: list[Unfit] = []
        self.n_tokens = self.n_foreign = self.n_wrong = 0
        self.overview = Overview()
        self.cats: list[str] = []
        self.has_many = False

    def convert(self, name: str, texts: Iterable[AnnotatedText]) -> DocBin:
        docs = DocBin(_ATTRIBUTES)
        labels: Counter[str] = Counter()
        for text in tqdm(texts, name, unit=" docs", disable=None):
            doc, unfit = make_doc(
                text,
                self.nlp,
                overlaps=self.options.overlaps,
                retokenize=self.options.retokenize,
            )
            docs.add(doc)
            labels.update(ent.label_ for ent in doc.ents)
            self.overview.add(name, text)
            if text.cats is not None:
                self.cats = sorted({*self.cats, *text.cats})
                self.has_many = self.has_many or len(text.labels) != 1
            self.unfit += unfit
            self.n_wrong += len(doc.spans.get(WRONG, ()))
            if text.tokens is not None:
                self.n_tokens += len(text.tokens)
                self.n_foreign += count_foreign(text, self.nlp)
        self.splits[name] = {"docs": len(docs), "entities": dict(sorted(labels.items()))}
        if name in self.overview.cats:
            self.splits[name]["cats"] = dict(sorted(self.overview.cats[name].items()))
        return docs

    def complete_cats(self, binaries: Iterable[DocBin]) -> None:
        """Say of each text that has labels which ones it has not: missing is not the same."""
        for binary in binaries:
            for own in binary.cats:
                for label in self.cats if own or self.has_many else ():
                    own.setdefault(label, 0.0)


def _by_reason(unfit: Iterable[Unfit]) -> dict[str, list[str]]:
    by_reason: dict[str, list[str]] = {}
    for place, reason in unfit:
        by_reason.setdefault(reason, []).append(place)
    return by_reason
