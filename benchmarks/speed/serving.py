"""The service under load, beside services as people write them around `nlp(text)`.

    OMP_NUM_THREADS=1 python -m benchmarks.speed.serving load MODEL CORPUS [--rounds 3]
    OMP_NUM_THREADS=1 python -m benchmarks.speed.serving soak MODEL CORPUS [--seconds 300]

Each service is a process of its own, and all of them are there all the time; in every round each is
asked by so many clients in turn, a sentence of test a request. The clients are one process more:
so two cores are needed, and all that is sent stays on this machine. "plain" is FastAPI around
`nlp(text)`, with spaCy's `ner` (the config of `spacy init config --optimize efficiency`, trained
for a few batches), and with MODEL. Linux only.

`soak` sends texts that all differ, of shuffled words of which some are new, and looks every ten
seconds at what the service has resident.
"""

import asyncio
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import numpy as np
import spacy
import typer
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from spacy.tokens import Doc
from wasabi import msg

from benchmarks.common import machine, read_examples, write_result
from benchmarks.speed.http_clients import Outcome, ask, request
from benchmarks.speed.peers import train_spacy
from benchmarks.speed.workers import resident
from spacy_bilstm_crf.serving.limits import Limits
from spacy_bilstm_crf.serving.run import serve

OURS, SINGLE = "serve", "serve, a text a batch"
PLAIN, PEER = "plain, bilstm_crf_ner", "plain, spaCy ner"

app = typer.Typer()


@app.command()
def load(
    model: Path = typer.Argument(..., help="A trained pipeline with bilstm_crf_ner"),
    corpus: Path = typer.Argument(..., help="Folder with train.spacy and test.spacy"),
    clients: str = typer.Option("1,8,64,200", help="Comma-separated numbers of clients"),
    rounds: int = typer.Option(3, help="How often each is measured"),
    seconds: float = typer.Option(10.0, help="How long each is asked a round, at most"),
    requests: int = typer.Option(20_000, help="How often, at most"),
) -> None:
    """Load every service, and write benchmarks/results/serving.json."""
    texts = [doc.text for doc in _sentences(corpus)]
    numbers = [int(n) for n in clients.split(",")]
    found: dict[str, dict[int, list[Outcome]]]
    with _services(model, corpus, (OURS, SINGLE, PLAIN, PEER)) as services:
        sent = {name: cycle(map(request, texts)) for name in services}
        found = {name: {n: [] for n in numbers} for name in services}
        for nth in range(rounds + 1):
            for n in numbers:
                for name, (port, pid) in services.items():
                    limit = seconds if nth else min(seconds, 1.0)
                    before = _processor_seconds(pid)
                    outcome = asyncio.run(ask(port, sent[name], n, limit, requests))
                    outcome.processor = _processor_seconds(pid) - before
                    if nth:  # the first one warms up
                        found[name][n].append(outcome)
                        msg.info(f"{name}, {n} clients: {_summary([outcome])}")
        memory = {name: round(resident(pid) / 2**20) for name, (_, pid) in services.items()}
    result = {
        "corpus": corpus.name,
        **machine(),
        "rounds": rounds,
        "words_per_text": round(statistics.mean(len(doc) for doc in _sentences(corpus)), 1),
        "services": {
            name: {
                "memory_mb": memory[name],
                "clients": {str(n): _summary(own) for n, own in by_number.items()},
            }
            for name, by_number in found.items()
        },
    }
    msg.good(f"Written to {write_result('serving', result)}")


@app.command()
def soak(
    model: Path = typer.Argument(..., help="A trained pipeline with bilstm_crf_ner"),
    corpus: Path = typer.Argument(..., help="Folder with train.spacy and test.spacy"),
    seconds: int = typer.Option(300, min=20, help="How long each service is asked"),
    clients: int = typer.Option(8, help="Clients side by side"),
    requests: int = typer.Option(1_000_000, help="How often, at most"),
) -> None:
    """Send texts that differ, and write benchmarks/results/serving-soak.json."""
    words = [token.text for doc in _sentences(corpus) for token in doc]
    result: dict[str, Any] = {"corpus": corpus.name, **machine(), "clients": clients}
    result["services"] = {}
    for name in (OURS, PEER):
        with _services(model, corpus, (name,)) as services:
            port, pid = services[name]
            found = asyncio.run(_soak(port, pid, _distinct(words), clients, seconds, requests))
        result["services"][name] = found
        msg.info(f"{name}: {found}")
    msg.good(f"Written to {write_result('serving-soak', result)}")


