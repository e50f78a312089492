"""Corpora from the Hugging Face hub, as column files."""

from pathlib import Path

import typer
from wasabi import msg

from ..corpora.hub import CORPORA, fetch


def fetch_cli(
    corpus: str = typer.Argument(..., help=f"Which corpus: {', '.join(CORPORA)}"),
    output_dir: Path = typer.Argument(
        ..., help="Folder to write train.txt, dev.txt and test.txt to"
    ),
) -> None:
    """Fetch a corpus from the Hugging Face hub. Mind its licence: CoNLL-2003 is Reuters text, for
    research only."""
    try:
        paths = fetch(corpus, output_dir)
    except (ValueError, ImportError, OSError) as error:
        msg.fail(f"Can't fetch {corpus}", str(error), exits=1)
    for path in paths:
        msg.good(f"Wrote {path}")
