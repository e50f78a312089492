"""What stands in the place of hidden strings."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import Enum

from .redacted import Replace

_BOX = "\N{FULL BLOCK}"
_FILL = "_"


class Mask(str, Enum):
    """Kinds of masks: "[PER]"; "PER_1", the same for the same string of a text; "████", as long as
    what it hides."""

    label = "label"
    pseudonym = "pseudonym"
    box = "box"


@dataclass(frozen=True)
class Masks:
    """How strings are masked.

    keep_case: a pseudonym of a string in capitals is in capitals, of one in small letters in small
        letters, of a capitalized one capitalized ("Per_1").
    keep_length: a pseudonym is as long as the string: filled up by "_", or shortened, its number
        last. Short ones of many strings may then be the same.
    RAISES: ValueError if one of them is given, and the mask is no pseudonym.
    """

    mask: Mask = Mask.label
    keep_case: bool = False
    keep_length: bool = False

    def __post_init__(self) -> None:
        if (self.keep_case or self.keep_length) and self.mask != Mask.pseudonym:
            raise ValueError(
                f"Case and length are kept by pseudonyms, and not by the mask {self.mask.value}."
            )

    def replace_in(self, text: str) -> Replace:
        """The function that masks the strings of one text."""
        if self.mask == Mask.label:
            return lambda label, hidden: f"[{label}]"
        if self.mask == Mask.box:
            return lambda label, hidden: _BOX * len(hidden)
        return _Pseudonyms(text, self)


class _Pseudonyms:
    """The pseudonyms of a text. Strings that differ only in white space are the same."""

    def __init__(self, text: str, masks: Masks) -> None:
        self.folded = text.casefold()
        self.masks = masks
        self.counts: Counter[str] = Counter()
        self.numbers: dict[tuple[str, str], int] = {}

    def __call__(self, label: str, hidden: str) -> str:
        key = label, " ".join(hidden.split())
        if key not in self.numbers:
            self.counts[label] += 1
            # What is there already, in any case, would be taken for this one.
            while f"{label}_{self.counts[label]}".casefold() in self.folded:
                self.counts[label] += 1
            self.numbers[key] = self.counts[label]
        stem, number = f"{label}_", str(self.numbers[key])
        if self.masks.keep_case:
            stem = _in_case_of(hidden, stem)
        if self.masks.keep_length:
            if len(stem) + len(number) > len(hidden):
                stem = stem.rstrip("_")
            stem = stem[: max(0, len(hidden) - len(number))]
            return f"{stem}{number[-len(hidden) :]}".ljust(len(hidden), _FILL)
        return stem + number


def _in_case_of(hidden: str, stem: str) -> str:
    if hidden.islower():
        return stem.lower()
    return stem.upper() if hidden.isupper() else stem.capitalize()