@app.command()
def service(name: str, model: Path, port: int) -> None:
    """Be one of the services."""
    if name in (OURS, SINGLE):
        limits = Limits() if name == OURS else Limits(batch_texts=1)
        own = {"host": "127.0.0.1", "port": port, "processes": 1, "gpu_id": -1, "drain": 0.0}
        raise typer.Exit(serve(str(model), **own, limits=limits))  # type: ignore[arg-type]
    uvicorn.run(_plain_app(model), port=port, log_level="warning")


class _Text(BaseModel):
    text: str


def _plain_app(model: Path) -> FastAPI:
    nlp = spacy.load(model)
    app = FastAPI()

    @app.post("/ents")
    def ents(body: _Text) -> dict[str, Any]:
        doc = nlp(body.text)
        found = [(ent.start_char, ent.end_char, ent.label_, ent.text) for ent in doc.ents]
        return {"ents": [dict(zip(("start", "end", "label", "text"), ent)) for ent in found]}

    return app


@contextmanager
def _services(
    model: Path, corpus: Path, names: tuple[str, ...]
) -> Iterator[dict[str, tuple[int, int]]]:
    """Services that answer: the port and the process of each."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        if PEER in names:
            train_spacy(corpus).to_disk(folder)
        yield {
            name: stack.enter_context(_started(name, Path(folder) if name == PEER else model))
            for name in names
        }


@contextmanager
def _started(name: str, model: Path) -> Iterator[tuple[int, int]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "benchmarks.speed.serving",
        "service",
        name,
        str(model),
        str(port),
    ]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stderr=log, start_new_session=True)
        try:
            while not _listens(port):
                if process.poll() is not None:
                    log.seek(0)
                    raise RuntimeError(f"{name} did not start: {log.read().decode()}")
                time.sleep(0.1)
            yield port, process.pid
        finally:
            process.terminate()
            process.wait()


def _processor_seconds(pid: int) -> float:
    """What a process has used of the processors so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _listens(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/openapi.json"):
            return True
    except URLError:
        return False


def _sentences(corpus: Path) -> list[Doc]:
    examples = read_examples(spacy.blank("en"), corpus / "test.spacy", 1)
    return [eg.predicted for eg in examples]


def _distinct(words: list[str], n_words: int = 20) -> Iterator[bytes]:
    """Requests without end: words in chance order, two of each text with their letters so."""
    chance = random.Random(0)
    while True:
        text = chance.choices(words, k=n_words)
        text[:2] = ["".join(chance.sample(word, len(word))) for word in text[:2]]
        chance.shuffle(text)
        yield request(" ".join(text))


async def _soak(
    port: int, pid: int, texts: Iterator[bytes], clients: int, seconds: int, requests: int
) -> dict[str, Any]:
    before = _processor_seconds(pid)
    asking = asyncio.create_task(ask(port, texts, clients, seconds, requests))
    memory = [resident(pid)]
    while not asking.done():
        await asyncio.wait([asking], timeout=10)
        memory.append(resident(pid))
    outcome = asking.result()
    outcome.processor = _processor_seconds(pid) - before
    summary = _summary([outcome])
    return {**summary, "memory_mb": [round(value / 2**20, 1) for value in memory]}


def _summary(outcomes: list[Outcome]) -> dict[str, Any]:
    """Requests per second, median of the rounds; over all of them quantiles of latencies, and what
    a request took of the service's processors."""
    latencies = [1000 * value for outcome in outcomes for value in outcome.latencies]
    quantiles = {
        f"p{percent}": round(float(np.percentile(latencies, percent)), 1)
        for percent in (50, 95, 99)
        if latencies
    }
    processor = sum(outcome.processor for outcome in outcomes)
    rates = [len(outcome.latencies) / outcome.seconds for outcome in outcomes]
    return {
        "requests": len(latencies),
        "requests_per_second": round(statistics.median(rates)),
        "milliseconds": quantiles,
        "processor_milliseconds": round(1000 * processor / max(1, len(latencies)), 2),
        "errors": dict(sum((outcome.errors for outcome in outcomes), Counter())),
    }


if __name__ == "__main__":
    app()
