"""Accepted findings of one text -> the text as it should be annotated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..corpora.annotated import AnnotatedSpan, AnnotatedText, Unfit
from .finding import Finding


def change(
    text: AnnotatedText, findings: Sequence[Finding]
) -> tuple[AnnotatedText, list[Finding], list[Unfit]]:
    """Change the spans of a text as accepted findings say. Where two contradict each other, the
    first counts; one that is in the way of another goes first if it removes what is in the way.

    RETURNS: the text; the findings that were applied; and the others, with the reason: what they
        suggest would overlap another entity, does not begin and end with the text's own tokens, or
        is of an entity that another finding has changed.
    """
    spans = list(text.spans)
    done: list[Finding] = []
    pending = list(findings)
    reasons: dict[str, str] = {}
    progress = True
    while pending and progress:
        progress = False
        for finding in list(pending):
            reason = _apply(finding, spans, text)
            if reason is None:
                done.append(finding)
                pending.remove(finding)
                progress = True
            else:
                reasons[finding.id] = reason
    spans.sort(key=lambda span: span.start)
    unfit = [Unfit(finding.place, reasons[finding.id]) for finding in pending]
    return replace(text, spans=spans), done, unfit


def find_gold(spans: Sequence[AnnotatedSpan], text: str, finding: Finding) -> int | None:
    """Which of the spans is the entity of a finding, but for white space at its borders."""
    wanted = (*_trim(text, finding.start, finding.end), finding.gold_label)
    for number, span in enumerate(spans):
        if (*_trim(text, span.start, span.end), span.label) == wanted:
            return number
    return None


def _apply(finding: Finding, spans: list[AnnotatedSpan], text: AnnotatedText) -> str | None:
    """Apply a finding to spans. RETURNS: the reason if that is not possible."""
    if finding.gold_label is None and finding.target is None:
        return "suggests nothing"
    number = None if finding.gold_label is None else find_gold(spans, text.text, finding)
    gold = None if number is None else spans[number]
    others = [span for i, span in enumerate(spans) if i != number]
    target = finding.target
    is_there = any(span[:3] == target for span in others)
    if gold is None and finding.gold_label is not None and not is_there:
        return "another decision has changed the entity"
    if target is not None and not is_there:
        obstacle = _find_obstacle(target, gold, others, text)
        if obstacle is not None:
            return obstacle
        others.append(AnnotatedSpan(*target, place="" if gold is None else gold.place))
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


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    marked = text[start:end]
    first = start + len(marked) - len(marked.lstrip())
    return first, max(first, start + len(marked.rstrip()))
