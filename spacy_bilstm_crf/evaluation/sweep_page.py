"""A page on the runs of a sweep: their dev scores, drawn together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..training.sweep import PlannedRun
from .pages import render_page
from .report import read_scores
from .svg import line_chart


class TrainedRun(NamedTuple):
    """What a page shows of a run.

    name, overrides: as in its plan.
    best: F1 of model-best on dev, in percent.
    minutes: how long it trained.
    scores: steps, and the F1 on dev at each, in percent.
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
    best = 100 * float(record["performance"].get("ents_f") or 0.0)
    scores = read_scores(run.history)["F1"]
    return TrainedRun(run.name, run.overrides, best, record["minutes"], scores)


def run_rows(runs: Sequence[TrainedRun]) -> list[tuple[str, str, str]]:
    """Name, dev F1 and minutes of each run, best first."""
    return [(run.name, f"{run.best:.2f}", f"{run.minutes:.1f}") for run in _best_first(runs)]


def render_sweep(name: str, runs: Sequence[TrainedRun]) -> str:
    """A self-contained HTML page. name: the config's. runs: at least one."""
    return render_page(
        "sweep.html",
        title=f"{name}: {len(runs)} run{'s' if len(runs) > 1 else ''}",
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
