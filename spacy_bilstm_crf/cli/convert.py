"""Column files and brat folders to DocBin."""

import sys
from pathlib import Path

import spacy
import typer
from wasabi import msg

from ..corpora.columns import DOCSTART
from ..corpora.convert import Conversion, convert_corpus
from ..corpora.manifest import check_apart
from ..corpora.rurebus import unpack
from ..corpora.untrained import untrained_pipeline


def convert_cli(
    input_dir: Path = typer.Argument(
        ..., help="Folder with train.txt, dev.txt and test.txt in columns, or with brat files"
    ),
    output_dir: Path = typer.Argument(
        ..., help="Folder to write train.spacy, dev.spacy and test.spacy to"
    ),
    config: Path | None = typer.Option(
        None,
        "--config",
        "-c",
        help="Training config: its tokenizer and untrained components make the docs of brat files",
    ),
    unit: str = typer.Option(
        "auto", "--unit", "-u", help="Columns: a doc per 'sentence', per 'document', or 'auto'"
    ),
    lang: str = typer.Option("en", "--lang", "-l", help="Language code, if there is no config"),
    dev_share: float = typer.Option(
        0.1,
        min=0.0,
        max=1.0,
        help="Brat: share of the sources to set aside for dev where there is no folder dev",
    ),
) -> None:
    """Convert a corpus to spaCy's binary format.

    In columns: train.txt, dev.txt and test.txt, as CoNLL-2003. In brat: .txt and .ann files in
    folders train, dev and test; without dev, sources of train are set aside by name and content.

    corpus.json, written last, lists the files. A further conversion into the folder replaces these
    and leaves all others.
    """
    try:
        check_apart(input_dir, output_dir)
        nlp = untrained_pipeline(config) if config else spacy.blank(lang)
        nlp.max_length = sys.maxsize  # there is no parser to run out of memory
        for archive in unpack(input_dir):
            msg.warn(f"{archive} holds other files than those our figures were measured on")
        conversion = convert_corpus(
            input_dir,
            output_dir,
            nlp,
            unit=unit,  # type: ignore[arg-type]
            dev_share=dev_share,
        )
    except (ValueError, OSError, ImportError) as error:  # a language is imported
        msg.fail("The corpus can't be converted", str(error), exits=1)
    _print(conversion, output_dir, dev_share)


def _print(conversion: Conversion, output_dir: Path, dev_share: float) -> None:
    if conversion.set_aside is not None:
        msg.info(f"dev: {conversion.set_aside} files of {dev_share:.0%} of the sources, set aside")
    for name, counts in conversion.splits.items():
        n_entities = sum(counts["entities"].values())
        listed = ", ".join(f"{label} {count}" for label, count in counts["entities"].items())
        entities = f"{n_entities} entities ({listed})" if n_entities else "no entities"
        msg.good(f"{output_dir / name}.spacy: {counts['docs']} docs, {entities}")
    if conversion.no_documents:
        msg.info(
            f"Every sentence is a doc: train.txt does not begin with {DOCSTART}",
            "Put such a line before each document, if you know where they begin: a model with "
            "`doc_memory` needs whole documents.",
        )
    for reason, places in conversion.unfit.items():
        msg.warn(f"{len(places)} entities do not fit ({reason}), such as {places[0]}")
