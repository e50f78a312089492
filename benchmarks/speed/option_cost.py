"""What confidences, thresholds, candidate spans, given entities and n-best analyses cost.

    OMP_NUM_THREADS=1 python -m benchmarks.speed.option_cost MODEL CORPUS [--rounds 7]

Each is timed in turn on the dev docs, over and over, and compared with plain prediction in the same
round; the figure is the median of the rounds.
"""

from functools import partial
from pathlib import Path
from typing import Any

import spacy
import typer
from spacy.language import Language
from spacy.tokens import Doc
from wasabi import msg

from benchmarks.common import (
    NAME,
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

PLAIN: dict[str, Any] = {"confidence": "off", "threshold": None, "overwrite_ents": False}
OPTIONS: dict[str, dict[str, Any]] = {
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
    """Time each option beside plain prediction."""
    setting = machine()
    nlp = spacy.load(model)
    examples = read_examples(nlp, corpus / "dev.spacy")
    docs = [eg.predicted for eg in examples]
    given = [doc.copy() for doc in docs]
    for doc, eg in zip(given, examples):  # every second gold entity
        ents = [doc.char_span(e.start_char, e.end_char, e.label_) for e in eg.reference.ents[::2]]
        doc.set_ents([ent for ent in ents if ent], default="missing")
    tasks = {
        name: partial(_seconds, nlp, given if name == "given" else docs, name) for name in OPTIONS
    }
    seconds = time_in_turn(tasks, rounds)
    cost = {
        name: [100 * (ratio - 1) for ratio in ratios(own, seconds["plain"])]
        for name, own in seconds.items()
        if name != "plain"
    }
    result = {
        "corpus": corpus.name,
        "words": sum(map(len, docs)),
        "rounds": rounds,
        **setting,
        "plain_seconds": median(seconds["plain"], 3),
        "cost_percent": {
            name: {"median": median(values, 1), "range": value_range(values, 1)}
            for name, values in cost.items()
        },
    }
    path = write_result(f"option-cost-{corpus.name}", result)
    msg.good(f"{path}: {result}")


def _seconds(nlp: Language, docs: list[Doc], name: str) -> float:
    pipe: Any = nlp.get_pipe(NAME)
    pipe.cfg.update(PLAIN | OPTIONS[name])
    copies = [doc.copy() for doc in docs]
    if name == "n_best":
        return seconds_of(lambda: [pipe.n_best(doc, 5) for doc in copies])
    return seconds_of(lambda: tag(nlp, copies))


if __name__ == "__main__":
    typer.run(main)
