"""The scores of a trained pipeline on dev and test, in percent.

A corpus in columns: on gold tokens, with gold sentence starts; on the same docs without any
("unmarked"); and on each sentence as a doc of its own ("alone"). A corpus in brat: on raw text, by
the official score of its files.
"""

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from seqeval.metrics import f1_score
from spacy.language import Language
from spacy.scorer import get_ner_prf
from spacy.tokens import Doc, Span
from spacy.training import Example
from wasabi import msg

from benchmarks.common import read_docs
from spacy_bilstm_crf.corpora.brat_score import score_folders
from spacy_bilstm_crf.corpora.converted import RAW_SPLITS, open_corpus
from spacy_bilstm_crf.tagging.predict import predict
from spacy_bilstm_crf.training.corpus import without_annotation

Key = tuple[int, int, str]


def score_splits(nlp: Language, corpus: Path) -> dict[str, Any]:
    """Score a pipeline on the splits dev and test of a folder that `convert` wrote."""
    converted = open_corpus(corpus)
    scores: dict[str, Any] = {}
    if converted.is_brat:
        for split in RAW_SPLITS:
            if split in converted.splits:
                scores |= {f"{split}_{k}": v for k, v in _score_files(nlp, corpus / split).items()}
        return scores
    for split in ("dev", "test"):
        gold = read_docs(corpus / f"{split}.spacy", nlp.vocab)
        docs = _tag(nlp, gold, sentences=True)
        scores |= {f"{split}_{key}": value for key, value in _score(docs, gold).items()}
        scores[f"{split}_counts"] = _counts(docs, gold)
        scores[f"{split}_unmarked_f"] = _score(_tag(nlp, gold, sentences=False), gold)["f"]
        alone = [sentence.as_doc() for doc in gold for sentence in doc.sents]
        scores[f"{split}_alone_f"] = _score(_tag(nlp, alone, sentences=True), alone)["f"]
    return scores


def entity_key(ent: Span) -> Key:
    """What makes an entity that is found the same as a gold one."""
    return ent.start, ent.end, ent.label_


def entity_keys(ents: Iterable[Span]) -> set[Key]:
    """The keys of entities."""
    return {entity_key(ent) for ent in ents}


def percent_f1(right: float, found: float, gold: float, digits: int) -> float:
    """F1 in percent of so many right, found and gold entities, rounded."""
    return round(100 * 2 * right / (found + gold), digits)


def _tag(nlp: Language, gold: list[Doc], *, sentences: bool) -> list[Doc]:
    docs = [without_annotation(doc, sentences=sentences) for doc in gold]
    return list(nlp.pipe(docs))


def _counts(docs: list[Doc], gold: list[Doc]) -> str:
    """Of each doc, the entities that are right, predicted, and in the gold standard: what a
    bootstrap over docs needs."""
    counts = []
    for doc, reference in zip(docs, gold):
        found, expected = entity_keys(doc.ents), entity_keys(reference.ents)
        counts.append(f"{len(found & expected)} {len(found)} {len(expected)}")
    return ", ".join(counts)


def _score(docs: list[Doc], gold: list[Doc]) -> dict[str, float]:
    """Precision, recall and F1 by spaCy's scorer, and F1 by seqeval, in percent."""
    scores = get_ner_prf([Example(doc, reference) for doc, reference in zip(docs, gold)])
    seqeval = f1_score([_iob(doc) for doc in gold], [_iob(doc) for doc in docs])
    return {
        "f": round(100 * scores["ents_f"], 3),
        "p": round(100 * scores["ents_p"], 3),
        "r": round(100 * scores["ents_r"], 3),
        "seqeval_f": round(100 * seqeval, 3),
    }


def _score_files(nlp: Language, gold: Path) -> dict[str, Any]:
    """Precision, recall and F1 of .ann files tagged from raw text, and F1 per type, in percent."""
    with tempfile.TemporaryDirectory() as predicted:
        predict(nlp, gold, Path(predicted), on_error=_warn)
        scores = score_folders(gold, predicted)
    return {
        **{key: round(100 * scores[f"ents_{key}"], 3) for key in "fpr"},
        "per_type": {k: round(100 * v["f"], 3) for k, v in scores["ents_per_type"].items()},
    }


def _warn(name: str, reason: str) -> None:
    msg.warn(f"{name} failed", reason)


def _iob(doc: Doc) -> list[str]:
    return [f"{t.ent_iob_}-{t.ent_type_}" if t.ent_type_ else "O" for t in doc]
