"""What benchmarks share: where results go, the machine they are of, docs, and timing in turn."""

import json
import os
import platform
import re
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import spacy
import torch
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy.training import Example
from spacy.vocab import Vocab
from thinc.api import require_gpu

from spacy_bilstm_crf.torch_bridge.torch_layer import forget_words
from spacy_bilstm_crf.training.corpus import SentenceRuns

ROOT = Path(__file__).parents[1]
CONFIGS = ROOT / "configs"
RESULTS = ROOT / "benchmarks" / "results"
NAME = "bilstm_crf_ner"
"""Our component in the pipelines that are measured."""
WHOLE_DOCS = 1000
"""More sentences than a document of a corpus has: `read_examples` then gives whole documents."""


_SETS = {"avx2": "AVX2", "avx512f": "AVX-512", "amx_tile": "AMX"}


def set_threads() -> int:
    """Let torch use as many threads as OMP_NUM_THREADS says, if it is set. RETURNS: how many."""
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", torch.get_num_threads())))
    return torch.get_num_threads()


def machine(gpu_id: int = -1) -> dict[str, Any]:
    """Set the threads as OMP_NUM_THREADS says, and let spaCy use the GPU, if one is given.
    RETURNS: for the record of a result, the hardware, the threads and the versions."""
    threads = set_threads()
    hardware = f"{processor()}, {os.cpu_count()} cores"
    if gpu_id >= 0:
        require_gpu(gpu_id)
        hardware += f", {torch.cuda.get_device_name(gpu_id)}"
    versions = {"spacy": version("spacy"), "torch": torch.__version__}
    return {"hardware": hardware, "threads": threads, "versions": versions}


def processor() -> str:
    """The name of this machine's processor, with the instruction sets that matter here."""
    try:
        info = Path("/proc/cpuinfo").read_text()
    except OSError:
        info = ""
    found = re.search(r"model name\s*: (.+)", info)
    name = found[1] if found else platform.processor() or platform.machine()
    sets = [shown for flag, shown in _SETS.items() if re.search(rf"\b{flag}\b", info)]
    return f"{name} ({', '.join(sets)})" if sets else name


def count_threads(threads: int) -> str:
    """A number of threads as names of results have it: 1-thread, 2-threads."""
    return f"{threads}-thread{'s' if threads != 1 else ''}"


def write_result(name: str, result: Mapping[str, Any]) -> Path:
    """Write results/NAME.json. RETURNS: its path."""
    path = RESULTS / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=2) + "\n")
    return path


def read_docs(path: Path, vocab: Vocab) -> list[Doc]:
    """The docs of a .spacy file."""
    return list(DocBin().from_disk(path).get_docs(vocab))


def rewrite_docs(path: Path, output: Path, change: Callable[[Doc], None]) -> None:
    """Copy a .spacy file, with each doc changed."""
    docs = read_docs(path, spacy.blank("xx").vocab)
    for doc in docs:
        change(doc)
    DocBin(docs=docs).to_disk(output)


def read_examples(nlp: Language, path: Path, max_sentences: int = 8) -> list[Example]:
    """The examples of a .spacy file, with gold tokens, in runs of so many sentences."""
    return list(SentenceRuns(path, max_sentences=max_sentences)(nlp))


def count_words(examples: Sequence[Example]) -> int:
    """The tokens of examples."""
    return sum(len(eg.predicted) for eg in examples)


def tag(nlp: Language, docs: Sequence[Doc], processes: int = 1) -> None:
    """Send docs through a pipeline, and drop them."""
    for _ in nlp.pipe(docs, n_process=processes):
        pass


def forget(nlp: Language) -> None:
    """Let our component forget what it has kept of words: each round then is like the first."""
    if NAME in nlp.pipe_names:
        forget_words(nlp.get_pipe(NAME).model)  # type: ignore[attr-defined]


def seconds_of(run: Callable[[], Any]) -> float:
    """The seconds that a function takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def time_in_turn(tasks: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Time tasks one after the other in every round, so that what slows the machine for a while
    slows all of them. A first round, which warms up, does not count.

    tasks: each does its work once and returns the seconds.
    RETURNS: the seconds of each task, one value a round.
    """
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    for nth in range(rounds + 1):
        for name, task in tasks.items():
            taken = task()
            if nth > 0:
                seconds[name].append(taken)
    return seconds


def ratios(over: Sequence[float], under: Sequence[float]) -> list[float]:
    """The ratios of two tasks' seconds, round by round."""
    return [a / b for a, b in zip(over, under, strict=True)]


def median(values: Sequence[float], digits: int) -> float:
    """The median of the rounds, rounded."""
    return round(statistics.median(values), digits)


def value_range(values: Sequence[float], digits: int) -> list[float]:
    """The least and the greatest of the rounds, rounded."""
    return [round(min(values), digits), round(max(values), digits)]
