"""Every speed figure in one command.

    python -m benchmarks CORPUS MODEL [--flair PYTHON] [--threads 1,2]

Runs `kernels`, `speed`, `stages`, `features` and `growth` one after another, with each number of
threads (`features` and `growth` with one), then renders the tables and draws the figures. CORPUS is
a folder that `convert` wrote, MODEL a pipeline trained on it with our config, PYTHON an interpreter
that has Flair. Let nothing else run meanwhile.
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
        _run(n, "kernels")
        _run(n, "speed", str(corpus), "--model", str(model), *peer)
        _run(n, "stages", str(model), str(corpus))
    _run("1", "features", str(model), str(corpus))
    _run("1", "growth", "main", str(model), str(corpus))
    _run("1", "render")
    _run("1", "draw")


def _run(threads: str, name: str, *args: str) -> None:
    msg.divider(f"{name}, {threads} thread{'s' if threads != '1' else ''}")
    command = [sys.executable, "-m", f"benchmarks.{name}", *args]
    subprocess.run(command, check=True, env=os.environ | {"OMP_NUM_THREADS": threads})


if __name__ == "__main__":
    typer.run(main)
