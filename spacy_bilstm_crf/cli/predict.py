"""A trained pipeline on many texts."""

from pathlib import Path

import typer
from spacy.cli._util import setup_gpu
from wasabi import msg

from ..tagging.formats import Format
from ..tagging.predict import Outcome, default_format, predict
from ..tagging.printable import printable


def predict_cli(
    model: str = typer.Argument(..., help="Name or path of a trained pipeline"),
    input_path: Path = typer.Argument(
        ...,
        help="Folder of .txt files, or a file of JSON lines with a 'text' each, which may be "
        "compressed (gzip, Zstandard), or of Parquet with a column 'text'",
    ),
    output_path: Path = typer.Argument(
        ...,
        help="Folder to write to; for doccano, jsonl and prodigy, a file, compressed if it "
        "ends in .gz or .zst; for jsonl also .parquet",
    ),
    output_format: Format | None = typer.Option(
        None,
        "--format",
        "-f",
        help="A file a text: brat (.ann), columns (.conll), webanno (.tsv). Files of many: "
        "label-studio (.json), spacy (DocBin). JSON lines: doccano, jsonl, prodigy. By default "
        "brat for a folder and jsonl for JSON lines",
    ),
    workers: int = typer.Option(
        1,
        "--workers",
        "-w",
        min=1,
        help="Processes that tag, with one thread each: as many as there are cores is fastest, if "
        "there is memory for as many pipelines. The output is the same",
    ),
    gpu_id: int = typer.Option(-1, "--gpu-id", "-g", help="GPU, -1 for the CPU"),
    force: bool = typer.Option(
        False,
        "--force",
        help="Remove first what this command has written to the output, and nothing else",
    ),
) -> None:
    """Find the entities of many texts.

    Already processed texts are skipped. Those that fail are reported, and the command then ends
    with code 1 when the rest is done. If the output can't be written, it ends at once with code 1,
    and goes on from there when it is run again.
    """
    if workers > 1 and gpu_id >= 0:
        msg.fail("Workers are for the CPU: a GPU is used by one process", exits=1)
    try:
        setup_gpu(gpu_id, silent=True)
        output_format = output_format or default_format(input_path)
        outcome = predict(
            model,
            input_path,
            output_path,
            output_format,
            workers=workers,
            force=force,
            on_error=warn_of_failure,
        )
    except (OSError, ValueError) as error:
        msg.fail("The texts can't be tagged", printable(error, keep="\n"), exits=1)
    _print(outcome, input_path, output_path, output_format)
    if outcome.failed:
        failed = outcome.failed
        msg.fail(f"{len(failed)} texts failed, such as {printable(failed[0])}", exits=1)


def warn_of_failure(name: str, reason: str) -> None:
    """Print that a text has failed."""
    msg.warn(f"{printable(name)} failed", printable(reason))


def _print(outcome: Outcome, input_path: Path, output_path: Path, output_format: Format) -> None:
    tagged, failed, had, of_others = outcome
    if of_others:
        msg.info(
            f"{of_others} texts had {output_format.suffix} files that this command has not "
            "written: they stay as they are"
        )
    if tagged + had + len(failed) == 0:
        msg.warn(f"{printable(input_path)} has no texts")
    elif tagged + len(failed) == 0:
        msg.info("The output has all texts already; --force does them again")
    msg.good(f"{tagged} text{'s' if tagged != 1 else ''} tagged, to {printable(output_path)}")
