"""Streams of short texts, one text at a time, and the first one, beside spaCy's own `ner`.

    OMP_NUM_THREADS=1 python -m benchmarks.speed.short_texts MODEL CORPUS [--rounds 5]

Streams: test as documents, as sentences that are a doc each, and as texts of 20 words without
sentence marks, through `nlp.pipe`, in turn; as in `peers`, ours begins each time without what it
kept of words. One at a time: `nlp(text)` on texts of 1, 10, 50 and 200 words of test, which differ;
the median and the 95th percentile in milliseconds. Start: each in a process of its own, the seconds
to import spaCy, to load the pipeline, and to tag the first text. spaCy's `ner` has the config of
`spacy init config --optimize efficiency`, trained for a few batches.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import spacy
import typer
from spacy.language import Language
from spacy.tokens import Doc
from wasabi import msg

from benchmarks.common import (
    NAME,
    WHOLE_DOCS,
    count_threads,
    forget,
    machine,
    median,
    ratios,
    read_examples,
    seconds_of,
    tag,
    time_in_turn,
    value_range,
    write_result,
)
from benchmarks.speed.peers import train_spacy

PEER = "spaCy ner"
LENGTHS = (1, 10, 50, 200)
START = """
import json, sys, time
times = [time.perf_counter()]
import spacy
times.append(time.perf_counter())
nlp = spacy.load(sys.argv[1])
times.append(time.perf_counter())
nlp("Anna Halberg flew from Jordan to Washington on Friday.")
times.append(time.perf_counter())
print(json.dumps([b - a for a, b in zip(times, times[1:])]))
"""


def main(
    model: Path = typer.Argument(..., help="A trained pipeline with bilstm_crf_ner"),
    corpus: Path = typer.Argument(..., help="Folder with train.spacy and test.spacy"),
    rounds: int = typer.Option(5, help="How often each is timed"),
) -> None:
    """Time short texts, and write benchmarks/results/short-texts-N-threads.json."""
    setting = machine()
    pipelines = {NAME: spacy.load(model), PEER: train_spacy(corpus)}
    result: dict[str, Any] = {"corpus": corpus.name, **setting, "rounds": rounds}
    result["streams"] = {
        unit: _stream(pipelines, corpus, split, rounds) for unit, split in UNITS.items()
    }
    result["milliseconds"] = {
        str(n): {name: _one_by_one(nlp, corpus, n) for name, nlp in pipelines.items()}
        for n in LENGTHS
    }
    with tempfile.TemporaryDirectory() as folder:
        paths = {NAME: model, PEER: Path(folder) / "spacy_ner"}
        pipelines[PEER].to_disk(paths[PEER])
        result["start"] = {name: _start(path, rounds) for name, path in paths.items()}
    for key in ("streams", "milliseconds", "start"):
        msg.info(f"{key}: {result[key]}")
    write_result(f"short-texts-{count_threads(setting['threads'])}", result)


def _documents(nlp: Language, corpus: Path) -> list[Doc]:
    return [eg.predicted for eg in read_examples(nlp, corpus / "test.spacy", WHOLE_DOCS)]


def _sentences(nlp: Language, corpus: Path) -> list[Doc]:
    return [eg.predicted for eg in read_examples(nlp, corpus / "test.spacy", 1)]


def _texts(nlp: Language, corpus: Path, n_words: int = 20) -> list[Doc]:
    words = [token.text for doc in _documents(nlp, corpus) for token in doc]
    starts = range(0, len(words) - n_words + 1, n_words)
    return [Doc(nlp.vocab, words=words[start : start + n_words]) for start in starts]


UNITS: dict[str, Callable[[Language, Path], list[Doc]]] = {
    "documents": _documents,
    "sentences": _sentences,
    "20 words": _texts,
}


def _stream(
    pipelines: dict[str, Language],
    corpus: Path,
    split: Callable[[Language, Path], list[Doc]],
    rounds: int,
) -> dict[str, Any]:
    docs = {name: split(nlp, corpus) for name, nlp in pipelines.items()}
    n_words = sum(map(len, docs[NAME]))

    def run(name: str) -> float:
        copies = [doc.copy() for doc in docs[name]]
        forget(pipelines[name])
        return seconds_of(lambda: tag(pipelines[name], copies))

    seconds = time_in_turn({name: partial(run, name) for name in pipelines}, rounds)
    times = ratios(seconds[PEER], seconds[NAME])
    return {
        "words_per_second": {
            name: round(n_words / statistics.median(own)) for name, own in seconds.items()
        },
        "ratio": median(times, 2),
        "ratio_range": value_range(times, 2),
    }


def _one_by_one(nlp: Language, corpus: Path, n_words: int) -> dict[str, float]:
    texts = [" ".join(token.text for token in doc) for doc in _texts(nlp, corpus, n_words)]
    taken = []
    for text in islice(_endless(texts), 420):
        start = time.perf_counter()
        nlp(text)
        taken.append(1000 * (time.perf_counter() - start))
    own = taken[20:]
    return {"median": round(statistics.median(own), 2), "p95": round(np.quantile(own, 0.95), 2)}


def _endless(texts: list[str]) -> Iterator[str]:
    while True:
        yield from texts


def _start(path: Path, rounds: int) -> dict[str, float]:
    runs = []
    for _ in range(rounds + 1):
        command = [sys.executable, "-c", START, str(path)]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        runs.append(json.loads(printed.splitlines()[-1]))
    columns = zip(*runs[1:])  # the first one may compile
    return {name: median(own, 3) for name, own in zip(("import", "load", "first text"), columns)}


if __name__ == "__main__":
    typer.run(main)
