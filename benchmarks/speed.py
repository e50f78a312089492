"""Words per second beside spaCy's own `ner` and Flair, training and prediction, in turn.

    OMP_NUM_THREADS=1 python -m benchmarks.speed CORPUS --model MODEL [--flair PYTHON] [--rounds 5]

CORPUS is a folder with train.spacy and test.spacy, MODEL a pipeline that our config has trained,
PYTHON an interpreter that has Flair (`flair_worker` says what it runs). Docs are whole documents,
and training batches have about 350 words, as in our config. Every system sees the same docs in the
same batches, one system after the other in every round; the figure is the median of the rounds, the
ratio is ours to the other's, round by round. spaCy's `ner` has the config that `spacy init config
--optimize efficiency` gives. Prediction starts from docs, and ends with entities (and in ours their
confidences) written to docs.
"""

import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import spacy
import typer
from spacy.cli.init_config import init_config
from spacy.language import Language
from spacy.training import Example, minibatch_by_words
from spacy.util import load_config, load_model_from_config
from thinc.api import fix_random_seed
from wasabi import msg

from benchmarks.accuracy import RESULTS, machine
from spacy_bilstm_crf.training.corpus import SentenceRuns

ROOT = Path(__file__).parents[1]
OURS, HALF = "bilstm_crf_ner", "bilstm_crf_ner, bfloat16"
Task = Callable[[], float]


def main(
    corpus: Path = typer.Argument(..., help="Folder with train.spacy and test.spacy"),
    model: Path = typer.Option(..., help="A pipeline trained with our config"),
    config: Path = typer.Option(ROOT / "configs" / "conll2003.cfg", help="Our config"),
    flair: Path | None = typer.Option(None, help="A Python interpreter that has Flair"),
    rounds: int = typer.Option(5, help="How often each is timed"),
    batches: int = typer.Option(60, help="Training batches a round"),
) -> None:
    """Time training and prediction, and write benchmarks/results/speed-N-threads.json."""
    setting = machine()
    ours = load_model_from_config(load_config(config, interpolate=True), auto_fill=True)
    theirs = load_model_from_config(
        init_config(lang="en", pipeline=["ner"], optimize="efficiency", silent=True),
        auto_fill=True,
    )
    half = {"components.bilstm_crf_ner.model.tok2vec.precision": "bfloat16"}
    trained = {OURS: spacy.load(model), HALF: spacy.load(model, config=half)}
    scores = {name: nlp.evaluate(_examples(nlp, corpus)) for name, nlp in trained.items()}
    tasks: dict[str, dict[str, Task]] = {
        "training": {
            OURS: _training(ours, corpus, batches),
            "spaCy ner": _training(theirs, corpus, batches),
        },
        "prediction": {name: _prediction(nlp, corpus) for name, nlp in trained.items()},
    }
    tasks["prediction"]["spaCy ner"] = _prediction(theirs, corpus)
    words = {
        "training": sum(map(_words, _batches(_examples(ours, corpus, "train"), batches))),
        "prediction": _words(_examples(ours, corpus)),
    }
    with tempfile.TemporaryDirectory() as folder:
        if flair:
            worker = _start_flair(flair, Path(folder), ours, corpus, batches)
            for task, request in (("training", "train"), ("prediction", "predict")):
                tasks[task]["Flair"] = partial(_ask, worker, request)
        seconds: dict[str, dict[str, list[float]]] = {
            task: {name: [] for name in runs} for task, runs in tasks.items()
        }
        for task, runs in tasks.items():
            for nth in range(rounds + 1):
                for name, run in runs.items():
                    taken = run()
                    if nth > 0:  # the first round warms up
                        seconds[task][name].append(taken)
    result: dict[str, Any] = {
        "corpus": corpus.name,
        "config": config.name,
        **setting,
        "rounds": rounds,
        "test_f": {name: round(100 * score["ents_f"], 3) for name, score in scores.items()},
    }
    for task, by_name in seconds.items():
        result[task] = {name: _summary(by_name, name, words[task]) for name in by_name}
        msg.info(f"{task}: {result[task]}")
    threads = setting["threads"]
    path = RESULTS / f"speed-{threads}-thread{'s' if threads > 1 else ''}.json"
    path.write_text(json.dumps(result, indent=2) + "\n")


def _summary(seconds: dict[str, list[float]], name: str, words: int) -> dict[str, Any]:
    """Words per second, and how many times as fast ours is: median and range of the rounds."""
    ratios = [other / own for own, other in zip(seconds[OURS], seconds[name])]
    return {
        "words_per_second": round(words / statistics.median(seconds[name])),
        "ratio": round(statistics.median(ratios), 2),
        "ratio_range": [round(min(ratios), 2), round(max(ratios), 2)],
    }


def _examples(nlp: Language, corpus: Path, split: str = "test") -> list[Example]:
    return list(SentenceRuns(corpus / f"{split}.spacy", max_sentences=1000)(nlp))


def _batches(examples: list[Example], n: int) -> list[list[Example]]:
    return list(islice(minibatch_by_words(examples, size=350), n))


def _words(examples: list[Example]) -> int:
    return sum(len(eg.predicted) for eg in examples)


def _training(nlp: Language, corpus: Path, batches: int) -> Task:
    fix_random_seed(0)
    examples = _examples(nlp, corpus, "train")
    optimizer = nlp.initialize(lambda: examples)

    def run() -> float:
        start = time.perf_counter()
        for batch in _batches(examples, batches):
            nlp.update(batch, sgd=optimizer, drop=0.1)
        return time.perf_counter() - start

    return run


def _prediction(nlp: Language, corpus: Path) -> Task:
    examples = _examples(nlp, corpus)

    def run() -> float:
        docs = [eg.predicted.copy() for eg in examples]
        start = time.perf_counter()
        for _ in nlp.pipe(docs):
            pass
        return time.perf_counter() - start

    return run


def _start_flair(
    python: Path, folder: Path, nlp: Language, corpus: Path, batches: int
) -> subprocess.Popen[str]:
    train = _batches(_examples(nlp, corpus, "train"), batches)
    paths = []
    for name, groups in (("train", train), ("test", [_examples(nlp, corpus)])):
        sentences = [
            [
                ([t.text for t in sent], [(e.start, e.end, e.label_) for e in sent.as_doc().ents])
                for eg in group
                for sent in eg.reference.sents
            ]
            for group in groups
        ]
        paths.append(folder / f"{name}.json")
        paths[-1].write_text(json.dumps(sentences))
    worker = subprocess.Popen(
        [str(python), str(ROOT / "benchmarks" / "flair_worker.py"), *map(str, paths)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout is not None
    while (line := worker.stdout.readline()).strip() != "ready":
        if not line:
            msg.fail(f"Flair did not start; does {python} have it?", exits=1)
    return worker


def _ask(worker: subprocess.Popen[str], request: str) -> float:
    assert worker.stdin is not None and worker.stdout is not None
    worker.stdin.write(request + "\n")
    worker.stdin.flush()
    while line := worker.stdout.readline():
        try:
            return float(line)
        except ValueError:
            continue  # something that Flair prints
    msg.fail("Flair has stopped", exits=1)
    raise SystemExit(1)


if __name__ == "__main__":
    typer.run(main)
