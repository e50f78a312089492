"""A doc for displaCy, with the confidences of its entities."""

from __future__ import annotations

from html import escape
from typing import Any

from spacy import displacy
from spacy.tokens import Doc

from ..pipeline.prediction import label_and_confidence


def mark_up(doc: Doc) -> dict[str, Any]:
    """The entities of a doc with their confidences, where they are known, for
    `displacy.render(mark_up(doc), style="ent", manual=True)`, which itself shows labels only, and
    does not escape them."""
    parsed: dict[str, Any] = displacy.parse_ents(doc)
    for ent, marked in zip(doc.ents, parsed["ents"], strict=True):
        marked.update({key: escape(marked[key]) for key in ("label", "kb_id", "kb_url")})
        # Shown in the place of the label, whose colour stays.
        marked["params"] = {"label": escape(label_and_confidence(ent))}
    return parsed
