"""Many texts on all cores: `predict` with workers, and spaCy's `nlp.pipe` with processes.

    python -m benchmarks.speed.workers main MODEL TEXTS.jsonl [--rounds 5]

Each is a command of its own, in turn, from JSON lines to JSON lines, with one thread a process. It
runs on a tenth of the texts and on all of them; words per second are those of the difference, so
that the seconds to start and to load do not count. Memory is the greatest sum of what the processes
of the command have resident, pages that they share counted in each. Linux only.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import spacy
import typer
from wasabi import msg

from benchmarks.common import (
    machine,
    median,
    ratios,
    time_in_turn,
    value_range,
    write_result,
)
from spacy_bilstm_crf.tagging.formats import Format, make_function
from spacy_bilstm_crf.tagging.records import open_records

app = typer.Typer()

ONE = "predict --workers 1"


@app.command()
def main(
    model: Path = typer.Argument(..., help="A trained pipeline"),
    texts: Path = typer.Argument(..., help="JSON lines with a 'text' each"),
    processes: int = typer.Option(2, help="How many tag"),
    rounds: int = typer.Option(5, help="How often each is run"),
) -> None:
    """Time every command, and write benchmarks/results/workers.json."""
    os.environ["OMP_NUM_THREADS"] = "1"
    nlp = spacy.blank("xx")
    lines = [line for line in texts.read_text().splitlines() if line.strip()]
    words = [len(nlp.make_doc(json.loads(line)["text"])) for line in lines]
    n_few = len(lines) // 10
    spacy_cli = [sys.executable, "-m", "spacy", "bilstm-crf", "predict", str(model)]
    commands = {
        ONE: (spacy_cli, ["--workers", "1"]),
        f"predict --workers {processes}": (spacy_cli, ["--workers", str(processes)]),
        f"nlp.pipe(n_process={processes})": (
            [sys.executable, "-m", "benchmarks.speed.workers", "pipe", str(model)],
            [str(processes)],
        ),
    }
    peaks: dict[str, list[int]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as folder:
        few, output = Path(folder, "few.jsonl"), Path(folder, "out.jsonl")
        few.write_text("\n".join(lines[:n_few]) + "\n")

        def seconds(name: str) -> float:
            begin, end = commands[name]
            taken = []
            for source in (few, texts):
                output.unlink(missing_ok=True)
                start = time.perf_counter()
                peak = run([*begin, str(source), str(output), *end])
                taken.append(time.perf_counter() - start)
            peaks[name].append(peak)
            msg.info(f"{name}: {taken[1]:.1f} s, {peak} MB")
            return taken[1] - taken[0]

        timed = time_in_turn({name: partial(seconds, name) for name in commands}, rounds)
    n_words = sum(words[n_few:])
    result = {
        **machine(),
        "rounds": rounds,
        "texts": len(lines),
        "words": sum(words),
        "commands": {
            name: {
                "words_per_second": median([n_words / second for second in timed[name]], 0),
                "speed_over_one_worker": median(ratios(timed[ONE], timed[name]), 2),
                "range": value_range(ratios(timed[ONE], timed[name]), 2),
                "memory_mb": max(peaks[name]),
                "memory_over_one_worker": round(max(peaks[name]) / max(peaks[ONE]), 2),
            }
            for name in commands
        },
    }
    msg.good(f"Written to {write_result('workers', result)}")


@app.command()
def pipe(model: Path, texts: Path, output: Path, processes: int) -> None:
    """Tag JSON lines by `nlp.pipe` in several processes, and write what `predict` writes."""
    nlp = spacy.load(model)
    make = make_function(Format.jsonl, nlp, are_numbers=False)
    found = open_records(texts, lambda name, reason: msg.warn(name, reason), are_numbers=False)
    pairs = nlp.pipe(((text.text, text) for text in found), as_tuples=True, n_process=processes)
    with output.open("wb") as file:
        file.writelines(make(text, doc) for doc, text in pairs)


def run(command: list[str]) -> int:
    """Run a command to its end. RETURNS: the greatest sum, in MB, of what its processes have."""
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )
    peak = 0
    while process.poll() is None:
        peak = max(peak, resident(process.pid))
        time.sleep(0.05)
    if process.returncode != 0:
        _, errors = process.communicate()
        raise RuntimeError(f"{' '.join(command)} failed: {errors.decode()}")
    return round(peak / 2**20)


def resident(session: int) -> int:
    """The resident bytes of the processes of a session."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            continue
        if int(fields[3]) == session:
            total += int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
    return total


if __name__ == "__main__":
    app()
