"""A page on a trained pipeline."""

from pathlib import Path

import typer
from spacy.cli._util import setup_gpu
from wasabi import msg

from ..corpora.converted import open_corpus
from ..corpora.files import make_room
from ..evaluation import render_report
from ..evaluation.tagging import names_in_training, tag_split
from ..tagging.load import load_pipeline
from .options import GpuId


def report_cli(
    model: Path = typer.Argument(..., help="Path of a trained pipeline"),
    corpus_dir: Path = typer.Argument(
        ..., metavar="CORPUS", help="Folder that `convert` wrote, or of DocBins named NAME.spacy"
    ),
    output: Path = typer.Argument(..., help="HTML file to write"),
    split: str | None = typer.Option(
        None, help="Which part of the corpus to tag; by default test, or dev if there is no test"
    ),
    history: Path | None = typer.Option(None, help="What HistoryLogger.v1 wrote in training"),
    gpu_id: GpuId = -1,
) -> None:
    """Tag a part of a corpus and write a page on it: curves of training, scores by type, length and
    name, confusions, calibration, transitions, and the texts with their errors."""
    try:
        make_room(output)
        corpus = open_corpus(corpus_dir)
        if split is None:
            split = "test" if "test" in corpus.splits else "dev"
        setup_gpu(gpu_id, silent=True)
        nlp = load_pipeline(model)
        gold, predicted = tag_split(nlp, corpus, split)
        page = render_report(
            nlp,
            gold,
            predicted,
            title=f"{corpus_dir.name}, {split}",
            known=names_in_training(nlp, corpus),
            history=history if history and history.is_file() else None,
        )
        output.write_text(page, encoding="utf8")
    except (OSError, ValueError) as error:
        msg.fail("The report can't be written", str(error), exits=1)
    if history and not history.is_file():
        msg.warn(f"There is no {history}: the report has no curves")
    msg.good(f"{output} ({output.stat().st_size / 1e6:.1f} MB)")
