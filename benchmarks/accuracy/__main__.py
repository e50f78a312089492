"""Train a config over several seeds and record what it reaches.

    python -m benchmarks.accuracy NAME CONFIG CORPUS [--seeds 0,1,2] [--override KEY=VALUE ...]
        [--gpu-id 0]

`benchmarks/accuracy/runs.py` says what is recorded.
"""

from pathlib import Path

import typer

from benchmarks.accuracy.runs import record_runs


def main(
    name: str = typer.Argument(..., help="Name of the result, results/accuracy-NAME.json"),
    config: Path = typer.Argument(..., exists=True, help="Training config"),
    corpus: Path = typer.Argument(..., exists=True, help="Folder that `convert` wrote"),
    seeds: str = typer.Option("0,1,2", help="Comma-separated seeds"),
    override: list[str] = typer.Option([], help="Config override KEY=VALUE; may be repeated"),
    gpu_id: int = typer.Option(-1, "--gpu-id", "-g", help="GPU, -1 for the CPU"),
) -> None:
    """Train and test a config with several seeds."""
    record_runs(name, config, corpus, seeds, override, gpu_id)


if __name__ == "__main__":
    typer.run(main)
