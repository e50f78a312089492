"""A threshold that keeps a promise."""

from pathlib import Path
from typing import Any, cast

import typer
from spacy.cli._util import setup_gpu
from wasabi import msg

from ..evaluation.held_out import find_recognizer, read_held_out
from ..evaluation.save import check_output, save_settings
from ..evaluation.tune import Count, tune
from ..tagging.load import load_pipeline
from .options import GpuId


def tune_cli(
    model: str = typer.Argument(..., help="A trained pipeline: its folder, or its package"),
    dev: Path = typer.Argument(
        ..., help="Annotated texts that it was not trained on: a .spacy file, or a corpus with dev"
    ),
    recall: float | None = typer.Option(
        None,
        help="Find so large a share of a document's entities, such as 0.99, in the mean over "
        "documents. An entity is found if each of its tokens is covered by a probable span of any "
        "label; spans may overlap",
    ),
    precision: float | None = typer.Option(
        None, help="Instead: let so large a share of a document's found entities be right"
    ),
    confidence: float | None = typer.Option(
        None,
        help="Probability, such as 0.95, with which the promise is kept, over the choice of dev; "
        "without it, the promise is of what is to be expected",
    ),
    count: str = typer.Option(
        "entities", help="What recall counts: 'entities', or their 'tokens', one by one"
    ),
    output: Path | None = typer.Option(
        None, "--output", "-o", help="New folder for the pipeline; by default MODEL is changed"
    ),
    component: str | None = typer.Option(None, help="Which component, if there are several"),
    gpu_id: GpuId = -1,
) -> None:
    """Find the threshold with which documents to come have a promised recall or precision, if they
    are of the same kind as dev, and set it.

    For recall, `doc.spans` then has all spans that are at least as probable: their union is what is
    promised to cover the entities. `doc.ents` has the most probable ones that do not overlap.
    What was promised, and on how many documents, is kept beside the threshold, in `promise`.
    """
    try:
        check_output(model, output)
        setup_gpu(gpu_id, silent=True)
        nlp = load_pipeline(model)
        name, pipe = find_recognizer(nlp, component)
        held_out = read_held_out(nlp, pipe, dev)
        settings, measured = tune(
            nlp,
            held_out,
            name=name,
            recall=recall,
            precision=precision,
            confidence=confidence,
            count=cast(Count, count),
        )
        pipe.cfg.update(settings)
        folder = save_settings(nlp, name, model, output)
    except (ValueError, OSError) as error:
        msg.fail("No threshold can be promised", str(error), exits=1)
    if held_out.is_sentences:
        msg.warn(
            f"The docs of {held_out.path} are single sentences, and count as documents",
            "The promise is of sentences drawn at random. Those of one document are alike: keep "
            "documents together if there are any.",
        )
    print_promise(settings["promise"], measured)
    msg.good(f"{folder}: threshold {settings['threshold']:g}")


def print_promise(promise: dict[str, Any], measured: dict[str, float | None]) -> None:
    """Print what is promised, and what was measured on dev."""
    is_sure = promise["confidence"] is not None
    how = f"with probability {promise['confidence']:g}" if is_sure else "in expectation"
    if promise["of"] == "recall":
        what = f"of a document's {promise['count']} are found"
    else:
        what = "of what is found in a document is right"
    msg.info(
        f"Promised {how}: {promise['at_least']:.2%} {what}, in the mean over documents like these"
    )
    rows = [
        (f"what is promised, over {promise['documents']:,} documents", promise["measured"]),
        (f"{promise['count']} found, of all", measured["found"]),
        ("found in doc.ents before", measured["before"]),
        ("right in doc.ents", measured["precision"]),
    ]
    msg.table(
        [(name, "-" if value is None else f"{value:.2%}") for name, value in rows],
        header=(f"on {promise['data']}", ""),
        aligns=("l", "r"),
    )
    found, before = measured["found"], measured["before"]
    if promise["of"] == "recall" and found is not None and before is not None and found < before:
        msg.warn(
            "Less is found with this threshold than before",
            "The pipeline as it was keeps the promise as well, and finds more: promise more, or "
            "leave it as it was.",
        )
