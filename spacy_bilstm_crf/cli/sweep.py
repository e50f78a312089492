"""Training runs with several settings, side by side."""

import itertools
import subprocess
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import typer
from spacy.cli._util import parse_config_overrides
from spacy.util import dict_to_dot, load_config
from wasabi import msg

from ..evaluation.pages import render_page
from ..evaluation.report import read_scores
from ..evaluation.svg import line_chart
from ..training.runs import train_run

SETTINGS = {"allow_extra_args": True, "ignore_unknown_options": True}


def sweep_cli(
    ctx: typer.Context,
    config: Path = typer.Argument(..., help="Training config with HistoryLogger.v1"),
    output: Path = typer.Argument(..., help="Folder for the runs and their page"),
) -> None:
    """Train a config with every combination of settings and draw the runs together.

    Settings are given as to `spacy train`, several values separated by commas:
    --training.optimizer.learn_rate.initial_rate 0.001,0.002 --system.seed 0,1. A run that is there
    is not done again. OUTPUT/index.html shows the dev scores of all runs, best first.
    """
    try:
        settings = parse_config_overrides(ctx.args)
        known = dict_to_dot(load_config(config))
        if "paths.history" not in known:
            raise ValueError(f"{config} has no [paths] history: see HistoryLogger.v1.")
        for name in settings:
            if name not in known:  # spaCy would train, and ignore it
                near = get_close_matches(name, known, n=1)
                hint = f" Did you mean {near[0]}?" if near else ""
                raise ValueError(f"{config} has no setting {name}.{hint}")
    except (OSError, ValueError) as error:
        msg.fail("The sweep can't begin", str(error), exits=1)
    runs: dict[str, dict[str, Any]] = {}
    combinations = list(_combinations(settings))
    for nth, (name, overrides) in enumerate(combinations, 1):
        msg.divider(f"Run {nth} of {len(combinations)}: {name}")
        folder = output / name
        history = folder / "history.jsonl"
        try:
            runs[name] = train_run(config, {**overrides, "paths.history": str(history)}, folder)
        except subprocess.CalledProcessError:
            msg.fail(f"{name} failed, see above; the other runs go on")
            continue
        _write_page(config, output, runs)
    rows = [(name, f"{_best(run):.2f}", run["minutes"]) for name, run in _sorted(runs)]
    msg.table(rows, header=("run", "dev F1", "minutes"), aligns=("l", "r", "r"))
    msg.info(str(output / "index.html"))
    if len(runs) < len(combinations):
        raise typer.Exit(1)


def _combinations(settings: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every combination of values, with a name made of those that differ."""
    values = {
        name: value.split(",") if isinstance(value, str) else [value]
        for name, value in settings.items()
    }
    for chosen in itertools.product(*values.values()):
        overrides = dict(zip(values, chosen))
        parts = [
            f"{name.rsplit('.', 1)[-1]}={value}"
            for name, value in overrides.items()
            if len(values[name]) > 1
        ]
        yield "_".join(parts).replace("/", "-") or "run", overrides


def _best(run: dict[str, Any]) -> float:
    return 100 * float(run["performance"].get("ents_f") or 0.0)


def _sorted(runs: dict[str, dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    return sorted(runs.items(), key=lambda item: -_best(item[1]))


def _write_page(config: Path, output: Path, runs: dict[str, dict[str, Any]]) -> None:
    charts = {name: read_scores(output / name / "history.jsonl")["F1"] for name, _ in _sorted(runs)}
    page = render_page(
        "sweep.html",
        title=f"{config.name}: {len(runs)} runs",
        chart=line_chart(charts, x_name="step"),
        runs=[
            (name, f"{_best(run):.2f}", run["minutes"], run["overrides"])
            for name, run in _sorted(runs)
        ],
    )
    (output / "index.html").write_text(page, encoding="utf8")
