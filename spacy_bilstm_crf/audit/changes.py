"""Accepted findings of one text -> the text as it should be annotated."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from ..corpora.annotated import AnnotatedSpan, AnnotatedText, Unfit, trim
from .finding import Finding

Entity = tuple[int, int, str]
"""Start, end and label of an entity, without white space at its borders."""


def change(
    text: AnnotatedText, findings: Sequence[Finding]
) -> tuple[AnnotatedText, list[Finding], list[Unfit]]:
    """Change the spans of a text as accepted findings say. Where two contradict each other, the
    first counts; one that is in the way of another goes first if it removes what is in the way.
    Those that suggest the same entity make one of several.

    RETURNS: the text; the findings that were applied; and the others, with the reason: what they
        suggest would overlap another entity, does not begin and end with the text's own tokens, or
        is of an entity that another finding has changed.
    """
    spans = list(zip(entities_of(text.text, text.spans), text.spans))
    done: list[Finding] = []
    pending = list(findings)
    reasons: dict[str, str] = {}
    progress = True
    while pending and progress:
        progress = False
        merged = _golds_by_target(pending, text.text)
        left = []
        for finding in pending:
            reason = _apply(finding, spans, text, merged[finding.target])
            if reason is None:
                done.append(finding)
                progress = True
            else:
                left.append(finding)
                reasons[finding.id] = reason
        pending = left
    result = sorted((span for _, span in spans), key=lambda span: span.start)
    unfit = [Unfit(finding.place, reasons[finding.id]) for finding in pending]
    return replace(text, spans=result), done, unfit


def entities_of(text: str, spans: Iterable[AnnotatedSpan]) -> list[Entity]:
    """The entities of a text's spans."""
    return [(*trim(text, span.start, span.end), span.label) for span in spans]


def gold_of(finding: Finding, text: str) -> Entity | None:
    """The annotated entity that a finding is of, None if it is of none."""
    if finding.gold_label is None:
        return None
    return (*trim(text, finding.start, finding.end), finding.gold_label)


def _golds_by_target(
    findings: Iterable[Finding], text: str
) -> dict[tuple[int, int, str] | None, set[Entity | None]]:
    found: dict[tuple[int, int, str] | None, set[Entity | None]] = defaultdict(set)
    for finding in findings:
        found[finding.target].add(gold_of(finding, text))
    return found


def _apply(
    finding: Finding,
    spans: list[tuple[Entity, AnnotatedSpan]],
    text: AnnotatedText,
    merged: Collection[Entity | None],
) -> str | None:
    """Apply a finding to spans, each with its entity. RETURNS: the reason if that is not possible.

    merged: entities that are to be replaced by what the finding suggests, too.
    """
    gold, target = gold_of(finding, text.text), finding.target
    if gold is None and target is None:
        return "suggests nothing"
    own = [span for entity, span in spans if entity == gold]  # it may be there several times
    others = [pair for pair in spans if pair[0] != gold]
    is_there = any(span[:3] == target for _, span in others)
    if gold is not None and not own and not is_there:
        return "another decision has changed the entity"
    if target is not None and not is_there:
        in_the_way = [span for entity, span in others if entity not in merged]
        obstacle = _find_obstacle(target, own[0] if own else None, in_the_way, text)
        if obstacle is not None:
            return obstacle
        added = AnnotatedSpan(*target, place=own[0].place if own else "")
        others += zip(entities_of(text.text, [added]), [added])
    spans[:] = others
    return None


def _find_obstacle(
    target: tuple[int, int, str],
    gold: AnnotatedSpan | None,
    others: Sequence[AnnotatedSpan],
    text: AnnotatedText,
) -> str | None:
    """Why an entity can't be where it should be, if it can't."""
    start, end, _ = target
    if text.tokens is not None and (gold is None or gold[:2] != (start, end)):
        starts, ends = ({token[i] for token in text.tokens} for i in (0, 1))
        if start not in starts or end not in ends:
            return "does not begin and end with tokens"
    for span in others:
        overlapped = gold is not None and span.start < gold.end and gold.start < span.end
        if span.start < end and start < span.end and not overlapped:
            return f"overlaps the {span.label} {text.text[span.start : span.end][:40]!r}"
    return None
