"""A text without its found spans: pure functions of the text and the spans."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

ENTITY = "entity"
PROBABLE_SPAN = "probable span"


class Found(NamedTuple):
    """A span to hide.

    start, end: characters of the text; the end is exclusive.
    probability: of the span and its label, None where it is not known.
    reason: "entity", or "probable span" if it is none.
    """

    start: int
    end: int
    label: str
    probability: float | None = None
    reason: str = ENTITY


class Change(NamedTuple):
    """A stretch that was replaced.

    start, end: in the original text, in characters.
    new_start, new_end: of what stands there in the redacted text.
    label, probability, reason: those of the most probable span in it.
    """

    start: int
    end: int
    new_start: int
    new_end: int
    label: str
    probability: float | None
    reason: str


Replace = Callable[[str, str], str]
"""What stands for a hidden string of a label. Called in the order of the text."""


@dataclass(frozen=True)
class Redacted:
    """A redacted text, and its changes by start."""

    text: str
    changes: Sequence[Change]

    def to_original(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the original text that a stretch of the redacted text stands for. What is
        partly in a replacement is extended to all that it hides.

        start, end: characters of the redacted text. An empty stretch inside a replacement becomes
            what it hides.
        RAISES: ValueError if they are not of the text.
        """
        if not 0 <= start <= end <= len(self.text):
            raise ValueError(
                f"There are no characters {start} to {end}: the text has {len(self.text)}."
            )
        # Changes that end after the start, and those that begin before the end.
        first = bisect_right(self.changes, start, key=lambda change: change.new_end)
        last = bisect_left(self.changes, end, key=lambda change: change.new_start)
        shift = self.changes[first - 1].end - self.changes[first - 1].new_end if first else 0
        if first >= last:
            return start + shift, end + shift
        final = self.changes[last - 1]
        own_start = min(start + shift, self.changes[first].start)
        return own_start, final.end + max(0, end - final.new_end)

    def restore(self, hidden: Sequence[str]) -> str:
        """The original text. hidden: the string of each change."""
        parts, last = [], 0
        for change, own in zip(self.changes, hidden, strict=True):
            parts += [self.text[last : change.new_start], own]
            last = change.new_end
        return "".join([*parts, self.text[last:]])


def redact(text: str, found: Iterable[Found], replace: Replace) -> Redacted:
    """Replace spans of a text. Those that overlap are replaced as one, all of them: the union.

    found: in any order. Of those that overlap, the most probable gives the label; one without a
        probability, such as a rule's, counts as certain.
    replace: says by what.
    RAISES: ValueError if a span is empty, or not of the text.
    """
    parts: list[str] = []
    changes = []
    last = length = 0
    for group in _unions(text, found):
        start, end = group[0].start, max(own.end for own in group)
        best = max(group, key=lambda own: 1.0 if own.probability is None else own.probability)
        kept, new = text[last:start], replace(best.label, text[start:end])
        parts += [kept, new]
        new_start = length + len(kept)
        length, last = new_start + len(new), end
        changes.append(Change(start, end, new_start, length, *best[2:]))
    return Redacted("".join([*parts, text[last:]]), changes)


def _unions(text: str, found: Iterable[Found]) -> list[list[Found]]:
    """The spans in groups that overlap, by start. Those that only adjoin do not."""
    groups: list[list[Found]] = []
    reach = 0
    for own in sorted(found, key=lambda own: (own.start, own.end)):
        if not 0 <= own.start < own.end <= len(text):
            raise ValueError(
                f"A span of {own.label} is of characters {own.start} to {own.end}: the text has "
                f"{len(text)}."
            )
        if own.start < reach:
            groups[-1].append(own)
        else:
            groups.append([own])
        reach = max(reach, own.end)
    return groups
