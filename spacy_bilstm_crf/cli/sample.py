"""The built-in samples: of entities, as column or brat files, and of texts with labels."""

from enum import Enum
from pathlib import Path

import typer
from wasabi import msg

from ..corpora.files import make_room
from ..corpora.sample import write_sample, write_sample_brat
from ..corpora.sample_reviews import write_reviews


class Format(str, Enum):
    """File formats of the sample."""

    columns = "columns"
    brat = "brat"
    labels = "labels"


_WRITERS = {
    Format.columns: write_sample,
    Format.brat: write_sample_brat,
    Format.labels: write_reviews,
}


def sample_cli(
    output_dir: Path = typer.Argument(
        ..., help="Folder to write train, dev and test to: files, for brat folders"
    ),
    sample_format: Format = typer.Option(Format.columns, "--format", "-f", help="File format"),
    seed: int = typer.Option(0, "--seed", "-s", help="Seed of the generator"),
) -> None:
    """Write the built-in sample corpus, newswire-like English with four entity labels; as "labels",
    another one, short reviews that are positive or negative."""
    try:
        make_room(output_dir, folder=True)
        for path in _WRITERS[sample_format](output_dir, seed):
            msg.good(f"Wrote {path}")
    except OSError as error:
        msg.fail("The sample can't be written", str(error), exits=1)
