"""The part of a report that is on entities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from spacy import displacy
from spacy.language import Language
from spacy.tokens import Doc, Span
from thinc.api import Model

from ..pipeline.prediction import label_and_confidence
from ..tags import allowed_transitions, tag_names
from ..torch_bridge.torch_layer import module_of
from .calibration import calibration_of
from .errors import CORRECT, Match, compare_docs, error_tables
from .pages import heat, percent, reliability

# More labels than this make a table of transitions that nobody reads.
_MOST_TAGS = 41
_COLORS = ("#9ec5fe", "#ffd08a", "#a3e4b8", "#f5b5c8", "#cdb9f5", "#a5e3e0", "#f7c5a8", "#d5dd8c")


def entity_section(
    nlp: Language,
    golds: Sequence[Doc],
    predictions: Sequence[Doc],
    known: dict[str, set[str]] | None,
    n_wrong: int,
    n_right: int,
) -> dict[str, Any]:
    """What the template shows of entities. The arguments are those of `render_report`."""
    matches = compare_docs(golds, predictions)
    flat = [match for own in matches for match in own]
    tables = error_tables(flat, known)
    trust = calibration_of(flat)
    sentences = [text for each in zip(golds, predictions, matches) for text in _sentences(*each)]
    sentences.sort(key=lambda text: -text.n_errors)
    wrong = [text for text in sentences if text.n_errors][:n_wrong]
    right = [text for text in sentences if not text.n_errors and text.matches][:n_right]
    colors = dict(zip(sorted(tables["per_type"]), _COLORS * (len(tables["per_type"]))))
    overall = tables["all"]
    return {
        "numbers": [
            *((name, percent(overall[key])) for name, key in _SCORES),
            ("gold entities", f"{overall['gold']:,}"),
            ("found", f"{overall['found']:,}"),
        ],
        "per_type": [("all", overall), *tables["per_type"].items()],
        "confusion": heat(tables["confusion"]),
        "kinds": list(tables["kinds"].items()),
        "breakdowns": list(_breakdowns(tables)),
        "calibration": trust,
        "settings": _settings(nlp),
        "reliability": trust and reliability(trust["bins"]),
        "transitions": _transitions(nlp),
        "texts": [text.render(colors) for text in wrong + right],
        "texts_note": _note(len(wrong), sum(bool(t.n_errors) for t in sentences), len(right)),
    }


_SCORES = (("F1", "f"), ("precision", "p"), ("recall", "r"))


def _note(shown: int, wrong: int, right: int) -> str:
    return (
        f"{shown} of {wrong} sentences with errors, those with most first, then {right} that are "
        "right. Found entities have their confidence."
    )


class _Text(NamedTuple):
    """A sentence with its gold and found entities; places are characters of the docs."""

    start: int
    end: int
    gold: Doc
    found: Doc
    matches: list[Match]

    @property
    def n_errors(self) -> int:
        return sum(match.kind != CORRECT for match in self.matches)

    def render(self, colors: dict[str, str]) -> dict[str, str]:
        """The marked texts by displaCy, and the kinds of its errors."""
        kinds = Counter(match.kind for match in self.matches if match.kind != CORRECT)
        return {
            "gold": self._mark([m.gold for m in self.matches], colors),
            "found": self._mark([m.found for m in self.matches], colors),
            "errors": ", ".join(f"{n} {kind}" for kind, n in kinds.most_common()),
        }

    def _mark(self, spans: Sequence[Span | None], colors: dict[str, str]) -> str:
        ents, paint = [], {}
        for span in sorted((s for s in spans if s is not None), key=lambda s: s.start_char):
            label = label_and_confidence(span) if span.doc is self.found else span.label_
            label = escape(label)  # displaCy escapes the text only
            paint[label] = colors.get(span.label_, "#d5dbe5")
            place = (span.start_char - self.start, span.end_char - self.start)
            ents.append({"start": place[0], "end": place[1], "label": label})
        text = self.gold.text[self.start : self.end]
        marked: str = displacy.render(
            {"text": text, "ents": ents, "title": None},
            style="ent",
            manual=True,
            jupyter=False,
            options={"colors": paint},
        )
        return marked


def _sentences(gold: Doc, found: Doc, matches: list[Match]) -> Iterator[_Text]:
    """The sentences of a doc, joined where an entity reaches across, with their entities."""
    if len(gold) == 0:
        return
    sentences = list(gold.sents) if gold.has_annotation("SENT_START") else [gold[:]]
    spans = [[span for span in match[:2] if span is not None] for match in matches]
    within = np.zeros(len(gold.text) + 1, dtype=bool)
    for span in chain.from_iterable(spans):
        within[span.start_char + 1 : span.end_char] = True
    start = first = 0
    for sentence in sentences:
        end = sentence.end_char
        if within[end]:
            continue
        last = first
        while last < len(matches) and spans[last][0].start_char < end:
            last += 1
        yield _Text(start, end, gold, found, matches[first:last])
        start, first = end, last


def _breakdowns(tables: dict[str, Any]) -> Iterator[tuple[str, str, list[tuple[str, Any]]]]:
    yield "By length", "Tokens of the entity.", list(tables["by_length"].items())
    if "by_name" in tables:
        note = "Whether the training set has the name, with this label or another."
        yield "By name", note, list(tables["by_name"].items())


def _settings(nlp: Language) -> list[str]:
    """What was set of the probabilities after training, in sentences."""
    pipe = _pipe_with_crf(nlp)
    if pipe is None:
        return []
    cfg, said = pipe.cfg, []
    if cfg["temperature"] != 1.0:
        said.append(f"Calibrated: temperature {cfg['temperature']:g}.")
    if cfg["threshold"] is not None:
        said.append(f"Entities are those with a probability of at least {cfg['threshold']:g}.")
    promise = cfg["promise"]
    if promise is not None and all(
        cfg[key] == promise[key] for key in ("threshold", "temperature")
    ):
        sure = promise["confidence"]
        how = "in expectation" if sure is None else f"with a confidence of {sure:g}"
        said.append(
            f"Promised, {how}: a {promise['of']} of {promise['at_least']:g} ({promise['count']}), "
            f"by {promise['documents']:,} documents of {promise['data']}."
        )
    return said


def _transitions(nlp: Language) -> dict[str, Any] | None:
    pipe = _pipe_with_crf(nlp)
    if pipe is None:
        return None
    names, module = tag_names(pipe.labels), module_of(pipe.model.get_ref("crf"))
    if len(names) > _MOST_TAGS or module.settings["decoder"] != "crf":
        return None
    scores = module.chain.transitions.detach().cpu().numpy()
    allowed = allowed_transitions(len(pipe.labels)).pairs
    low, high = scores[allowed].min(), scores[allowed].max()
    share = (scores - low) / max(float(high - low), 1e-9)
    shown = scores.round(1) + 0.0  # no -0.0
    rows = []
    for i, name in enumerate(names):
        cells = [
            (f"{shown[i, j]:.1f}", round(float(share[i, j]), 3)) if allowed[i, j] else ("·", 0)
            for j in range(len(names))
        ]
        rows.append((name, cells))
    assert np.isfinite(scores).all()
    return {"names": names, "rows": rows}


def _pipe_with_crf(nlp: Language) -> Any:
    return next((pipe for _, pipe in nlp.pipeline if _has_crf(pipe)), None)


def _has_crf(pipe: Any) -> bool:
    model = getattr(pipe, "model", None)
    return isinstance(model, Model) and bool(model.has_ref("crf"))
