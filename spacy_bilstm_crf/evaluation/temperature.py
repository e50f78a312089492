"""The temperature at which a component's probabilities fit annotated documents best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from spacy.language import Language
from spacy.training import Example
from spacy.training.batchers import minibatch_by_words

from ..models.tag_distribution import TagDistribution
from ..pipeline.alignment import gold_tag_ids, join_across_entities
from ..tags import MISSING
from .calibration import calibration_of
from .errors import Match, compare
from .held_out import HeldOut, find_recognizer, tag_examples

TEMPERATURES = np.geomspace(0.25, 8.0, 26)
"""Those that are tried. Between them, the likelihood is next to a parabola."""
# Tokens that are read at once.
_PART = 4000


class Calibration(NamedTuple):
    """What `calibrate` finds.

    temperature: the best one for all documents.
    before, after: `calibration` of the entities found, and the mean "sequence_loss": the negative
        log-likelihood of the gold tags, in nats a token. "after" is by cross-validation: each
        document at the temperature, of those that are tried, that is best for others.
    """

    temperature: float
    before: dict[str, Any]
    after: dict[str, Any]


def calibrate(
    nlp: Language, held_out: HeldOut, *, name: str | None = None, folds: int = 5, seed: int = 0
) -> Calibration:
    """Find the temperature of a component that makes the gold tags of documents most likely
    (temperature scaling, Guo et al. 2017, https://arxiv.org/abs/1706.04599, of the whole chain).
    The pipeline stays as it is.

    name: the component; by default the only one.
    folds: of the cross-validation; no more than there are documents.
    seed: which documents are in which fold.
    RAISES: ValueError if there are not two documents, fewer than two folds, or the best temperature
        is none of those that are tried.
    """
    name, pipe = find_recognizer(nlp, name)
    if folds < 2:
        raise ValueError(f"Cross-validation needs at least 2 folds, got {folds}.")
    ids, document = np.unique(held_out.documents, return_inverse=True)
    if len(ids) < 2:
        raise ValueError(f"{held_out.path} has one document: calibration needs two or more.")
    fold_of = np.random.default_rng(seed).permutation(len(ids)) % folds
    losses = sequence_losses(nlp, name, held_out.examples, TEMPERATURES)
    best = best_temperature(losses)
    before = measure_at(nlp, name, [(pipe.cfg["temperature"], held_out.examples)])
    parts = []
    for fold in np.unique(fold_of):
        inside = fold_of[document] == fold
        own = [eg for eg, is_in in zip(held_out.examples, inside) if is_in]
        parts.append((_least(losses[~inside]), own))
    return Calibration(best, before, measure_at(nlp, name, parts))


def sequence_losses(
    nlp: Language, name: str, examples: Sequence[Example], temperatures: ArrayLike
) -> NDArray[np.float64]:
    """The negative log-likelihood of the gold tags of examples, as far as they are known.

    name: the component.
    RETURNS: (examples, temperatures), in nats.
    """
    _, pipe = find_recognizer(nlp, name)
    docs = tag_examples(nlp, name, examples, last=False)
    pairs = [Example(doc, eg.reference) for doc, eg in zip(docs, examples) if len(doc)]
    batches = minibatch_by_words(
        pairs, _PART, tolerance=0.0, discard_oversize=False, get_length=lambda eg: len(eg.predicted)
    )
    at, rows = np.asarray(temperatures).tolist(), []
    for batch in batches:
        gold = gold_tag_ids(batch, pipe.labels, name=name)
        with pipe.cfg.changed(overwrite_ents=True):  # others' entities may contradict the gold ones
            tags = pipe.distribution([eg.predicted for eg in batch])
        tags = tags.with_lengths(join_across_entities(tags.lengths, gold))
        gold = _without_impossible(gold, tags)
        doc_of = np.searchsorted(np.cumsum(tags.doc_lengths), np.cumsum(tags.lengths))
        columns = [tags.at(t).log_likelihood(gold) for t in at]
        rows.append(np.stack([-np.bincount(doc_of, own, len(batch)) for own in columns], axis=1))
    losses = np.zeros((len(examples), len(at)))
    losses[[len(doc) > 0 for doc in docs]] = np.concatenate(rows)
    return losses


def _without_impossible(gold: NDArray[np.int64], tags: TagDistribution) -> NDArray[np.int64]:
    """Gold tags without those of sequences in which one can't be: of an entity that begins or ends
    in white space, or has a label that is not trained yet. They are no matter of temperature."""
    tokens = np.flatnonzero(gold != MISSING)
    scores = tags.emissions[tokens, gold[tokens]].cpu().numpy()
    of_sequence = np.repeat(np.arange(len(tags.lengths)), tags.lengths)
    bad = np.isin(of_sequence, of_sequence[tokens[np.isneginf(scores)]])
    return np.where(bad, MISSING, gold)


def best_temperature(losses: NDArray[np.float64]) -> float:
    """The temperature of the least summed loss: the vertex of a parabola, over the logarithm of
    the temperature, through the least loss and its neighbours.

    losses: (documents or parts of them, TEMPERATURES).
    RAISES: ValueError if the loss is still falling at an end of TEMPERATURES.
    """
    least = int(losses.sum(axis=0).argmin())
    if least == 0:
        raise ValueError(
            "No temperature fits: the surer the better. Are nearly no errors made on these "
            "documents? Give some that the pipeline was not trained on, and more of them."
        )
    if least == len(TEMPERATURES) - 1:
        raise ValueError(
            "No temperature fits: the less sure the better. Does the pipeline know this kind of "
            "text, and are its entities annotated?"
        )
    return _least(losses)


def _least(losses: NDArray[np.float64]) -> float:
    """As `best_temperature`, but an end of TEMPERATURES where the loss is still falling there: of
    all documents but some, there may be none with an error."""
    total = losses.sum(axis=0)
    least = int(total.argmin())
    if least in (0, len(TEMPERATURES) - 1):
        return float(TEMPERATURES[least])
    near = slice(least - 1, least + 2)
    a, b, _ = np.polyfit(np.log(TEMPERATURES[near]), total[near], 2)
    return round(float(np.exp(-b / (2 * a))), 4)


def measure_at(
    nlp: Language, name: str, parts: Sequence[tuple[float, list[Example]]]
) -> dict[str, Any]:
    """Measure how well a component's probabilities fit examples; see `Calibration`.

    parts: temperatures, and the examples that are measured at each.
    """
    _, pipe = find_recognizer(nlp, name)
    matches: list[Match] = []
    loss, n_tokens = 0.0, 0
    for temperature, examples in parts:
        # The same entities at each temperature: those of the most probable tags.
        settings = {"temperature": temperature, "threshold": None, "confidence": "entities"}
        with pipe.cfg.changed(**settings):
            docs = tag_examples(nlp, name, examples)
        for doc, eg in zip(docs, examples):
            matches += compare(eg.reference, doc)
        loss += float(sequence_losses(nlp, name, examples, [temperature]).sum())
        n_tokens += sum(len(eg.predicted) for eg in examples)
    return {**(calibration_of(matches) or {}), "sequence_loss": round(loss / n_tokens, 5)}
