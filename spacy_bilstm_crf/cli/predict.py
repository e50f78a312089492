"""A trained pipeline on many texts."""

from pathlib import Path

import typer
from spacy.cli._util import setup_gpu
from wasabi import msg

from ..tagging.formats import Format
from ..tagging.predict import default_format, predict
from ..tagging.printable import printable
from .counted import counted
from .options import Force, GpuId, Model, Texts, Workers
from .outcome import fail_interrupted, print_outcome, warn_of_failure


def predict_cli(
    model: Model,
    input_path: Texts,
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
    min_confidence: float | None = typer.Option(
        None,
        min=0.0,
        max=1.0,
        help="Leave out entities that are less probable. Those without a probability stay",
    ),
    spans: float | None = typer.Option(
        None,
        min=0.01,
        max=1.0,
        help="jsonl, spacy: write all spans, too, that are at least so probable, also those that "
        "overlap",
    ),
    workers: Workers = 1,
    gpu_id: GpuId = -1,
    force: Force = False,
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
            min_confidence=min_confidence,
            spans=spans,
            workers=workers,
            force=force,
            on_error=warn_of_failure,
        )
    except (OSError, ValueError) as error:
        msg.fail("The texts can't be tagged", printable(error, keep="\n"), exits=1)
    except KeyboardInterrupt:
        fail_interrupted()
    if outcome.of_others:
        msg.info(
            f"{counted(outcome.of_others, 'text')} had {output_format.suffix} files that this "
            "command has not written: they stay as they are"
        )
    print_outcome(outcome, input_path, output_path, "tagged")
