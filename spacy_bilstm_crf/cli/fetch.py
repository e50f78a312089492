"""Corpora from the Hugging Face hub, as files that `convert` reads."""

from pathlib import Path

import typer
from wasabi import msg

from ..corpora.hub import CORPORA, fetch
from .counted import counted


def fetch_cli(
    corpus: str = typer.Argument(
        ...,
        help=f"Which data set: {', '.join(CORPORA)}, a name of the hub (OWNER/NAME), or a folder "
        "or file (.parquet, .jsonl)",
    ),
    output_dir: Path = typer.Argument(
        ..., help="Folder to write train, dev and test to: .txt of words and tags, or .jsonl"
    ),
    config_name: str | None = typer.Option(
        None, "--config-name", help="Which configuration of the data set, if it has several"
    ),
    revision: str | None = typer.Option(
        None, "--revision", help="Branch, tag or commit of the data set"
    ),
    words: str | None = typer.Option(
        None, "--words", help="Column of the words, or of the text, if it can't be found"
    ),
    tags: str | None = typer.Option(
        None, "--tags", help="Column of the tags, spans or labels, if it can't be found"
    ),
) -> None:
    """Fetch a data set of token or text classification from the Hugging Face hub. Mind its licence:
    CoNLL-2003 is Reuters text, for research only."""
    try:
        fetched = fetch(
            corpus, output_dir, config=config_name, revision=revision, words=words, tags=tags
        )
    except (ValueError, ImportError, OSError) as error:
        msg.fail(f"Can't fetch {corpus}", str(error), exits=1)
    msg.info(f"Read the columns {fetched.columns.words} and {fetched.columns.tags}")
    for path in fetched.paths:
        msg.good(f"Wrote {path}")
    for split, count in fetched.n_unknown.items():
        msg.warn(f"Left out, as their label is not known: {counted(count, 'text')} of {split}")
    if fetched.left_out:
        msg.warn(f"Left out, as they are not train, dev or test: {', '.join(fetched.left_out)}")
