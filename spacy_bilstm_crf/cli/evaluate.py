"""A trained pipeline on the test set of a converted corpus."""

from pathlib import Path

import spacy
import typer
from spacy.cli._util import setup_gpu
from spacy.cli.evaluate import evaluate as evaluate_tokens
from wasabi import msg

from ..corpora.brat_score import score_folders
from .predict import predict
from .score import print_scores, write_scores


def evaluate_cli(
    model: Path = typer.Argument(..., help="Path of a trained pipeline"),
    corpus: Path = typer.Argument(..., help="Folder that `convert` wrote"),
    output: Path = typer.Argument(..., help="JSON file for the scores"),
    predictions: Path = typer.Option(
        Path("predictions"),
        help="Folder for the .ann files of a brat corpus; those in it are removed first",
    ),
    gpu_id: int = typer.Option(-1, "--gpu-id", "-g", help="GPU, -1 for the CPU"),
) -> None:
    """Score a pipeline on the test set, or on dev if the corpus has no test set.

    In columns, words and sentences are given, and spaCy's scorer counts. In brat, raw text is
    tagged and the files scored as by the command `score`.
    """
    split = next((s for s in ("test", "dev") if (corpus / f"{s}.spacy").is_file()), None)
    if split is None:
        msg.fail(f"{corpus} has no test.spacy or dev.spacy", "Run `convert` first.", exits=1)
    msg.info(f"Scores on {split}")
    try:
        if not (corpus / split).is_dir():
            evaluate_tokens(
                str(model),
                corpus / f"{split}.spacy",
                output,
                use_gpu=gpu_id,
                gold_preproc=True,
                silent=False,
            )
            return
        setup_gpu(gpu_id, silent=True)
        _, failed = predict(spacy.load(model), corpus / split, predictions, force=True)
        scores = score_folders(corpus / split, predictions)
        write_scores(output, {"split": split, **scores})
    except (OSError, ValueError) as error:
        msg.fail("The pipeline can't be scored", str(error), exits=1)
    print_scores(scores)
    if failed:
        msg.fail(f"{len(failed)} texts failed, such as {failed[0]}", exits=1)
