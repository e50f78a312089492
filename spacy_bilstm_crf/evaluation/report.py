"""A page on a trained pipeline: how it learned, what it gets right, and its errors in texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from spacy.language import Language
from spacy.scorer import Scorer
from spacy.tokens import Doc
from spacy.training import Example

from .categories import has_categories
from .curves import curves
from .errors import has_entities
from .pages import render_page
from .report_categories import category_section
from .report_entities import entity_section


def render_report(
    nlp: Language,
    golds: Sequence[Doc],
    predictions: Sequence[Doc],
    *,
    title: str,
    known: dict[str, set[str]] | None = None,
    history: Path | None = None,
    n_wrong: int = 60,
    n_right: int = 15,
) -> str:
    """A self-contained HTML page.

    It is on entities, on labels of whole texts, or on both: on what gold and predicted docs have.
    Of others, such as tags, it has the scores that the components give.

    nlp: the pipeline; the CRF's transitions are those of its first component that has them.
    golds, predictions: the same texts, as for `compare_docs`.
    known: the names that the training data has, from `known_names`.
    history: what `HistoryLogger.v1` wrote; without it there are no curves.
    n_wrong, n_right: so many sentences with errors, those with most first, and without are shown;
        so many texts with wrong labels, the surest first, and right ones.
    RAISES: ValueError if docs do not belong together, or the history is not one.
    """
    entities = categories = None
    if has_entities(golds, predictions):
        entities = entity_section(nlp, golds, predictions, known, n_wrong, n_right)
    if has_categories(golds, predictions):
        categories = category_section(nlp, golds, predictions, n_wrong, n_right)
    return render_page(
        "report.html",
        title=title,
        subtitle=f"{len(golds):,} docs, {sum(map(len, golds)):,} tokens; pipeline "
        f"{nlp.meta['lang']}_{nlp.meta['name']} {nlp.meta['version']}",
        numbers=[
            *(entities["numbers"] if entities else ()),
            *(categories["numbers"] if categories else ()),
        ],
        charts=list(curves(history)) if history else [],
        entities=entities,
        categories=categories,
        scores=[] if entities or categories else list(_scores(nlp, golds, predictions)),
    )


def _scores(
    nlp: Language, golds: Sequence[Doc], predictions: Sequence[Doc]
) -> Iterator[tuple[str, str]]:
    examples = [Example(found, gold) for found, gold in zip(predictions, golds, strict=True)]
    for name, value in Scorer(nlp).score(examples).items():
        if isinstance(value, float):
            yield name, f"{value:.4f}"
