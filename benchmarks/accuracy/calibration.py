"""How far the probabilities of entities can be trusted, what n-best analyses hold, and what a
threshold trades.

    python -m benchmarks.accuracy.calibration MODEL CORPUS [--beam BEAM_MODEL]

CORPUS is a folder with dev.spacy and test.spacy, docs with sentence starts. The expected
calibration error (Naeini et al. 2015) is of the predicted entities of dev, in ten bins: how far the
share of right ones is from the mean confidence. The oracle takes the best of the k most probable
analyses of each sentence of test. BEAM_MODEL is a pipeline with spaCy's beam_ner, whose scores
stand beside ours. Precision and recall at each threshold are of dev.
"""

from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import spacy
import typer
from spacy.language import Language
from spacy.tokens import Doc
from wasabi import msg

from benchmarks.accuracy.scores import Key, entity_key, entity_keys, percent_f1
from benchmarks.common import NAME, machine, read_examples, write_result
from spacy_bilstm_crf.evaluation import calibration


def main(
    model: Path = typer.Argument(..., help="A trained pipeline with bilstm_crf_ner"),
    corpus: Path = typer.Argument(..., help="Folder with dev.spacy and test.spacy"),
    beam: Path | None = typer.Option(None, help="A trained pipeline with beam_ner"),
) -> None:
    """Measure calibration on dev and the oracle of n-best analyses on test."""
    machine()
    nlp = spacy.load(model)
    result: dict[str, Any] = {"corpus": corpus.name, NAME: _calibration(nlp, corpus, _own_scores)}
    if beam:
        result["beam_ner"] = _calibration(spacy.load(beam), corpus, _beam_scores)
    result["oracle_f"] = _oracle(nlp, corpus, (1, 2, 5, 10))
    result["thresholds"] = _thresholds(nlp, corpus)
    path = write_result(f"calibration-{corpus.name}", result)
    msg.good(f"{path}: {result}")


def _examples(nlp: Language, path: Path, max_sentences: int) -> list[tuple[Doc, set[Key]]]:
    examples = read_examples(nlp, path, max_sentences)
    return [(eg.predicted, entity_keys(eg.reference.ents)) for eg in examples]


def _own_scores(nlp: Language, docs: list[Doc]) -> list[dict[Any, float]]:
    return [{entity_key(ent): ent._.confidence for ent in doc.ents} for doc in nlp.pipe(docs)]


def _beam_scores(nlp: Language, docs: list[Doc]) -> list[dict[Any, float]]:
    """The summed scores of the analyses in the beam that have an entity, for entities of doc.ents;
    see https://github.com/explosion/spaCy/discussions/5915."""
    pipe: Any = nlp.get_pipe("beam_ner")
    beams = pipe.beam_parse(docs, beam_width=16, beam_density=0.0001, drop=0.0)
    scores = []
    for doc, beam in zip(nlp.pipe([doc.copy() for doc in docs]), beams):
        summed: dict[Any, float] = defaultdict(float)
        for score, ents in pipe.moves.get_beam_parses(beam):
            for start, end, label in ents:
                summed[start, end, label] += score
        scores.append({key: summed[key] for key in map(entity_key, doc.ents)})
    return scores


def _calibration(nlp: Language, corpus: Path, scores_of: Any) -> dict[str, Any]:
    docs, gold = zip(*_examples(nlp, corpus / "dev.spacy", 8))
    scores = scores_of(nlp, list(docs))
    pairs = [(p, key in own) for found, own in zip(scores, gold) for key, p in found.items()]
    result = calibration(pairs)
    assert result is not None, "a pipeline that finds no entities has no calibration"
    return result


def _oracle(nlp: Language, corpus: Path, ks: tuple[int, ...]) -> dict[str, float]:
    pipe: Any = nlp.get_pipe(NAME)
    counts = {k: np.zeros(3) for k in ks}  # right, found and gold entities
    for doc, gold in _examples(nlp, corpus / "test.spacy", 1):
        analyses = [entity_keys(ents) for _, ents in pipe.n_best(doc, max(ks))]
        for k in ks:
            best = max(analyses[:k], key=lambda found: len(found & gold) - len(found - gold))
            counts[k] += [len(best & gold), len(best), len(gold)]
    return {
        str(k): percent_f1(right, found, expected, 3)
        for k, (right, found, expected) in counts.items()
    }


def _thresholds(nlp: Language, corpus: Path) -> list[dict[str, Any]]:
    """Precision, recall and F1 of dev in percent; first without a threshold."""
    docs, gold = zip(*_examples(nlp, corpus / "dev.spacy", 8))
    rows = []
    for threshold in (None, *(step / 20 for step in range(1, 20))):
        pipe: Any = nlp.get_pipe(NAME)
        pipe.cfg["threshold"] = threshold
        found = [entity_keys(doc.ents) for doc in nlp.pipe(doc.copy() for doc in docs)]
        right = sum(len(ours & theirs) for ours, theirs in zip(found, gold))
        n_found, n_gold = sum(map(len, found)), sum(map(len, gold))
        rows.append(
            {
                "threshold": threshold,
                "p": round(100 * right / n_found, 2) if n_found else None,
                "r": round(100 * right / n_gold, 2),
                "f": percent_f1(right, n_found, n_gold, 2),
            }
        )
    return rows


if __name__ == "__main__":
    typer.run(main)
