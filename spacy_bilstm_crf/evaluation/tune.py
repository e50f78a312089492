"""What documents say of thresholds: which entities are found at which, and how many are wrong."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc, Span

from ..confidence import get_confidence
from ..pipeline.settings import LEAST_PROBABILITY
from ..tagging.probable_spans import probable_spans
from .held_out import HeldOut, find_recognizer, tag_examples
from .promise import threshold_for_precision, threshold_for_recall, wrong_shares

Count = Literal["entities", "tokens"]


class Document(NamedTuple):
    """What a document says of thresholds.

    found_at: (gold entities or their tokens,) the greatest threshold at which each is found: an
        entity if all of its tokens are covered by probable spans of any label, which may overlap.
        0 where at none that is computed.
    scores, right: (entities,) the probabilities of `doc.ents` at the least threshold, and which are
        right, borders and label. With a greater threshold, those with less are left out.
    """

    found_at: NDArray[np.float64]
    scores: NDArray[np.float64]
    right: NDArray[np.bool_]


def read_documents(
    nlp: Language, name: str, held_out: HeldOut, *, count: Count = "entities"
) -> list[Document]:
    """Tag the raw texts of documents at the least threshold, and see what is found at which: what
    is promised is of texts to come, which bring no tokens.

    name: the component.
    count: what is counted of the gold standard, entities or their tokens.
    """
    _, pipe = find_recognizer(nlp, name)
    settings = {"threshold": LEAST_PROBABILITY, "spans_threshold": LEAST_PROBABILITY}
    with pipe.cfg.changed(**settings, confidence="spans"):
        docs = tag_examples(nlp, name, held_out.examples, raw=True)
    parts = [read_document(eg.reference, doc, count) for eg, doc in zip(held_out.examples, docs)]
    return [
        Document(*map(np.concatenate, zip(*(parts[i] for i in np.flatnonzero(own)))))
        for own in (held_out.documents == i for i in np.unique(held_out.documents))
    ]


def read_document(gold: Doc, found: Doc, count: Count) -> Document:
    """What a doc, or a part of one, says of thresholds.

    found: the doc with `doc.ents` and with all probable spans at the least threshold.
    """
    covered_at = np.zeros(len(gold.text))
    for span, probability in probable_spans(found, LEAST_PROBABILITY):
        place = slice(span.start_char, span.end_char)
        covered_at[place] = np.maximum(covered_at[place], probability)
    units = [own.min() for own in _units(gold, covered_at, count)]
    places = {_place(ent) for ent in gold.ents}
    known = [(get_confidence(ent), _place(ent) in places) for ent in found.ents]
    return Document(
        np.array(units, dtype=float),
        np.array([p for p, _ in known if p is not None], dtype=float),
        np.array([right for p, right in known if p is not None], dtype=bool),
    )


def _units(gold: Doc, values: NDArray[Any], count: Count) -> list[NDArray[Any]]:
    """The values of what is counted, without white space. In characters, since the tokens of gold
    and tagged docs may differ.

    values: (characters,).
    """
    tokens = [[values[t.idx : t.idx + len(t)] for t in ent if not t.is_space] for ent in gold.ents]
    if count == "tokens":
        return [own for parts in tokens for own in parts]
    return [np.concatenate(parts) for parts in tokens if parts]


def _place(ent: Span) -> tuple[int, int, str]:
    return ent.start_char, ent.end_char, ent.label_


def tune(
    nlp: Language,
    held_out: HeldOut,
    *,
    name: str | None = None,
    recall: float | None = None,
    precision: float | None = None,
    confidence: float | None = None,
    count: Count = "entities",
) -> tuple[dict[str, Any], dict[str, float | None]]:
    """Find the threshold that keeps a promise of recall or of precision; see
    `evaluation/promise.py`. The pipeline stays as it is.

    name: the component; by default the only one.
    recall, precision: what to promise, one of the two.
    confidence: the probability with which the promise is kept; None for a promise of the mean,
        which there is for recall only.
    count: what recall counts.
    RETURNS: the settings to set; and what was measured with them, see `measure`.
    RAISES: ValueError if an argument is wrong, or nothing can be promised.
    """
    name, pipe = find_recognizer(nlp, name)
    value, of = (recall, "recall") if precision is None else (precision, "precision")
    if value is None or (recall is not None and precision is not None):
        raise ValueError("Give --recall or --precision, one of the two.")
    if not 0.0 < value < 1.0:
        raise ValueError(
            f"--{of} must be above 0 and below 1, got {value:g}. Nobody can promise that nothing "
            "is missed or wrong; 0.99 is much."
        )
    if confidence is not None and not 0.0 < confidence < 1.0:
        raise ValueError(f"--confidence must be above 0 and below 1, got {confidence:g}.")
    if count not in ("entities", "tokens"):
        raise ValueError(f"--count must be entities or tokens, got {count!r}.")
    documents = read_documents(nlp, name, held_out, count=count)
    if of == "recall":
        units = [own.found_at for own in documents if len(own.found_at)]
        if not units:
            raise ValueError(f"{held_out.path} has no entities but of white space.")
        found = threshold_for_recall(units, value, confidence)
        least: dict[str, Any] = {"spans_threshold": found.threshold, "confidence": "spans"}
    else:
        if confidence is None:
            raise ValueError("--precision can only be promised with a --confidence, such as 0.95.")
        some = [own for own in documents if len(own.scores)]
        if not some:
            raise ValueError(f"Nothing is found in {held_out.path}: there is nothing to promise.")
        wrong = wrong_shares([own.scores for own in some], [own.right for own in some])
        found = threshold_for_precision(wrong, value, confidence)
        least = {}
    promise = {
        "of": of,
        "at_least": value,
        "confidence": confidence,
        "count": count if of == "recall" else "entities",
        "documents": found.documents,
        "data": held_out.path.name,
        "measured": round(1 - found.loss, 4),
        "threshold": found.threshold,
        "temperature": pipe.cfg["temperature"],
    }
    settings = {"threshold": found.threshold, **least, "promise": promise}
    before = found_before(nlp, name, held_out, count)
    return settings, {**measure(documents, found.threshold), "before": before}


def found_before(nlp: Language, name: str, held_out: HeldOut, count: Count) -> float | None:
    """The share of what is counted that `doc.ents` cover in raw texts with the settings as they
    are; None where there is nothing to count."""
    n_found = n_gold = 0
    for eg, doc in zip(held_out.examples, tag_examples(nlp, name, held_out.examples, raw=True)):
        covered = np.zeros(len(eg.reference.text), dtype=bool)
        for ent in doc.ents:
            covered[ent.start_char : ent.end_char] = True
        units = [bool(own.all()) for own in _units(eg.reference, covered, count)]
        n_found += sum(units)
        n_gold += len(units)
    return float(n_found / n_gold) if n_gold else None


def measure(documents: list[Document], threshold: float) -> dict[str, float | None]:
    """What a threshold gives on documents, taken together, not by document.

    RETURNS: the share of what recall counts that is "found", and the "precision" of `doc.ents`,
        borders and labels; None where there is nothing to count.
    """
    found_at = np.concatenate([own.found_at for own in documents])
    scores = np.concatenate([own.scores for own in documents])
    right = np.concatenate([own.right for own in documents])
    chosen = scores >= threshold
    return {
        "found": float((found_at >= threshold).mean()) if len(found_at) else None,
        "precision": float(right[chosen].mean()) if chosen.any() else None,
    }
