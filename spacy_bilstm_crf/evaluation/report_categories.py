"""The part of a report that is on labels of whole texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from .categories import (
    LabelRule,
    are_exclusive,
    category_calibration,
    category_tables,
    compare_categories,
    label_rule,
)
from .category_scores import category_scores
from .pages import heat, percent, reliability

# Characters of a text that are shown where its labels matter, not its places.
_LONGEST_TEXT = 1000
_SCORES = {
    "F2": "cats_fbeta",
    "ROC AUC": "cats_macro_auc",
    "average precision": "cats_average_precision",
    "log-loss": "cats_log_loss",
}


def category_section(
    nlp: Language, golds: Sequence[Doc], predictions: Sequence[Doc], n_wrong: int, n_right: int
) -> dict[str, Any]:
    """What the template shows of labels of texts. The arguments are those of `render_report`."""
    rule = label_rule(nlp)
    texts = compare_categories(golds, predictions, rule)
    tables = category_tables(texts)
    trust = category_calibration(texts)
    texts.sort(key=lambda text: -text.probability)
    wrong = [text for text in texts if not text.is_right]
    shown = wrong[:n_wrong] + [text for text in texts if text.is_right][:n_right]
    return {
        "numbers": [
            ("accuracy of texts", percent(tables["accuracy"])),
            ("texts", f"{len(texts):,}"),
            ("wrong", f"{len(wrong):,}"),
            *_scores(golds, predictions, rule),
        ],
        "per_label": [("all", tables["all"]), *tables["per_label"].items()],
        "confusion": tables["confusion"] and heat(tables["confusion"]),
        "by_length": list(tables["by_length"].items()),
        "calibration": trust,
        "reliability": trust and reliability(trust["bins"]),
        "texts": [
            {
                "text": _shorten(text.doc.text),
                "gold": ", ".join(sorted(text.gold)) or "none",
                "found": ", ".join(sorted(text.found)) or "none",
                "probability": f"{text.probability:.2f}",
                "wrong": not text.is_right,
            }
            for text in shown
        ],
        "n_shown": min(n_wrong, len(wrong)),
        "n_wrong": len(wrong),
    }


def _shorten(text: str) -> str:
    """The beginning and the end of a long text."""
    if len(text) <= _LONGEST_TEXT:
        return text
    half = _LONGEST_TEXT // 2
    return f"{text[:half]} … {text[-half:]}"


def _scores(
    golds: Sequence[Doc], predictions: Sequence[Doc], rule: LabelRule
) -> Iterator[tuple[str, str]]:
    """What depends on probabilities, too: of the positive label, or the mean over labels."""
    examples = [Example(found, gold) for found, gold in zip(predictions, golds)]
    labels = sorted({label for doc in (*golds, *predictions) for label in doc.cats})
    score = category_scores(multi_label=not are_exclusive(predictions))
    scores = score(examples, labels=labels, **rule._asdict())
    for name, key in _SCORES.items():
        if scores.get(key) is not None:
            yield name, f"{scores[key]:.4f}"
