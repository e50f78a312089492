"""The built-in sample, as column files."""

from pathlib import Path

import typer
from wasabi import msg

from ..corpora.sample import write_sample


def sample_cli(
    output_dir: Path = typer.Argument(
        ..., help="Folder to write train.txt, dev.txt and test.txt to"
    ),
    seed: int = typer.Option(0, "--seed", "-s", help="Seed of the generator"),
) -> None:
    """Write the built-in sample corpus, newswire-like English with four entity labels."""
    for path in write_sample(output_dir, seed):
        msg.good(f"Wrote {path}")
