"""Train with sentences weighted by an audit, beside plain training.

    python -m benchmarks.accuracy.noise CONFIG CORPUS WEIGHTED [WEIGHTED ...] [--seeds 0,1,2]
        [--only NAME] [--override KEY=VALUE ...] [--gpu-id 0]

CORPUS is a folder that `convert` wrote, and each WEIGHTED the same with weights on the sentences
of train (`spacy_bilstm_crf/audit/weights.py`). Dev and test are the same, and have none. Each row
is a result of its own, results/accuracy-noise/CONFIG-NAME.json, as `benchmarks.accuracy` records
it: NAME is "plain", or that of the folder.
"""

from pathlib import Path

import typer
from wasabi import msg

from benchmarks.accuracy.runs import choose_rows, record_runs
from benchmarks.common import NAME
from spacy_bilstm_crf.batching.chunks import WEIGHTS


def main(
    config: Path = typer.Argument(..., exists=True, help="Training config"),
    corpus: Path = typer.Argument(..., exists=True, help="Folder that `convert` wrote"),
    weighted: list[Path] = typer.Argument(..., exists=True, help="The same with weights"),
    seeds: str = typer.Option("0,1,2", help="Comma-separated seeds"),
    only: str = typer.Option("", help="Names of rows, separated by commas"),
    override: list[str] = typer.Option([], help="Config override KEY=VALUE; may be repeated"),
    gpu_id: int = typer.Option(-1, "--gpu-id", "-g", help="GPU, -1 for the CPU"),
) -> None:
    """Train plainly and with weights."""
    rows = {"plain": corpus} | {folder.name: folder for folder in weighted}
    weigh = f"components.{NAME}.weights_key={WEIGHTS}"
    for row in choose_rows(only, rows, "The table"):
        msg.divider(row)
        given = [*override] if row == "plain" else [*override, weigh]
        record_runs(f"noise/{config.stem}-{row}", config, rows[row], seeds, given, gpu_id)


if __name__ == "__main__":
    typer.run(main)
