"""Word vectors from raw text."""

from pathlib import Path

import typer
from wasabi import msg

from ..training.floret_vectors import train_vectors
from .counted import counted


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
        n_texts = train_vectors(
            config, texts, output, dim=dim, epochs=epochs, buckets=buckets, threads=threads
        )
    except (OSError, ValueError, ImportError) as error:
        msg.fail("The vectors can't be trained", str(error), exits=1)
    msg.good(f"Vectors of {counted(n_texts, 'text')} in {output}")
