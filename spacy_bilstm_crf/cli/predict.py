"""A trained pipeline on many texts."""

import sys
from collections.abc import Iterable
from contextlib import ExitStack
from enum import Enum
from pathlib import Path

import typer
from spacy.cli._util import setup_gpu
from spacy.language import Language
from tqdm import tqdm
from wasabi import msg

from ..corpora.files import locked
from ..tagging.outputs import BratOutput, DocBinOutput, JsonLinesOutput, Output, lock_file
from ..tagging.tag_texts import allow_long_texts, tag_texts
from ..tagging.texts import Text, find_named_texts, folder_texts, stream_texts
from .load import load_pipeline
from .printable import printable


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
        help="Remove first what this command has written to the output, and nothing else",
    ),
) -> None:
    """Find the entities of many texts.

    Texts that the output has already are not done again. Those that fail are reported, and the
    command then ends with code 1 when the rest is done. If the output can't be written, it ends at
    once with code 1, and goes on from there when it is run again.
    """
    try:
        setup_gpu(gpu_id, silent=True)
        nlp = load_pipeline(model)
        n_tagged, failed = predict(nlp, input_path, output_path, output_format, force=force)
    except (OSError, ValueError) as error:
        msg.fail("The texts can't be tagged", printable(error, keep="\n"), exits=1)
    msg.good(f"{n_tagged} text{'s' if n_tagged != 1 else ''} tagged, to {printable(output_path)}")
    if failed:
        msg.fail(f"{len(failed)} texts failed, such as {printable(failed[0])}", exits=1)


def predict(
    nlp: Language,
    input_path: Path,
    output_path: Path,
    output_format: Format | None = None,
    *,
    force: bool = False,
) -> tuple[int, list[str]]:
    """Tag the texts of a folder or a JSON-lines file, as the command says.

    nlp: its `max_length` is raised if no component needs the limit.
    RETURNS: the number of texts tagged, and the names of those that failed.
    RAISES: FileNotFoundError if there is no input, or a folder without texts; ValueError if the
        output is not of this command, or another run writes there; OSError if it can't be written.
    """
    if not input_path.exists():
        raise FileNotFoundError(f"{input_path} does not exist.")
    is_folder = input_path.is_dir()
    if not is_folder and input_path.suffix.lower() == ".txt":
        raise ValueError(f"{input_path} is one text. Give its folder, or a file of JSON lines.")
    named = find_named_texts(input_path) if is_folder else {}
    output_format = output_format or (Format.brat if is_folder else Format.jsonl)
    _check_output(input_path, output_path, output_format)
    allow_long_texts(nlp)
    failed = []

    def report(name: str, error: Exception) -> None:
        failed.append(name)
        msg.warn(f"{printable(name)} failed", printable(f"{type(error).__name__}: {error}"))

    with ExitStack() as stack:
        lock = lock_file(output_path, is_folder=output_format != Format.jsonl)
        stack.enter_context(locked(lock, output_path))
        texts: Iterable[Text]
        if is_folder:
            texts = folder_texts(named, report)
        else:
            texts = stream_texts(stack.enter_context(input_path.open("rb")), report)
        output: Output
        if output_format == Format.brat:
            output = BratOutput(output_path, with_texts=not is_folder, force=force)
        elif output_format == Format.jsonl:
            output = JsonLinesOutput(output_path, force=force)
        else:
            output = DocBinOutput(output_path, force=force)
        total = len(named) if is_folder else None
        progress = tqdm(texts, unit=" texts", total=total, disable=None, file=sys.stderr)
        n_tagged, n_had = tag_texts(nlp, progress, output, report)
    if isinstance(output, BratOutput) and output.n_of_others:
        msg.info(
            f"{output.n_of_others} texts had .ann files that this command has not written: they "
            "stay as they are"
        )
    if n_tagged + n_had + len(failed) == 0:
        msg.warn(f"{printable(input_path)} has no texts")
    elif n_tagged + len(failed) == 0:
        msg.info("The output has all texts already; --force does them again")
    return n_tagged, failed


def _check_output(input_path: Path, output_path: Path, output_format: Format) -> None:
    if output_format == Format.jsonl:
        if output_path.is_dir():
            raise ValueError(
                f"{output_path} is a folder. JSON lines go into a file, such as out.jsonl."
            )
        if output_path.exists() and not output_path.is_file():
            raise ValueError(f"{output_path} is not a regular file. Give another output.")
        if output_path.resolve() == input_path.resolve():
            raise ValueError(f"{output_path} is the input. Give another output file.")
    elif output_path.suffix == ".jsonl" or (output_path.exists() and not output_path.is_dir()):
        raise ValueError(
            f"The format {output_format.value} needs a folder, and {output_path} is a file. "
            "For JSON lines say --format jsonl."
        )
