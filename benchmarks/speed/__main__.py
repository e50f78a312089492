"""Every speed figure in one command.

    python -m benchmarks.speed CORPUS MODEL [--flair PYTHON] [--threads 1,2]

Runs `kernels`, `peers`, `stages`, `short_texts`, `option_cost` and `scaling` one after another,
with each number of threads (the last three with one), then `benchmarks.publish`. CORPUS is a folder
that `convert` wrote, MODEL a pipeline trained on it with our config, PYTHON an interpreter that has
Flair. Let nothing else run meanwhile.
"""

import os
import subprocess
import sys
from pathlib import Path

import typer
from wasabi import msg


def main(
    corpus: Path = typer.Argument(..., help="Folder with train.spacy, dev.spacy and test.spacy"),
    model: Path = typer.Argument(..., help="A trained pipeline with bilstm_crf_ner"),
    flair: Path | None = typer.Option(None, help="A Python interpreter that has Flair"),
    threads: str = typer.Option("1,2", help="Comma-separated numbers of threads"),
) -> None:
    """Run all speed benchmarks."""
    peer = ["--flair", str(flair)] if flair else []
    for n in threads.split(","):
        _run(n, "speed.kernels")
        _run(n, "speed.peers", str(corpus), "--model", str(model), *peer)
        _run(n, "speed.stages", str(model), str(corpus))
    _run("1", "speed.short_texts", str(model), str(corpus))
    _run("1", "speed.option_cost", str(model), str(corpus))
    _run("1", "speed.scaling", "main", str(model), str(corpus))
    _run("1", "publish")


def _run(threads: str, name: str, *args: str) -> None:
    msg.divider(f"{name}, {threads} thread{'s' if threads != '1' else ''}")
    command = [sys.executable, "-m", f"benchmarks.{name}", *args]
    subprocess.run(command, check=True, env=os.environ | {"OMP_NUM_THREADS": threads})


if __name__ == "__main__":
    typer.run(main)
