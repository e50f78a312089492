"""The curves of a training, from what HistoryLogger wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from .svg import line_chart

# What is drawn of the scores of spaCy's components; the first ones say most.
_SCORES = {
    "F1": "ents_f",
    "precision": "ents_p",
    "recall": "ents_r",
    "accuracy of texts": "cats_accuracy",
    "F1 of labels": "cats_macro_f",
    "accuracy of tags": "tag_acc",
}

Points = list[tuple[float, float]]


def read_history(path: Path) -> list[dict[str, Any]]:
    """The evaluations that HistoryLogger wrote.

    RAISES: ValueError if the file is no such log.
    """
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf8").splitlines()]
        for row in rows:
            scores = [row["scores"].get(key) or 0.0 for key in _SCORES.values()]
            own = [row["step"], row.get("score") or 0.0, row.get("learn_rate", 0.0)]
            for number in (*own, *row["losses"].values(), *scores):
                if not isinstance(number, (int, float)):
                    raise TypeError
        return rows
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"{path} is no log of HistoryLogger.v1.") from error


def score_points(rows: Sequence[dict[str, Any]]) -> Points:
    """Steps, and the score at each by which spaCy chooses the best pipeline, in percent."""
    return [(row["step"], 100 * row["score"]) for row in rows if row.get("score") is not None]


def curves(path: Path) -> Iterator[tuple[str, str]]:
    """Charts of scores, losses and learning rate, each with its name.

    path: the file that HistoryLogger wrote.
    RAISES: ValueError if it is no such log.
    """
    rows = read_history(path)
    scores = {
        name: [
            (row["step"], 100 * row["scores"][key])
            for row in rows
            if row["scores"].get(key) is not None
        ]
        for name, key in _SCORES.items()
    }
    scores = {name: line for name, line in scores.items() if line} or {"score": score_points(rows)}
    losses = {
        name: [(row["step"], row["losses"][name]) for row in rows if name in row["losses"]]
        for name in (rows[0]["losses"] if rows else ())
    }
    rates = [(row["step"], row["learn_rate"]) for row in rows if "learn_rate" in row]
    for name, series in (
        ("Dev scores", {name: line[1:] or line for name, line in scores.items()}),
        ("Training loss", losses),
        ("Learning rate", {"learning rate": rates}),
    ):
        chart = line_chart(series, x_name="step")
        if chart:
            yield name, chart
