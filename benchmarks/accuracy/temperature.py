"""What `calibrate` makes of confidences.

    python -m benchmarks.accuracy.temperature CORPUS NAME=MODEL ...

CORPUS is a folder with dev.spacy, and test.spacy if there is one. Each pipeline is measured as it
is at temperature 1, and calibrated: dev by cross-validation over documents, test at the temperature
that all of dev gives.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import spacy
import typer
from spacy.language import Language
from wasabi import msg

from benchmarks.accuracy.scores import entity_keys, percent_f1
from benchmarks.common import machine, write_result
from spacy_bilstm_crf.evaluation.held_out import (
    HeldOut,
    find_recognizer,
    read_held_out,
    tag_examples,
)
from spacy_bilstm_crf.evaluation.temperature import calibrate, measure_at


def main(
    corpus: Path = typer.Argument(..., help="Folder with dev.spacy"),
    models: list[str] = typer.Argument(..., help="NAME=MODEL, trained pipelines"),
) -> None:
    """Measure calibration before and after."""
    measure_models("temperature", corpus, models, _measure)


def measure_models(
    name: str, corpus: Path, models: list[str], measure: Callable[[Language, Path], dict[str, Any]]
) -> None:
    """Measure pipelines, given as NAME=MODEL, on a corpus, and write what is found of all."""
    result: dict[str, Any] = {"corpus": corpus.name, **machine(), "models": {}}
    for given in models:
        shown, _, model = given.partition("=")
        result["models"][shown] = measure(spacy.load(model), corpus)
    path = write_result(f"{name}-{corpus.name}", result)
    msg.good(f"{path}: {result}")


def _measure(nlp: Language, corpus: Path) -> dict[str, Any]:
    name, pipe = find_recognizer(nlp)
    pipe.cfg["temperature"] = 1.0
    found = calibrate(nlp, read_held_out(nlp, pipe, corpus / "dev.spacy"))
    result: dict[str, Any] = {
        "temperature": found.temperature,
        "dev": {"before": found.before, "after": found.after},
    }
    if (corpus / "test.spacy").exists():
        test = read_held_out(nlp, pipe, corpus / "test.spacy")
        result["test"] = {}
        for when, temperature in (("before", 1.0), ("after", found.temperature)):
            pipe.cfg["temperature"] = temperature
            measured = measure_at(nlp, name, [(temperature, test.examples)])
            result["test"][when] = {**measured, "f": _f1(nlp, name, test)}
    return result


def _f1(nlp: Language, name: str, held_out: HeldOut) -> float:
    docs = tag_examples(nlp, name, held_out.examples)
    pairs = [
        (entity_keys(doc.ents), entity_keys(eg.reference.ents))
        for doc, eg in zip(docs, held_out.examples)
    ]
    right = sum(len(found & gold) for found, gold in pairs)
    n_found, n_gold = (sum(map(len, own)) for own in zip(*pairs))
    return percent_f1(right, n_found, n_gold, 3)


if __name__ == "__main__":
    typer.run(main)
