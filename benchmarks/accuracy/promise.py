"""How often promised recall is kept, and what it costs in precision.

    python -m benchmarks.accuracy.promise MODEL CORPUS [--spacy-ner MODEL]

The documents of dev and test that have entities are split at random 1,000 times into two halves. On
one half a threshold is tuned (`spacy_bilstm_crf/evaluation/promise.py`), on the other the mean over
documents of the share of entities that are found is taken, and the precision of `doc.ents`, all
documents taken together. The promise is for the source of the documents: the other half, which is a
sample, too, may break one that holds. Tuned on dev and tested on test ("shift"), the documents are
not of one source, and nothing is promised.

Beside the probability of a span, the mean probability of its tokens' tags is taken as its score. A
pipeline with spaCy's ner has no threshold: its recall and precision are those of its entities.
"""

from pathlib import Path
from typing import Any

import numpy as np
import spacy
import typer
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc, SpanGroup
from spacy.training import Example
from wasabi import msg

from benchmarks.common import WHOLE_DOCS, machine, read_examples, write_result
from spacy_bilstm_crf.confidence import set_confidence
from spacy_bilstm_crf.evaluation.held_out import find_recognizer
from spacy_bilstm_crf.evaluation.promise import threshold_for_recall
from spacy_bilstm_crf.evaluation.tune import Document, read_document
from spacy_bilstm_crf.pipeline.candidates import choose_spans
from spacy_bilstm_crf.pipeline.settings import LEAST_PROBABILITY
from spacy_bilstm_crf.tags import Spans

RECALLS = (0.9, 0.95, 0.99)
CONFIDENCES = (None, 0.95)


def main(
    model: Path = typer.Argument(..., help="A trained pipeline with bilstm_crf_ner"),
    corpus: Path = typer.Argument(..., help="Folder with dev.spacy and test.spacy"),
    spacy_ner: Path | None = typer.Option(None, help="A trained pipeline with spaCy's ner"),
    splits: int = typer.Option(1000, help="Random splits"),
    seed: int = typer.Option(0, help="Seed of the splits"),
) -> None:
    """Tune and test on random halves of dev and test."""
    result: dict[str, Any] = {"corpus": corpus.name, "splits": splits, **machine()}
    nlp = spacy.load(model)
    result["temperature"] = find_recognizer(nlp)[1].cfg["temperature"]
    dev, test = (_examples(nlp, corpus / f"{split}.spacy") for split in ("dev", "test"))
    spans, tokens = _documents(nlp, [*dev, *test])
    halves = _halves(len(spans), splits, seed)
    result["documents"] = len(spans)
    result["shift"] = _promises(spans, [np.split(np.arange(len(spans)), [len(dev)])])
    result["scores"] = {
        "span probability": _promises(spans, halves),
        "mean token probability": _promises(tokens, halves),
    }
    if spacy_ner:
        other = spacy.load(spacy_ner)
        documents = [
            own
            for split in ("dev", "test")
            for own in _ner_documents(other, _examples(other, corpus / f"{split}.spacy"))
        ]
        result["spaCy ner"] = _one_point(documents, halves)
    path = write_result(f"promise-{corpus.name}", result)
    msg.good(f"{path}: {result}")


