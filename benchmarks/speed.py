"""Words per second beside spaCy's own `ner`, training and prediction, in one process.

    OMP_NUM_THREADS=1 python -m benchmarks.speed CORPUS [--config CONFIG] [--rounds 5]

CORPUS is a folder with train.spacy and test.spacy. Docs are runs of 8 sentences, as in our config;
training batches have 3 of them. Both components see the same docs in the same batches, in turn; the
figure is the median of the rounds, the ratio is taken round by round. spaCy's `ner` has the config
that `spacy init config --optimize efficiency` gives.
"""

import json
import os
import statistics
import time
from pathlib import Path

import spacy
import torch
import typer
from spacy.cli.init_config import init_config
from spacy.language import Language
from spacy.training import Example
from spacy.util import load_config, load_model_from_config, minibatch
from thinc.api import Optimizer, fix_random_seed
from wasabi import msg

from spacy_bilstm_crf.training.corpus import SentenceRuns

from .accuracy import RESULTS, processor

OURS, THEIRS = "bilstm_crf_ner", "spaCy ner"
ROOT = Path(__file__).parents[1]


def main(
    corpus: Path = typer.Argument(..., help="Folder with train.spacy and test.spacy"),
    config: Path = typer.Option(ROOT / "configs" / "conll2003.cfg", help="Our config"),
    rounds: int = typer.Option(5, help="How often each is timed"),
    batches: int = typer.Option(100, help="Training batches a round"),
) -> None:
    """Time training and prediction, and write benchmarks/results/speed-N-threads.json."""
    threads = int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1))
    torch.set_num_threads(threads)
    pipelines = {
        OURS: load_model_from_config(load_config(config, interpolate=True), auto_fill=True),
        THEIRS: load_model_from_config(
            init_config(lang="en", pipeline=["ner"], optimize="efficiency", silent=True),
            auto_fill=True,
        ),
    }
    train, test, optimizers = {}, {}, {}
    for name, nlp in pipelines.items():
        fix_random_seed(0)
        examples = _examples(nlp, corpus / "train.spacy")
        optimizers[name] = nlp.initialize(lambda examples=examples: examples)
        train[name] = examples[: 3 * batches]
        test[name] = _examples(nlp, corpus / "test.spacy")
        _training_speed(nlp, optimizers[name], train[name])
    speeds: dict[str, dict[str, list[float]]] = {
        task: {name: [] for name in pipelines} for task in ("training", "prediction")
    }
    for _ in range(rounds):
        for name, nlp in pipelines.items():
            speed = _training_speed(nlp, optimizers[name], train[name])
            speeds["training"][name].append(speed)
        for name, nlp in pipelines.items():
            speeds["prediction"][name].append(_prediction_speed(nlp, test[name]))
    result = {
        "corpus": corpus.name,
        "config": config.name,
        "hardware": f"{processor()}, {os.cpu_count()} cores",
        "threads": threads,
        "rounds": rounds,
        "versions": {"spacy": spacy.__version__, "torch": torch.__version__},
    }
    for task, by_name in speeds.items():
        ratios = [ours / theirs for ours, theirs in zip(by_name[OURS], by_name[THEIRS])]
        result[task] = {
            "words_per_second": {k: round(statistics.median(v)) for k, v in by_name.items()},
            "ratio": round(statistics.median(ratios), 2),
            "ratio_range": [round(min(ratios), 2), round(max(ratios), 2)],
        }
        msg.info(f"{task}: {result[task]}")
    path = RESULTS / f"speed-{threads}-thread{'s' if threads > 1 else ''}.json"
    path.write_text(json.dumps(result, indent=2) + "\n")


def _examples(nlp: Language, path: Path) -> list[Example]:
    return list(SentenceRuns(path, max_sentences=8)(nlp))


def _training_speed(nlp: Language, optimizer: Optimizer, examples: list[Example]) -> float:
    start = time.perf_counter()
    for batch in minibatch(examples, 3):
        nlp.update(batch, sgd=optimizer, drop=0.1)
    return _words(examples) / (time.perf_counter() - start)


def _prediction_speed(nlp: Language, examples: list[Example]) -> float:
    docs = [eg.predicted.copy() for eg in examples]
    start = time.perf_counter()
    for _ in nlp.pipe(docs):
        pass
    return _words(examples) / (time.perf_counter() - start)


def _words(examples: list[Example]) -> int:
    return sum(len(eg.predicted) for eg in examples)


if __name__ == "__main__":
    typer.run(main)
