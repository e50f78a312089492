"""Corpora from the Hugging Face hub, through `datasets`."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from .annotated import AnnotatedText
from .formats import columns as column_files
from .formats import labelled as label_lines
from .hub_columns import Columns, find_columns, read_rows

SPLITS = {
    "train": "train",
    "validation": "dev",
    "dev": "dev",
    "valid": "dev",
    "test": "test",
}
"""What splits of the hub are called here."""

_LOADERS = {".parquet": "parquet", ".jsonl": "json", ".json": "json"}


class HubCorpus(NamedTuple):
    """The place of a corpus on the hub, and its columns.

    `datasets` 4 runs no scripts: a corpus that was published as one is read from the branch where
    the hub keeps its conversion to parquet.
    """

    name: str
    revision: str
    words: str
    tags: str


class Fetched(NamedTuple):
    """What was fetched.

    paths: the files written.
    columns: those of the data set that were read.
    left_out: its splits that are none of train, dev and test.
    n_unknown: of each split, how many texts are left out as their label is not known. It is not
        written if that is all.
    """

    paths: list[Path]
    columns: Columns
    left_out: list[str]
    n_unknown: dict[str, int]


CORPORA = {
    "conll2003": HubCorpus(
        name="eriktks/conll2003",
        revision="refs/convert/parquet",
        words="tokens",
        tags="ner_tags",
    )
}
"""Corpora that need nothing told."""


def fetch(
    name_or_path: str,
    folder: str | Path,
    *,
    config: str | None = None,
    revision: str | None = None,
    words: str | None = None,
    tags: str | None = None,
) -> Fetched:
    """Download a data set and write its splits train, dev and test, each whole or none of them.

    Words and tags are written in columns, as NAME.txt; a text and its spans as JSON lines of
    Prodigy, a text and its labels as JSON lines, as NAME.jsonl.

    name_or_path: a key of CORPORA, a name on the hub such as "eriktks/conll2003", or a folder or
        file (.parquet, .jsonl) that `datasets` reads.
    folder: where to write; made if need be.
    config, revision: which of the data set, where it has several.
    words, tags: the columns, where they can't be found: lists of words and of their tags, or a text
        and its spans, each with "start", "end" and "label", or a text and its label or labels.
    RAISES: ValueError for an unknown corpus, one that lacks what is needed, or in which several
        columns fit; ImportError without `datasets`; ConnectionError if it can't be read.
    """
    if name_or_path in CORPORA:
        known = CORPORA[name_or_path]
        name, revision = known.name, revision or known.revision
        words, tags = words or known.words, tags or known.tags
    else:
        name = name_or_path
    dataset = _load(name, config, revision, folder)
    splits = {SPLITS[split]: rows for split, rows in dataset.items() if split in SPLITS}
    left_out = [split for split in dataset if split not in SPLITS]
    if not splits:
        raise ValueError(f"{name} has no train, validation or test, but: {', '.join(left_out)}.")
    found = find_columns(next(iter(splits.values())), words, tags)
    suffix = "txt" if found.kind == "tags" else "jsonl"
    texts: dict[str, str] = {}
    n_unknown: dict[str, int] = {}
    for split in filter(splits.__contains__, dict.fromkeys(SPLITS.values())):
        try:
            own = list(read_rows(splits[split], found))
            written = _format(own, found)
        except ValueError as error:
            raise ValueError(f"{name}, {split}: {error}") from error
        if len(own) < len(splits[split]):
            n_unknown[split] = len(splits[split]) - len(own)
        if own:
            texts[split] = written
    if not texts:
        raise ValueError(f"{name} has no text whose label is known in {found.tags!r}.")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for split, text in texts.items():
        (folder / f"{split}.unfinished").write_text(text, encoding="utf-8", newline="\n")
    paths = [folder / f"{split}.{suffix}" for split in texts]
    for path in paths:
        path.with_suffix(".unfinished").replace(path)
    return Fetched(paths, found, left_out, n_unknown)


def _load(name: str, config: str | None, revision: str | None, folder: str | Path) -> Any:
    try:
        from datasets import load_dataset
    except ImportError as error:
        raise ImportError("This needs `datasets`: pip install 'datasets<5'") from error
    path = Path(name)
    if not path.exists() and "/" not in name:
        raise ValueError(
            f"Unknown corpus {name!r}; there is: {', '.join(CORPORA)}. Or give a name of the hub, "
            "OWNER/NAME, or a folder or file."
        )
    try:
        if path.is_file():
            if path.suffix not in _LOADERS:
                raise ValueError(f"a file must end in one of {', '.join(_LOADERS)}.")
            return load_dataset(_LOADERS[path.suffix], data_files=name)
        told = {key: value for key, value in (("revision", revision),) if value}
        return load_dataset(name, config, **told) if config else load_dataset(name, **told)
    except ValueError as error:  # such as a missing config, which it names
        raise ValueError(f"{name} could not be read: {error}") from error
    except Exception as error:
        raise ConnectionError(
            f"{name} could not be read from the hub ({type(error).__name__}: {error}). "
            "Check the connection, and the name; a data set that is a script needs --revision "
            f"refs/convert/parquet. Or put your own train.txt, dev.txt and test.txt into {folder}."
        ) from error


def _format(texts: Iterable[AnnotatedText], found: Columns) -> str:
    if found.kind == "spans":
        return "".join(f"{_prodigy(text)}\n" for text in texts)
    file = io.StringIO()
    (label_lines if found.kind == "labels" else column_files).write(texts, file)
    return file.getvalue()


def _prodigy(text: AnnotatedText) -> str:
    spans = [{"start": span.start, "end": span.end, "label": span.label} for span in text.spans]
    return json.dumps({"text": text.text, "spans": spans}, ensure_ascii=False)