def _halves(n: int, splits: int, seed: int) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    chance = np.random.default_rng(seed)
    orders = [chance.permutation(n) for _ in range(splits)]
    return [(order[: n // 2], order[n // 2 :]) for order in orders]


def _examples(nlp: Language, path: Path) -> list[Example]:
    return [eg for eg in read_examples(nlp, path, WHOLE_DOCS) if eg.reference.ents]


def _documents(nlp: Language, examples: list[Example]) -> tuple[list[Document], list[Document]]:
    """The documents with the probabilities of spans, and with those of tokens."""
    _, pipe = find_recognizer(nlp)
    least = {"threshold": LEAST_PROBABILITY, "spans_threshold": LEAST_PROBABILITY}
    pipe.cfg.update({**least, "confidence": "spans"})
    by_span, by_token = [], []
    for eg in examples:
        doc = nlp(eg.reference.text)  # as an application has it
        by_span.append(read_document(eg.reference, doc, "entities"))
        marginals = pipe.distribution([nlp.make_doc(eg.reference.text)]).marginals()
        _score_by_tokens(doc, doc.spans[pipe.cfg["spans_key"]], marginals, pipe.labels)
        by_token.append(read_document(eg.reference, doc, "entities"))
    return by_span, by_token


def _score_by_tokens(
    doc: Doc, group: SpanGroup, marginals: NDArray[np.float64], labels: tuple[str, ...]
) -> None:
    """Score the spans of a doc by the mean probability of their tokens' tags, and choose its
    entities among them by it."""
    spans = list(group)
    columns = [(s.start, s.end, labels.index(s.label_)) for s in spans]
    scores = []
    for start, end, label in columns:
        begin = 1 + 4 * label  # B, I, L, U
        tags = (
            [begin, *[begin + 1] * (end - start - 2), begin + 2] if end - start > 1 else [begin + 3]
        )
        scores.append(float(marginals[np.arange(start, end), tags].mean()))
    group.attrs["scores"] = scores
    places = Spans(*np.array(columns, dtype=np.int64).reshape(-1, 3).T)
    chosen, confidences = choose_spans(places, np.array(scores))
    by_place = dict(zip(columns, spans))
    doc.ents = [by_place[place] for place in zip(*(column.tolist() for column in chosen))]
    for ent, confidence in zip(doc.ents, confidences.tolist()):
        set_confidence(ent, confidence)


def _ner_documents(nlp: Language, examples: list[Example]) -> list[Document]:
    documents = []
    for eg in examples:
        doc = nlp(eg.reference.text)
        attrs = {"scores": [1.0] * len(doc.ents)}
        doc.spans["ents"] = SpanGroup(doc, name="ents", spans=list(doc.ents), attrs=attrs)
        for ent in doc.ents:
            set_confidence(ent, 1.0)
        documents.append(read_document(eg.reference, doc, "entities"))
    return documents


def _promises(documents: list[Document], halves: Any) -> list[dict[str, Any]]:
    rows = []
    for recall in RECALLS:
        for confidence in CONFIDENCES:
            found = []
            for tuned_on, tested_on in halves:
                try:
                    own = threshold_for_recall(
                        [documents[i].found_at for i in tuned_on], recall, confidence
                    )
                except ValueError:  # nothing is promised
                    continue
                found.append(_test([documents[i] for i in tested_on], own.threshold))
            row = {"recall": recall, "confidence": confidence, "promised": len(found) / len(halves)}
            rows.append({**row, **_summary(found, recall)})
    return rows


def _one_point(documents: list[Document], halves: Any) -> list[dict[str, Any]]:
    found = [_test([documents[i] for i in tested_on], 1.0) for _, tested_on in halves]
    return [{"recall": recall, **_summary(found, recall)} for recall in RECALLS]


def _test(documents: list[Document], threshold: float) -> tuple[float, float]:
    """Mean recall of documents, and precision of all their entities."""
    recall = np.mean([(own.found_at >= threshold).mean() for own in documents])
    chosen = np.concatenate([own.right[own.scores >= threshold] for own in documents])
    return float(recall), float(chosen.mean())


def _summary(found: list[tuple[float, float]], recall: float) -> dict[str, float]:
    """The share of splits with that recall, and the means of recall and precision."""
    if not found:
        return {}
    recalls, precisions = np.array(found).T
    return {
        "kept": round(float((recalls >= recall).mean()), 4),
        "test_recall": round(float(recalls.mean()), 4),
        "test_precision": round(float(precisions.mean()), 4),
    }


if __name__ == "__main__":
    typer.run(main)
