"""Words per second beside spaCy's own `ner`, training and prediction, in one process.

    OMP_NUM_THREADS=1 python -m benchmarks.speed CORPUS [--config CONFIG] [--rounds 5]

CORPUS is a folder with train.spacy and test.spacy, one doc a sentence. Both components see the same
docs in the same batches, in turn; the figure is the median of the rounds, the ratio is taken round
by round. spaCy's `ner` has the config that `spacy init config --optimize efficiency` gives.
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
from spacy.tokens import Doc, DocBin
from spacy.training import Example
from spacy.util import load_config, load_model_from_config, minibatch
from thinc.api import fix_random_seed
from wasabi import msg

from .accuracy import RESULTS, processor

OURS, THEIRS = "bilstm_crf_ner", "spaCy ner"
ROOT = Path(__file__).parents[1]


def main(
    corpus: Path = typer.Argument(..., help="Folder with train.spacy and test.spacy"),
    config: Path = typer.Option(ROOT / "configs" / "conll2003.cfg", help="Our config"),
    rounds: int = typer.Option(5, help="How often each is timed"),
    sentences: int = typer.Option(2400, help="Training sentences a round"),
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
    train = _words_and_tags(corpus / "train.spacy")
    test = _words_and_tags(corpus / "test.spacy")
    optimizers = {}
    for name, nlp in pipelines.items():
        fix_random_seed(0)
        examples = _examples(nlp, train)
        optimizers[name] = nlp.initialize(lambda examples=examples: examples)
        for batch in minibatch(examples[:2400], 24):
            nlp.update(batch, sgd=optimizers[name], drop=0.1)
    speeds: dict[str, dict[str, list[float]]] = {
        task: {name: [] for name in pipelines} for task in ("training", "prediction")
    }
    for _ in range(rounds):
        for name, nlp in pipelines.items():
            speeds["training"][name].append(
                _training_speed(nlp, optimizers[name], train[:sentences])
            )
        for name, nlp in pipelines.items():
            speeds["prediction"][name].append(_prediction_speed(nlp, test))
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


def _words_and_tags(path: Path) -> list[tuple[list[str], list[str]]]:
    docs = DocBin().from_disk(path).get_docs(spacy.blank("en").vocab)
    return [
        (
            [t.text for t in doc],
            [f"{t.ent_iob_}-{t.ent_type_}" if t.ent_type_ else "O" for t in doc],
        )
        for doc in docs
    ]


def _examples(nlp: Language, data: list[tuple[list[str], list[str]]]) -> list[Example]:
    return [
        Example(Doc(nlp.vocab, words=words), Doc(nlp.vocab, words=words, ents=tags))
        for words, tags in data
    ]


def _training_speed(
    nlp: Language, optimizer: object, data: list[tuple[list[str], list[str]]]
) -> float:
    examples = _examples(nlp, data)
    start = time.perf_counter()
    for batch in minibatch(examples, 24):
        nlp.update(batch, sgd=optimizer, drop=0.1)
    return sum(len(words) for words, _ in data) / (time.perf_counter() - start)


def _prediction_speed(nlp: Language, data: list[tuple[list[str], list[str]]]) -> float:
    docs = [Doc(nlp.vocab, words=words) for words, _ in data]
    start = time.perf_counter()
    for _ in nlp.pipe(docs):
        pass
    return sum(len(words) for words, _ in data) / (time.perf_counter() - start)


if __name__ == "__main__":
    typer.run(main)
