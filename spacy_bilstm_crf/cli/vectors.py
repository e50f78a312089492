"""Word vectors from raw text."""

import tempfile
from contextlib import suppress
from pathlib import Path

import typer
from spacy.training.initialize import convert_vectors
from tqdm import tqdm
from wasabi import msg

from ..corpora.brat import find_texts, read_text
from ..corpora.untrained import untrained_pipeline
from .output import make_room


def vectors_cli(
    config: Path = typer.Argument(..., help="Training config: its tokenizer makes the words"),
    texts: list[Path] = typer.Argument(..., help="Folders of .txt files"),
    output: Path = typer.Option(..., "--output", "-o", help="Folder for the pipeline of vectors"),
    dim: int = typer.Option(100, min=1, help="Width of the vectors"),
    epochs: int = typer.Option(10, min=1, help="Passes over the texts"),
    buckets: int = typer.Option(
        50000, min=1, help="Rows of the table that words and sub-words share"
    ),
    threads: int = typer.Option(1, min=1, help="With more than one, no two runs are the same"),
) -> None:
    """Train floret vectors on raw text, for [paths] vectors of a config.

    Every word has a vector, made of its sub-words: https://github.com/explosion/floret
    """
    try:
        import floret
    except ImportError:
        msg.fail("This needs floret: pip install floret", exits=1)
    try:
        nlp = untrained_pipeline(config)
        paths = [path for folder in texts for path in find_texts(folder)]
        make_room(output, folder=True)
        with tempfile.TemporaryDirectory() as folder:
            lines, table = Path(folder) / "lines.txt", Path(folder) / "vectors.floret"
            with lines.open("w", encoding="utf-8") as file:
                for path in tqdm(paths, unit=" texts", disable=None):
                    for line in read_text(path).splitlines():
                        words = [t.text for t in nlp.make_doc(line) if not t.is_space]
                        file.write(" ".join(words) + "\n")
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
    except (OSError, ValueError) as error:
        with suppress(OSError):  # it has files
            output.rmdir()
        msg.fail("The vectors can't be trained", str(error), exits=1)
    msg.good(f"Vectors of {len(paths)} texts in {output}")
