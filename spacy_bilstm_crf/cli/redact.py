"""Many texts without what a trained pipeline finds in them."""

from pathlib import Path

import typer
from spacy.cli._util import setup_gpu
from wasabi import msg

from ..redaction.masks import Mask, Masks
from ..redaction.redact_texts import redact_texts
from ..tagging.printable import printable
from .options import Force, GpuId, Model, Texts, Workers
from .outcome import fail_interrupted, print_outcome, warn_of_failure


def redact_cli(
    model: Model,
    input_path: Texts,
    output_path: Path = typer.Argument(
        ...,
        help="Folder to write to, apart from that of the texts; or a file of JSON lines, "
        "compressed if it ends in .gz or .zst",
    ),
    mask: Mask = typer.Option(
        Mask.label,
        "--mask",
        "-m",
        help="What stands for a span: its label ([PER]); a pseudonym (PER_1), the same for the "
        "same string of a text; or a box as long as the span",
    ),
    keep_case: bool = typer.Option(
        False, "--keep-case", help="Pseudonyms are in capitals, or not, as what they stand for"
    ),
    keep_length: bool = typer.Option(
        False, "--keep-length", help="Pseudonyms are as long as what they stand for"
    ),
    threshold: float | None = typer.Option(
        None,
        help="Hide, beside the entities, all spans that are at least so probable, from 0.01: a low "
        "one misses less and hides more. By default the threshold of the component, if it has one",
    ),
    with_text: bool = typer.Option(
        False, "--with-text", help="Let the log have what was hidden, too"
    ),
    workers: Workers = 1,
    gpu_id: GpuId = -1,
    force: Force = False,
) -> None:
    """Replace the entities of many texts, and log what was replaced.

    Spans that overlap are all hidden. The log, as JSON lines, has each stretch that was replaced:
    where it was and where its mask is, its label and probability, and the reason. It is beside each
    text, or in its line. Names of texts stay, and so may need to be changed first; other fields of
    a record are left out.

    Already processed texts are skipped, and those that fail are reported, as by `predict`.
    """
    if workers > 1 and gpu_id >= 0:
        msg.fail("Workers are for the CPU: a GPU is used by one process", exits=1)
    try:
        setup_gpu(gpu_id, silent=True)
        outcome = redact_texts(
            model,
            input_path,
            output_path,
            Masks(mask, keep_case, keep_length),
            threshold=threshold,
            with_text=with_text,
            workers=workers,
            force=force,
            on_error=warn_of_failure,
        )
    except (OSError, ValueError) as error:
        msg.fail("The texts can't be redacted", printable(error, keep="\n"), exits=1)
    except KeyboardInterrupt:
        fail_interrupted()
    print_outcome(outcome, input_path, output_path, "redacted")
