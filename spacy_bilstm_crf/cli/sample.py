"""The built-in sample, as column or brat files."""

from enum import Enum
from pathlib import Path

import typer
from wasabi import msg

from ..corpora.files import make_room
from ..corpora.sample import write_sample, write_sample_brat


class Format(str, Enum):
    """File formats of the sample."""

    columns = "columns"
    brat = "brat"


def sample_cli(
    output_dir: Path = typer.Argument(
        ..., help="Folder to write train.txt, dev.txt and test.txt to; for brat, folders"
    ),
    sample_format: Format = typer.Option(Format.columns, "--format", "-f", help="File format"),
    seed: int = typer.Option(0, "--seed", "-s", help="Seed of the generator"),
) -> None:
    """Write the built-in sample corpus, newswire-like English with four entity labels."""
    write = write_sample if sample_format == Format.columns else write_sample_brat
    try:
        make_room(output_dir, folder=True)
        for path in write(output_dir, seed):
            msg.good(f"Wrote {path}")
    except OSError as error:
        msg.fail("The sample can't be written", str(error), exits=1)
