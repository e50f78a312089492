"""Word vectors, trained by floret on raw text."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from spacy.language import Language
from spacy.training.initialize import convert_vectors
from tqdm import tqdm

from ..corpora.brat import find_texts, read_text
from ..corpora.files import make_room
from ..corpora.untrained import untrained_pipeline


def train_vectors(
    config: Path,
    folders: Iterable[Path],
    output: Path,
    *,
    dim: int = 100,
    epochs: int = 10,
    buckets: int = 50000,
    threads: int = 1,
) -> int:
    """Train floret vectors on the .txt files of folders, and write them as a pipeline without
    components. Every word has a vector, made of its sub-words.

    config: a training config, whose tokenizer makes the words.
    output: the pipeline's folder; what fails leaves no empty one.
    dim: width of the vectors.
    epochs: passes over the texts.
    buckets: rows of the table that words and sub-words share.
    threads: with more than one, no two runs are the same.
    RETURNS: the number of texts.
    RAISES: ImportError without floret; OSError if the config or the texts are missing, or the
        output can't be written; ValueError if one can't be read, or the texts are too few.
    """
    try:
        import floret
    except ImportError as error:
        raise ImportError("This needs floret: pip install floret") from error
    try:
        nlp = untrained_pipeline(config)
        paths = [path for folder in folders for path in find_texts(folder)]
        make_room(output, folder=True)
        with tempfile.TemporaryDirectory() as folder:
            lines, table = Path(folder) / "lines.txt", Path(folder) / "vectors.floret"
            _write_words(nlp, paths, lines)
            model = floret.train_unsupervised(
                str(lines),
                model="skipgram",
                mode="floret",
                hashCount=2,
                bucket=buckets,
                minn=3,
                maxn=6,
                minCount=2,
                dim=dim,
                epoch=epochs,
                thread=threads,
            )
            model.save_floret_vectors(str(table))
            convert_vectors(nlp, table, truncate=0, prune=-1, mode="floret")
        if not nlp.vocab.vectors.data.any():
            raise ValueError(f"{len(paths)} texts are too few: nothing was learned from them.")
        for name in nlp.pipe_names:
            nlp.remove_pipe(name)
        nlp.to_disk(output)
    except (OSError, ValueError):
        with suppress(OSError):  # it has files
            output.rmdir()
        raise
    return len(paths)


def _write_words(nlp: Language, paths: list[Path], output: Path) -> None:
    """Write the lines of texts, their words separated by blanks."""
    with output.open("w", encoding="utf-8") as file:
        for path in tqdm(paths, unit=" texts", disable=None):
            for line in read_text(path).splitlines():
                words = [t.text for t in nlp.make_doc(line) if not t.is_space]
                file.write(" ".join(words) + "\n")
