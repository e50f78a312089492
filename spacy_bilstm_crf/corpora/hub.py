"""Corpora from the Hugging Face hub, through `datasets`."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple


class HubCorpus(NamedTuple):
    """The place of a corpus on the hub, and which of its splits are train, dev and test.

    `datasets` 4 runs no scripts: a corpus that was published as one is read from the branch where
    the hub keeps its conversion to parquet.
    """

    name: str
    revision: str
    splits: dict[str, str]
    words: str
    tags: str


CORPORA = {
    "conll2003": HubCorpus(
        name="eriktks/conll2003",
        revision="refs/convert/parquet",
        splits={"train": "train", "dev": "validation", "test": "test"},
        words="tokens",
        tags="ner_tags",
    )
}


def fetch(corpus: str, folder: str | Path) -> list[Path]:
    """Download a corpus and write train.txt, dev.txt and test.txt in columns: word and tag.

    corpus: a key of CORPORA.
    folder: where to write; made if need be. Files appear when all splits have arrived.
    RETURNS: the files written.
    RAISES: ValueError for an unknown corpus, ImportError without `datasets`, ConnectionError if
        the hub can't be reached.
    """
    if corpus not in CORPORA:
        raise ValueError(f"Unknown corpus {corpus!r}; there is: {', '.join(CORPORA)}.")
    source = CORPORA[corpus]
    try:
        from datasets import load_dataset
    except ImportError as error:
        raise ImportError("This needs `datasets`: pip install 'datasets<5'") from error
    try:
        dataset = load_dataset(source.name, revision=source.revision)
    except Exception as error:
        raise ConnectionError(
            f"{source.name} could not be read from the hub ({type(error).__name__}: {error}). "
            f"Check the connection, or put your own train.txt, dev.txt and test.txt into {folder}."
        ) from error
    texts = {
        split: "".join(_lines(dataset[hub_split], source))
        for split, hub_split in source.splits.items()
    }
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for split, text in texts.items():
        (folder / f"{split}.unfinished").write_text(text, encoding="utf-8", newline="\n")
    for split in texts:
        (folder / f"{split}.unfinished").replace(folder / f"{split}.txt")
    return [folder / f"{split}.txt" for split in texts]


def _lines(dataset: Any, source: HubCorpus) -> Iterable[str]:
    names = dataset.features[source.tags].feature.names
    for words, tags in zip(dataset[source.words], dataset[source.tags]):
        yield "".join(f"{word} {names[tag]}\n" for word, tag in zip(words, tags)) + "\n"
