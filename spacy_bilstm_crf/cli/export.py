"""Annotated texts in the formats of other tools."""

import sys
from pathlib import Path

import spacy
import typer
from wasabi import msg

from ..corpora.export import ExportFormat, export
from ..tagging.printable import printable
from .counted import counted


def export_cli(
    input_path: Path = typer.Argument(
        ...,
        metavar="INPUT",
        help="A file of annotated texts, or a folder of them, such as of .spacy files",
    ),
    output_path: Path = typer.Argument(
        ..., metavar="OUTPUT", help="File to write; for brat and webanno, a folder"
    ),
    output_format: ExportFormat = typer.Option(..., "--format", "-f", help="What to write"),
    model_version: str | None = typer.Option(
        None,
        help="Label Studio: the model that all texts are predictions of. By default those with "
        "confidences are predictions, and the others annotated",
    ),
    lang: str = typer.Option(
        "en", "--lang", "-l", help="Language code: its tokenizer splits texts without tokens"
    ),
    force: bool = typer.Option(
        False,
        "--force",
        help="Replace the output; in a folder, what this command has written, and nothing else",
    ),
) -> None:
    """Write annotated texts in another format.

    The input is what `predict` or `convert` wrote, or any file or folder that `convert` reads.
    Confidences go along where the format has a place for them: jsonl, spacy, prodigy, label-studio
    and csv. The output is written whole or not at all: if the format can't hold a text, the error
    says which.
    """
    try:
        nlp = spacy.blank(lang)
        nlp.max_length = sys.maxsize  # there is no parser to run out of memory
        count, left_out = export(
            input_path, output_path, output_format, nlp, model_version=model_version, force=force
        )
    except (OSError, ValueError, ImportError) as error:  # a language is imported
        msg.fail("The texts can't be exported", printable(error, keep="\n"), exits=1)
    if left_out:
        unknown = counted(left_out, "text")
        msg.warn(f"Left out, as nothing is known of them: {unknown}, such as rejected ones")
    msg.good(f"{counted(count, 'text')} written to {printable(output_path)}")
