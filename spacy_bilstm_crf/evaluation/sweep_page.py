"""A page on the runs of a sweep: their dev scores, drawn together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..training.sweep import PlannedRun
from .curves import read_history, score_points
from .pages import render_page
from .svg import line_chart


class TrainedRun(NamedTuple):
    """What a page shows of a run.

    name, overrides: as in its plan.
    best: the score of model-best on dev, in percent.
    minutes: how long it trained.
    scores: steps, and the score on dev at each, in percent: that by which spaCy chooses the best
        pipeline, as [training.score_weights] say.
    """

    name: str
    overrides: dict[str, Any]
    best: float
    minutes: float
    scores: list[tuple[float, float]]


def read_run(run: PlannedRun, record: Mapping[str, Any]) -> TrainedRun:
    """Read the history of a run. record: what `train_planned` gave.

    RAISES: OSError, or ValueError if the history is none.
    """
    scores = score_points(read_history(run.history))
    best = max((score for _, score in scores), default=0.0)
    return TrainedRun(run.name, run.overrides, best, record["minutes"], scores)


def run_rows(runs: Sequence[TrainedRun]) -> list[tuple[str, str, str]]:
    """Name, dev score and minutes of each run, best first."""
    return [(run.name, f"{run.best:.2f}", f"{run.minutes:.1f}") for run in _best_first(runs)]


def score_name(config: Mapping[str, Any]) -> str:
    """What the score of a config is made of, such as "ents_f"."""
    weights = config["training"].get("score_weights", {})
    parts = [(name, weight) for name, weight in weights.items() if weight]
    if len(parts) == 1:
        return str(parts[0][0])
    return " + ".join(f"{weight:g} {name}" for name, weight in parts) or "score"


def render_sweep(name: str, score: str, runs: Sequence[TrainedRun]) -> str:
    """A self-contained HTML page.

    name: the config's. score: what the score is. runs: at least one.
    """
    return render_page(
        "sweep.html",
        title=f"{name}: {len(runs)} run{'s' if len(runs) > 1 else ''}",
        score=score,
        common=", ".join(_common(runs)),
        chart=line_chart({run.name: run.scores for run in _best_first(runs)}, x_name="step"),
        runs=run_rows(runs),
    )


def _best_first(runs: Sequence[TrainedRun]) -> list[TrainedRun]:
    return sorted(runs, key=lambda run: -run.best)


def _common(runs: Sequence[TrainedRun]) -> Iterator[str]:
    """The settings that were given and that all runs share."""
    for name, value in runs[0].overrides.items():
        if all(run.overrides[name] == value for run in runs):
            yield f"{name} = {value}"
