"""A trained pipeline on many texts."""

import sys
from collections.abc import Iterable
from contextlib import ExitStack
from enum import Enum
from pathlib import Path

import spacy
import typer
from spacy.cli._util import setup_gpu
from spacy.language import Language
from tqdm import tqdm
from wasabi import msg

from ..corpora.brat import find_texts
from ..pipeline.tag_texts import (
    BratOutput,
    DocBinOutput,
    JsonLinesOutput,
    Output,
    Text,
    folder_texts,
    stream_texts,
    tag_texts,
)


class Format(str, Enum):
    """Output formats."""

    brat = "brat"
    jsonl = "jsonl"
    spacy = "spacy"


def predict_cli(
    model: str = typer.Argument(..., help="Name or path of a trained pipeline"),
    input_path: Path = typer.Argument(
        ..., help="Folder of .txt files, or a file of JSON lines with a 'text' each"
    ),
    output_path: Path = typer.Argument(
        ..., help="Folder to write to; for the format jsonl, a file"
    ),
    output_format: Format | None = typer.Option(
        None,
        "--format",
        "-f",
        help="brat: an .ann file a text; jsonl: JSON lines; spacy: DocBin files. By default brat "
        "for a folder and jsonl for JSON lines",
    ),
    gpu_id: int = typer.Option(-1, "--gpu-id", "-g", help="GPU, -1 for the CPU"),
    force: bool = typer.Option(
        False,
        "--force",
        help="Remove the .ann or .spacy files of the output folder, or the output file, first",
    ),
) -> None:
    """Find the entities of many texts.

    Texts that the output has already are not done again. Those that fail are reported, and the
    command then ends with code 1 when the rest is done.
    """
    try:
        setup_gpu(gpu_id, silent=True)
        nlp = spacy.load(model)
        n_tagged, failed = predict(nlp, input_path, output_path, output_format, force=force)
    except (OSError, ValueError) as error:
        msg.fail("The texts can't be tagged", str(error), exits=1)
    msg.good(f"{n_tagged} text{'s' if n_tagged != 1 else ''} tagged, to {output_path}")
    if failed:
        msg.fail(f"{len(failed)} texts failed, such as {failed[0]}", exits=1)
    if n_tagged == 0:
        msg.info("The output has all texts already; --force does them again")


def predict(
    nlp: Language,
    input_path: Path,
    output_path: Path,
    output_format: Format | None = None,
    *,
    force: bool = False,
) -> tuple[int, list[str]]:
    """Tag the texts of a folder or a JSON-lines file, as the command says.

    RETURNS: the number of texts tagged, and the names of those that failed.
    RAISES: FileNotFoundError if there are no texts.
    """
    if not input_path.exists():
        raise FileNotFoundError(f"{input_path} does not exist.")
    is_folder = input_path.is_dir()
    if not is_folder and input_path.suffix.lower() == ".txt":
        raise ValueError(f"{input_path} is one text. Give its folder, or a file of JSON lines.")
    total = len(find_texts(input_path)) if is_folder else None
    output_format = output_format or (Format.brat if is_folder else Format.jsonl)
    is_lines = output_format == Format.jsonl
    if is_lines and output_path.is_dir():
        raise ValueError(
            f"{output_path} is a folder. JSON lines go into a file, such as out.jsonl."
        )
    if not is_lines and (output_path.is_file() or output_path.suffix == ".jsonl"):
        raise ValueError(
            f"The format {output_format.value} needs a folder, and {output_path} is a file. "
            "For JSON lines say --format jsonl."
        )
    if is_lines and output_path.resolve() == input_path.resolve():
        raise ValueError(f"{output_path} is the input. Give another output file.")
    if force and output_path.resolve() in (input_path.resolve(), *input_path.resolve().parents):
        raise ValueError(f"Won't remove anything from {output_path}: the input is in it.")
    if force:
        _remove_earlier(output_path, output_format)
    output: Output
    if output_format == Format.brat:
        output = BratOutput(output_path, with_texts=not is_folder)
    elif output_format == Format.jsonl:
        output = JsonLinesOutput(output_path)
    else:
        output = DocBinOutput(output_path, nlp)
    failed = []

    def report(name: str, error: Exception) -> None:
        failed.append(name)
        msg.warn(f"{name} failed", f"{type(error).__name__}: {error}")

    with ExitStack() as stack:
        texts: Iterable[Text]
        if is_folder:
            texts = folder_texts(input_path, report)
        else:
            stream = stack.enter_context(input_path.open("rb"))
            texts = stream_texts(stream, report)
        progress = tqdm(texts, unit=" texts", total=total, disable=None, file=sys.stderr)
        return tag_texts(nlp, progress, output, report), failed


def _remove_earlier(output_path: Path, output_format: Format) -> None:
    """Remove what an earlier run may have written, and nothing else."""
    if output_format == Format.jsonl:
        output_path.unlink(missing_ok=True)
        return
    pattern = "**/*.ann" if output_format == Format.brat else DocBinOutput.files
    for path in list(output_path.glob(pattern)):
        path.unlink()
