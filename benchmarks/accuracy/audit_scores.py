"""How well scores of sentences and findings rank what is wrong."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.planted import KINDS, Place
from spacy_bilstm_crf.audit.documents import Document
from spacy_bilstm_crf.audit.findings import Doubt, by_sentence, find_doubts, suspicion_of
from spacy_bilstm_crf.audit.judge import Judgement
from spacy_bilstm_crf.audit.usual import EQUAL, usual_of

Floats = NDArray[np.float64]


class Read(NamedTuple):
    """What models say of a document: a judgement; of each token the probability of each tag, and
    the gold tag; and of each sentence the probability of its gold tags."""

    judgement: Judgement
    marginals: Floats
    gold: NDArray[np.int64]
    sequences: Floats


def sentence_scores(
    documents: Sequence[Document], reads: Sequence[Read]
) -> Iterator[tuple[str, Floats]]:
    """Scores of all sentences, by name: the higher, the more suspicious."""
    scores: dict[str, list[float]] = {}
    marginals: list[Floats] = []
    gold: list[NDArray[np.int64]] = []
    usual = usual_of(documents, [read.judgement for read in reads])
    for document, read in zip(documents, reads):
        doubts = by_sentence(document, find_doubts(document, read.judgement, usual))
        for nth, (s, own) in enumerate(zip(document.sentences, doubts)):
            p, tags = read.marginals[s.first : s.last], read.gold[s.first : s.last]
            marginals.append(p)
            gold.append(tags)
            right = p[np.arange(len(p)), tags]
            others = np.where(np.eye(p.shape[1], dtype=bool)[tags], -1.0, p)
            for name, score in {
                "suspicion": suspicion_of(own),
                "probabilities": max(map(_lead, own), default=0.0),
                "margin of tags": float((others.max(axis=1) - right).max()),
                "least tag": 1.0 - float(right.min()),
                "all tags": 1.0 - read.sequences[nth],
                "entities": max(map(_entity_score, own), default=0.0),
                "suggestions": max((d.suggested_probability for d in own), default=0.0),
            }.items():
                scores.setdefault(name, []).append(score)
    yield from ((name, np.array(own)) for name, own in scores.items())
    yield from _cleanlab_scores(gold, marginals)


def _lead(doubt: Doubt) -> float:
    """The suspicion if nothing is usual."""
    p, q = doubt.gold_probability, doubt.suggested_probability
    return EQUAL.suspicion(doubt.gold, doubt.suggested, p, q)


def _entity_score(doubt: Doubt) -> float:
    p = doubt.suggested_probability
    return p if doubt.gold is None else 1.0 - doubt.gold_probability


def _cleanlab_scores(
    gold: Sequence[NDArray[np.int64]], marginals: Sequence[Floats]
) -> Iterator[tuple[str, Floats]]:
    try:
        from cleanlab.token_classification.rank import get_label_quality_scores
    except ImportError:
        return
    label = (np.arange(marginals[0].shape[1]) + 3) // 4  # O, and B, I, L and U of each label
    summed = [
        np.stack([p[:, label == k].sum(axis=1) for k in np.unique(label)], 1) for p in marginals
    ]
    for of, classes, probabilities in (
        ("tags", gold, marginals),
        ("labels", [label[own] for own in gold], summed),
    ):
        for method in ("min", "softmin"):
            labels = [own.tolist() for own in classes]
            found, _ = get_label_quality_scores(
                labels, list(probabilities), sentence_score_method=method
            )
            yield f"cleanlab {method}, {of}", 1.0 - np.asarray(found)


def rank_findings(
    documents: Sequence[Document], errors: Sequence[dict[Place, str]], reads: Sequence[Read]
) -> dict[str, Any]:
    """How findings are ranked, by each of some scores; an error that nothing is at is lost."""
    ways: dict[str, Callable[[Doubt], float]] = {
        "suspicion": lambda doubt: doubt.suspicion,
        "probabilities": _lead,
        "suggestion": lambda doubt: doubt.suggested_probability,
        "one minus gold": lambda doubt: 1.0 - doubt.gold_probability,
        "one minus gold entity, or suggestion": _entity_score,
    }
    scores: dict[str, list[float]] = {way: [] for way in ways}
    kinds: list[set[str]] = []
    usual = usual_of(documents, [read.judgement for read in reads])
    for document, wrong, read in zip(documents, errors, reads):
        left = dict(wrong)
        doubts = find_doubts(document, read.judgement, usual)
        for doubt in sorted(doubts, key=lambda own: -own.suggested_probability):
            at = doubt.gold or doubt.suggested
            assert at is not None
            if doubt.gold:
                kind = wrong.get(at[:2])
                kind = None if kind == "missing" else kind
            else:
                missed = [
                    p for p, k in left.items() if k == "missing" and at[0] < p[1] and p[0] < at[1]
                ]
                kind = left.pop(missed[0]) if missed else None
            kinds.append({kind} if kind else set())
            for way, score in ways.items():
                scores[way].append(score(doubt))
    totals = {kind: sum(k == kind for own in errors for k in own.values()) for kind in KINDS}
    return {way: by_kind(np.array(own), kinds, totals) for way, own in scores.items()}


def by_kind(
    scores: Floats, kinds: Sequence[set[str]], totals: dict[str, int] | None = None
) -> dict[str, Any]:
    """The measures of all, and of each kind, among what is right or of that kind."""
    any_wrong = np.array([bool(own) for own in kinds])
    result = {"all": measure(scores, any_wrong, sum(totals.values()) if totals else None)}
    for kind in KINDS:
        own = np.array([kind in k for k in kinds])
        among = own | ~any_wrong
        result[kind] = measure(scores[among], own[among], totals[kind] if totals else None)
    return result


def measure(
    scores: Floats, is_wrong: Sequence[bool] | NDArray[np.bool_], total: int | None = None
) -> dict[str, float]:
    """The area under precision and recall, and the precision at the number of errors.

    total: how many errors there are; by default as many as are among what is scored.
    """
    order = np.argsort(-scores, kind="stable")
    right = np.asarray(is_wrong, dtype=bool)[order]
    n = int(right.sum()) if total is None else total
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    return {
        "area": round(float(precision[right].sum() / n), 4),
        "precision": round(float(right[:n].sum() / n), 4),
    }
