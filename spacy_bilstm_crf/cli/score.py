"""The official score of brat annotations."""

from pathlib import Path
from typing import Any

import srsly
import typer
from wasabi import msg

from ..corpora.brat_score import score_folders
from .counted import counted


def score_cli(
    gold: Path = typer.Argument(..., help="Folder of .ann files that are right"),
    predicted: Path = typer.Argument(..., help="Folder of .ann files to score"),
    output: Path | None = typer.Option(None, "--output", "-o", help="JSON file for the scores"),
) -> None:
    """Score .ann files as RuREBus does: micro F1 of exact entities, by file, type and characters.

    A file that is missing counts as one with no entities.
    """
    try:
        scores = score_folders(gold, predicted)
        if output:
            write_scores(output, scores)
    except (OSError, ValueError) as error:
        msg.fail("The annotations can't be scored", str(error), exits=1)
    print_scores(scores)


def print_scores(scores: dict[str, Any]) -> None:
    """Print a table of precision, recall and F1, overall and per type, in percent."""
    rows = [("all", *(scores[f"ents_{key}"] for key in "prf"))]
    rows += [(label, *own.values()) for label, own in scores["ents_per_type"].items()]
    msg.table(
        [(name, *("-" if v is None else f"{100 * v:.2f}" for v in own)) for name, *own in rows],
        header=("", "P", "R", "F"),
        aligns=("l", "r", "r", "r"),
    )
    if scores["missing"]:
        msg.warn(
            f"Missing: {counted(len(scores['missing']), 'file')}, such as {scores['missing'][0]}"
        )


def print_categories(scores: dict[str, Any]) -> None:
    """Print the scores of labels of whole texts, per label and overall, in percent."""
    per_label = scores.get("cats_f_per_type") or {}
    rows = [(label, *(own[key] for key in "prf")) for label, own in sorted(per_label.items())]
    rows.insert(0, ("mean", *(scores[f"cats_macro_{key}"] for key in "prf")))
    msg.table(
        [(name, *(f"{100 * value:.2f}" for value in own)) for name, *own in rows],
        header=("", "P", "R", "F"),
        aligns=("l", "r", "r", "r"),
    )
    overall = {
        "accuracy": "cats_accuracy",
        "F-beta": "cats_fbeta",
        "ROC AUC": "cats_macro_auc",
        "average precision": "cats_average_precision",
        "log-loss": "cats_log_loss",
        "calibration error": "cats_calibration_error",
    }
    known = {name: scores[key] for name, key in overall.items() if scores.get(key) is not None}
    msg.text(", ".join(f"{name} {value:.4f}" for name, value in known.items()))


def write_scores(path: Path, scores: dict[str, Any]) -> None:
    """Write scores as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    srsly.write_json(path, scores)
