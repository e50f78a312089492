"""Training runs with several settings, side by side."""

import subprocess
from pathlib import Path

import typer
from spacy.cli._util import parse_config_overrides
from wasabi import msg

from ..corpora.untrained import read_config
from ..evaluation.sweep_page import TrainedRun, read_run, render_sweep, run_rows, score_name
from ..training.sweep import plan_runs, train_planned
from .options import GpuId

SETTINGS = {"allow_extra_args": True, "ignore_unknown_options": True}


def sweep_cli(
    ctx: typer.Context,
    config: Path = typer.Argument(..., help="Training config with HistoryLogger.v1"),
    output: Path = typer.Argument(..., help="Folder for the runs and their page"),
    code: Path | None = typer.Option(None, "--code", "-c", help="As for `spacy train`"),
    gpu_id: GpuId = -1,
) -> None:
    """Train a config with every combination of settings and draw the runs together.

    Settings are given as to `spacy train`, several values separated by commas:
    --training.optimizer.learn_rate.initial_rate 0.001,0.002 --system.seed 0,1. A run that is
    there already is skipped, never replaced by one with other settings. A log_dir of
    TensorBoardLogger is within each run's folder. OUTPUT/index.html shows the dev scores of these
    runs, best first.
    """
    try:
        planned = plan_runs(config, output, parse_config_overrides(ctx.args))
        score = score_name(read_config(config))
    except (OSError, ValueError) as error:
        msg.fail("The sweep can't begin", str(error), exits=1)
    options = ["--gpu-id", str(gpu_id), *(["--code", str(code)] if code else [])]
    trained: list[TrainedRun] = []
    failed: list[str] = []
    for nth, run in enumerate(planned, 1):
        msg.divider(f"Run {nth} of {len(planned)}: {run.name}")
        try:
            trained.append(read_run(run, train_planned(config, run, options)))
        except subprocess.CalledProcessError:
            failed.append(run.name)
            msg.fail(f"{run.name} failed, see above; the other runs go on")
            continue
        except (OSError, ValueError) as error:
            failed.append(run.name)
            msg.fail(f"{run.name} failed; the other runs go on", str(error))
            continue
        page = render_sweep(config.name, score, trained)
        (output / "index.html").write_text(page, encoding="utf8")
    rows = run_rows(trained) + [(name, "failed", "") for name in failed]
    msg.table(rows, header=("run", f"dev {score}", "minutes"), aligns=("l", "r", "r"))
    if trained:
        msg.info(str(output / "index.html"))
    if failed:
        raise typer.Exit(1)
