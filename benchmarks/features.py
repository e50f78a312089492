"""What confidences, thresholds, candidate spans, given entities and n-best readings cost.

    OMP_NUM_THREADS=1 python -m benchmarks.features MODEL CORPUS [--rounds 7]

Each is timed in turn on the dev docs, over and over, and compared with plain prediction in the same
round; the figure is the median of the rounds.
"""

import json
import statistics
import time
from pathlib import Path
from typing import Any

import spacy
import typer
from spacy.language import Language
from spacy.tokens import Doc
from wasabi import msg

from benchmarks.accuracy import RESULTS, machine
from spacy_bilstm_crf.training.corpus import SentenceRuns

NAME = "bilstm_crf_ner"
PLAIN: dict[str, Any] = {"confidence": "off", "threshold": None, "overwrite_ents": False}
FEATURES: dict[str, dict[str, Any]] = {
    "plain": {},
    "confidence": {"confidence": "entities"},
    "spans": {"confidence": "spans", "spans_threshold": 0.1},
    "threshold": {"threshold": 0.35},
    "given": {},
    "n_best": {},
}


def main(
    model: Path = typer.Argument(..., help="A trained pipeline with bilstm_crf_ner"),
    corpus: Path = typer.Argument(..., help="Folder with dev.spacy"),
    rounds: int = typer.Option(7, help="How often each is timed"),
) -> None:
    """Time each feature beside plain prediction."""
    setting = machine()
    nlp = spacy.load(model)
    examples = list(SentenceRuns(corpus / "dev.spacy")(nlp))
    docs = [eg.predicted for eg in examples]
    given = [doc.copy() for doc in docs]
    for doc, eg in zip(given, examples):  # every second gold entity
        ents = [doc.char_span(e.start_char, e.end_char, e.label_) for e in eg.reference.ents[::2]]
        doc.set_ents([ent for ent in ents if ent], default="missing")
    _seconds(nlp, docs, "plain")
    seconds: dict[str, list[float]] = {name: [] for name in FEATURES}
    for _ in range(rounds):
        for name in FEATURES:
            seconds[name].append(_seconds(nlp, given if name == "given" else docs, name))
    cost = {
        name: [100 * (own / plain - 1) for own, plain in zip(times, seconds["plain"])]
        for name, times in seconds.items()
        if name != "plain"
    }
    result = {
        "corpus": corpus.name,
        "words": sum(map(len, docs)),
        "rounds": rounds,
        **setting,
        "plain_seconds": round(statistics.median(seconds["plain"]), 3),
        "cost_percent": {
            name: {
                "median": round(statistics.median(values), 1),
                "range": [round(min(values), 1), round(max(values), 1)],
            }
            for name, values in cost.items()
        },
    }
    path = RESULTS / f"features-{corpus.name}.json"
    path.write_text(json.dumps(result, indent=2) + "\n")
    msg.good(f"{path}: {result}")


def _seconds(nlp: Language, docs: list[Doc], name: str) -> float:
    pipe: Any = nlp.get_pipe(NAME)
    pipe.cfg.update(PLAIN | FEATURES[name])
    copies = [doc.copy() for doc in docs]
    start = time.perf_counter()
    if name == "n_best":
        for doc in copies:
            pipe.n_best(doc, 5)
    else:
        for _ in nlp.pipe(copies):
            pass
    return time.perf_counter() - start


if __name__ == "__main__":
    typer.run(main)
