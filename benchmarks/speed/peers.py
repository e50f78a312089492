"""Words per second beside spaCy's own `ner` and Flair, training and prediction, in turn.

    OMP_NUM_THREADS=1 python -m benchmarks.speed.peers CORPUS --model MODEL [--flair PYTHON]
        [--rounds 5]

CORPUS is a folder with train.spacy and test.spacy, MODEL a pipeline that our config has trained,
PYTHON an interpreter that has Flair (`flair_worker` says what it runs). Docs are whole documents,
and training batches have about 350 words, as in our config. Every system sees the same docs in the
same batches, one system after the other in every round; the figure is the median of the rounds, the
ratio is ours to the other's, round by round. spaCy's `ner` has the config that `spacy init config
--optimize efficiency` gives. Prediction starts from docs, and ends with entities (and in ours their
confidences) written to docs; what ours keeps of words is forgotten before each round.
"""

import json
import statistics
import subprocess
import tempfile
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

from benchmarks.common import (
    CONFIGS,
    NAME,
    WHOLE_DOCS,
    count_threads,
    count_words,
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

Task = Callable[[], float]


def main(
    corpus: Path = typer.Argument(..., help="Folder with train.spacy and test.spacy"),
    model: Path = typer.Option(..., help="A pipeline trained with our config"),
    config: Path = typer.Option(CONFIGS / "conll2003.cfg", help="Our config"),
    flair: Path | None = typer.Option(None, help="A Python interpreter that has Flair"),
    rounds: int = typer.Option(5, help="How often each is timed"),
    batches: int = typer.Option(60, help="Training batches a round"),
) -> None:
    """Time training and prediction, and write benchmarks/results/speed-N-threads.json."""
    setting = machine()
    ours = load_model_from_config(load_config(config, interpolate=True), auto_fill=True)
    theirs = spacy_ner()
    trained = spacy.load(model)
    score = trained.evaluate(_examples(trained, corpus))["ents_f"]
    tasks: dict[str, dict[str, Task]] = {
        "training": {
            NAME: _training(ours, corpus, batches),
            "spaCy ner": _training(theirs, corpus, batches),
        },
        "prediction": {
            NAME: _prediction(trained, corpus),
            "spaCy ner": _prediction(theirs, corpus),
        },
    }
    words = {
        "training": sum(map(count_words, _batches(_examples(ours, corpus, "train"), batches))),
        "prediction": count_words(_examples(ours, corpus)),
    }
    with tempfile.TemporaryDirectory() as folder:
        if flair:
            worker = _start_flair(flair, Path(folder), ours, corpus, batches)
            for task, request in (("training", "train"), ("prediction", "predict")):
                tasks[task]["Flair"] = partial(_ask, worker, request)
        seconds = {task: time_in_turn(runs, rounds) for task, runs in tasks.items()}
    result: dict[str, Any] = {
        "corpus": corpus.name,
        "config": config.name,
        **setting,
        "rounds": rounds,
        "test_f": {NAME: round(100 * score, 3)},
    }
    for task, by_name in seconds.items():
        result[task] = {name: _summary(by_name, name, words[task]) for name in by_name}
        msg.info(f"{task}: {result[task]}")
    write_result(f"speed-{count_threads(setting['threads'])}", result)


def spacy_ner() -> Language:
    """spaCy's `ner`, not initialized: the config of `spacy init config --optimize efficiency`."""
    config = init_config(lang="en", pipeline=["ner"], optimize="efficiency", silent=True)
    return load_model_from_config(config, auto_fill=True)


def train_spacy(corpus: Path, batches: int = 60) -> Language:
    """spaCy's `ner`, trained on a few batches: how fast it is does not depend on what it knows."""
    nlp = spacy_ner()
    _training(nlp, corpus, batches)()
    return nlp


def _summary(seconds: dict[str, list[float]], name: str, words: int) -> dict[str, Any]:
    """Words per second, and how many times as fast ours is: median and range of the rounds."""
    times = ratios(seconds[name], seconds[NAME])
    return {
        "words_per_second": round(words / statistics.median(seconds[name])),
        "ratio": median(times, 2),
        "ratio_range": value_range(times, 2),
    }


def _examples(nlp: Language, corpus: Path, split: str = "test") -> list[Example]:
    return read_examples(nlp, corpus / f"{split}.spacy", WHOLE_DOCS)


def _batches(examples: list[Example], n: int) -> list[list[Example]]:
    return list(islice(minibatch_by_words(examples, size=350), n))


def _training(nlp: Language, corpus: Path, batches: int) -> Task:
    fix_random_seed(0)
    examples = _examples(nlp, corpus, "train")
    optimizer = nlp.initialize(lambda: examples)

    def learn() -> None:
        for batch in _batches(examples, batches):
            nlp.update(batch, sgd=optimizer, drop=0.1)

    return partial(seconds_of, learn)


def _prediction(nlp: Language, corpus: Path) -> Task:
    examples = _examples(nlp, corpus)

    def run() -> float:
        docs = [eg.predicted.copy() for eg in examples]
        forget(nlp)
        return seconds_of(lambda: tag(nlp, docs))

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
        [str(python), str(Path(__file__).with_name("flair_worker.py")), *map(str, paths)],
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
