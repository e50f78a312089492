"""Training runs with several settings, side by side."""

import hashlib
import itertools
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from spacy.cli._util import parse_config_overrides
from spacy.util import dict_to_dot
from wasabi import msg

from ..corpora.untrained import read_config
from ..evaluation.pages import render_page
from ..evaluation.report import read_scores
from ..evaluation.svg import line_chart
from ..training.runs import check_overrides, config_hash, train_run

HISTORY = "history.jsonl"
SETTINGS = {"allow_extra_args": True, "ignore_unknown_options": True}


def sweep_cli(
    ctx: typer.Context,
    config: Path = typer.Argument(..., help="Training config with HistoryLogger.v1"),
    output: Path = typer.Argument(..., help="Folder for the runs and their page"),
    code: Path | None = typer.Option(None, "--code", "-c", help="As for `spacy train`"),
    gpu_id: int = typer.Option(-1, "--gpu-id", "-g", help="GPU, -1 for the CPU"),
) -> None:
    """Train a config with every combination of settings and draw the runs together.

    Settings are given as to `spacy train`, several values separated by commas:
    --training.optimizer.learn_rate.initial_rate 0.001,0.002 --system.seed 0,1. A run that is
    there already is skipped, never replaced by one with other settings. A log_dir of
    TensorBoardLogger is within each run's folder. OUTPUT/index.html shows the dev scores of these
    runs, best first.
    """
    try:
        settings = parse_config_overrides(ctx.args)
        known = dict_to_dot(read_config(config))
        if "paths.history" not in known:
            raise ValueError(f"{config} has no [paths] history: see HistoryLogger.v1.")
        check_overrides(config, settings)
        combinations = [
            (name, overrides, _folder(output, config, name, overrides))
            for name, overrides in _combinations(settings)
        ]
    except (OSError, ValueError) as error:
        msg.fail("The sweep can't begin", str(error), exits=1)
    options = ["--gpu-id", str(gpu_id), *(["--code", str(code)] if code else [])]
    log_dirs = [k for k in known if k.startswith("training.logger.") and k.endswith(".log_dir")]
    runs: dict[str, dict[str, Any]] = {}
    for nth, (name, overrides, folder) in enumerate(combinations, 1):
        msg.divider(f"Run {nth} of {len(combinations)}: {name}")
        logs = {"paths.history": str(folder / HISTORY)}
        logs |= {log_dir: str(folder / "tensorboard") for log_dir in log_dirs}
        try:
            run = train_run(config, {**overrides, **logs}, folder, options)
            scores = read_scores(folder / HISTORY)["F1"]
        except subprocess.CalledProcessError:
            msg.fail(f"{name} failed, see above; the other runs go on")
            continue
        except (OSError, ValueError) as error:
            msg.fail(f"{name} failed; the other runs go on", str(error))
            continue
        runs[name] = {**run, "overrides": overrides, "scores": scores}
        _write_page(config, output, runs)
    rows = _rows(runs) + [(name, "failed", "") for name, *_ in combinations if name not in runs]
    msg.table(rows, header=("run", "dev F1", "minutes"), aligns=("l", "r", "r"))
    if runs:
        msg.info(str(output / "index.html"))
    if len(runs) < len(combinations):
        raise typer.Exit(1)


def _combinations(settings: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every combination of values, with a name made of those that differ."""
    values = {name: _values(value) for name, value in settings.items()}
    for chosen in itertools.product(*values.values()):
        overrides = dict(zip(values, chosen))
        parts = [
            f"{name.rsplit('.', 1)[-1]}={value}"
            for name, value in overrides.items()
            if len(values[name]) > 1
        ]
        yield ", ".join(parts) or "run", overrides


def _values(value: Any) -> list[Any]:
    """The values that an option lists: JSON values, or else strings, each once."""
    if not isinstance(value, str):
        return [value]
    try:
        values = json.loads(f"[{value}]")
    except ValueError:
        values = value.split(",")
    return list({json.dumps(value): value for value in values}.values())


def _folder(output: Path, config: Path, name: str, overrides: dict[str, Any]) -> Path:
    """The folder of a run: the one that these settings have already, or else a new one with a
    name for people."""
    settings = json.dumps([config_hash(config), overrides], sort_keys=True)
    key = hashlib.sha256(settings.encode()).hexdigest()[:8]
    readable = re.sub(r"[^\w.=+-]+", "_", name)[:80]
    return next(output.glob(f"*-{key}"), output / f"{readable}-{key}")


def _best(run: dict[str, Any]) -> float:
    return 100 * float(run["performance"].get("ents_f") or 0.0)


def _sorted(runs: dict[str, dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    return sorted(runs.items(), key=lambda item: -_best(item[1]))


def _rows(runs: dict[str, dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(name, f"{_best(run):.2f}", f"{run['minutes']:.1f}") for name, run in _sorted(runs)]


def _write_page(config: Path, output: Path, runs: dict[str, dict[str, Any]]) -> None:
    charts = {name: run["scores"] for name, run in _sorted(runs)}
    page = render_page(
        "sweep.html",
        title=f"{config.name}: {len(runs)} run{'s' if len(runs) > 1 else ''}",
        common=", ".join(_common(runs)),
        chart=line_chart(charts, x_name="step"),
        runs=_rows(runs),
    )
    (output / "index.html").write_text(page, encoding="utf8")


def _common(runs: dict[str, dict[str, Any]]) -> Iterator[str]:
    """The settings that were given and that all runs share."""
    settings = [run["overrides"] for run in runs.values()]
    for name, value in settings[0].items():
        if all(other[name] == value for other in settings):
            yield f"{name} = {value}"
