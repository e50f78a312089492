"""What a map of probabilities, label by label, would add to the temperature.

    python -m benchmarks.accuracy.probability_maps CORPUS NAME=MODEL ...

CORPUS is a folder with dev.spacy and test.spacy. Each pipeline is calibrated on dev by one
temperature, as `calibrate` does. Then a monotone map of each label (Platt 1999: slope and shift of
the log-odds) is fitted on dev to the entities that are found, or to all spans above
LEAST_PROBABILITY, found or not. The expected calibration errors are of both, on dev by
cross-validation over documents, on test with the maps of all of dev. "chance" is the error that
probabilities which are right would show on so many spans, in the mean.
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import typer
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, logit
from spacy.language import Language

from benchmarks.accuracy.temperature import measure_models
from spacy_bilstm_crf.evaluation.calibration import calibration
from spacy_bilstm_crf.evaluation.held_out import find_recognizer, read_held_out, tag_examples
from spacy_bilstm_crf.evaluation.temperature import calibrate
from spacy_bilstm_crf.pipeline.settings import LEAST_PROBABILITY
from spacy_bilstm_crf.tagging.probable_spans import probable_spans

_FOLDS = 5
_LEAST = 1e-6  # of odds that are taken


class Candidates(NamedTuple):
    """Spans above LEAST_PROBABILITY, all (spans,): their probabilities, whether they are right, and
    found, as entities of the most probable tags, their labels, and the documents that they are
    of."""

    probability: NDArray[np.float64]
    right: NDArray[np.bool_]
    found: NDArray[np.bool_]
    label: NDArray[np.str_]
    document: NDArray[np.int64]


def main(
    corpus: Path = typer.Argument(..., help="Folder with dev.spacy and test.spacy"),
    models: list[str] = typer.Argument(..., help="NAME=MODEL, trained pipelines"),
) -> None:
    """Measure calibration with one temperature, and with maps of labels after it."""
    measure_models("probability-maps", corpus, models, _measure)


def _measure(nlp: Language, corpus: Path) -> dict[str, Any]:
    _, pipe = find_recognizer(nlp)
    pipe.cfg["temperature"] = 1.0
    held_out = read_held_out(nlp, pipe, corpus / "dev.spacy")
    pipe.cfg["temperature"] = calibrate(nlp, held_out).temperature
    dev, test = (_candidates(nlp, corpus / f"{split}.spacy") for split in ("dev", "test"))
    return {
        "temperature": pipe.cfg["temperature"],
        "dev": {"chance": _chance(dev), **_errors(dev, _cross_validated(dev))},
        "test": {"chance": _chance(test), **_errors(test, _mapped(dev, test))},
    }


def _candidates(nlp: Language, path: Path) -> Candidates:
    name, pipe = find_recognizer(nlp)
    held_out = read_held_out(nlp, pipe, path)
    with pipe.cfg.changed(confidence="spans", spans_threshold=LEAST_PROBABILITY):
        docs = tag_examples(nlp, name, held_out.examples)
    rows = []
    for doc, eg, document in zip(docs, held_out.examples, held_out.documents):
        places = [
            {(s.start, s.end, s.label_) for s in spans} for spans in (eg.reference.ents, doc.ents)
        ]
        for span, probability in probable_spans(doc, LEAST_PROBABILITY):
            is_in = [(span.start, span.end, span.label_) in own for own in places]
            rows.append((probability, *is_in, span.label_, document))
    return Candidates(*map(np.array, zip(*rows)))


def _mapped(own: Candidates, others: Candidates) -> dict[str, NDArray[np.float64]]:
    """The probabilities of others, as they are and with maps fitted to some."""
    result = {"temperature": others.probability}
    for of, chosen in (("found", own.found), ("all", np.ones_like(own.found))):
        mapped = others.probability.copy()
        for label in np.unique(own.label):
            inside = chosen & (own.label == label)
            slope, shift = _fit(own.probability[inside], own.right[inside])
            here = others.label == label
            mapped[here] = expit(slope * _log_odds(others.probability[here]) + shift)
        result[f"maps of {of}"] = mapped
    return result


def _cross_validated(own: Candidates) -> dict[str, NDArray[np.float64]]:
    ids, document = np.unique(own.document, return_inverse=True)
    fold = (np.random.default_rng(0).permutation(len(ids)) % _FOLDS)[document]
    result: dict[str, NDArray[np.float64]] = {}
    for i in range(_FOLDS):
        inside = fold == i
        parts = [Candidates(*(column[own_] for column in own)) for own_ in (~inside, inside)]
        for name, mapped in _mapped(*parts).items():
            result.setdefault(name, np.zeros(len(fold)))[inside] = mapped
    return result


def _fit(probability: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[float, float]:
    """The slope and the shift of the log-odds with the least log-loss; a slope is above 0."""
    odds, sign = _log_odds(probability), np.where(right, 1.0, -1.0)

    def loss(weights: NDArray[np.float64]) -> float:
        shown = np.exp(weights[0]) * odds + weights[1]
        return float(np.logaddexp(0.0, -sign * shown).mean())

    log_slope, shift = minimize(loss, np.zeros(2), method="Nelder-Mead").x
    return float(np.exp(log_slope)), float(shift)


def _log_odds(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    odds: NDArray[np.float64] = logit(np.clip(probability, _LEAST, 1 - _LEAST))
    return odds


def _errors(own: Candidates, mapped: dict[str, NDArray[np.float64]]) -> dict[str, Any]:
    return {
        name: {"found": _error(own, values, own.found), "all": _error(own, values)}
        for name, values in mapped.items()
    }


def _error(
    own: Candidates, values: NDArray[np.float64], chosen: NDArray[np.bool_] | None = None
) -> float:
    inside = np.ones_like(own.found) if chosen is None else chosen
    measured = calibration(zip(values[inside].tolist(), own.right[inside].tolist()))
    return float((measured or {})["expected_calibration_error"])


def _chance(own: Candidates) -> dict[str, float]:
    """The errors of probabilities that are right."""
    chance = np.random.default_rng(0)
    found = {}
    for of, inside in (("found", own.found), ("all", np.ones_like(own.found))):
        p = own.probability[inside]
        draws = [
            (calibration(zip(p.tolist(), chance.random(len(p)) < p)) or {})[
                "expected_calibration_error"
            ]
            for _ in range(100)
        ]
        found[of] = round(float(np.mean(draws)), 4)
    return found


if __name__ == "__main__":
    typer.run(main)
