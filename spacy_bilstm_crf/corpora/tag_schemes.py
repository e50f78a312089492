"""The scheme of a file's tags, and tags in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

# How a scheme writes B, I, L and U of BILUO.
_LETTERS = {
    "IOB2": "BIIB",
    "BIOES": "BIES",
    "BILUO": "BILU",
    "BMES": "BMES",
    "BMEWO": "BMEW",
}


def find_scheme(tags: Iterable[tuple[str, str]]) -> str:
    """The scheme of a file: "IOB1", "IOB2", "BIOES", "BILUO", "BMES" or "BMEWO".

    tags: each tag as it is, and in IOB2. A stray I where an entity begins makes no IOB1 of what has
        a B where IOB1 has none.
    """
    prefixes: set[str] = set()
    starts: set[str] = set()
    label = ""
    for tag, iob2 in tags:
        if tag[1:2] == "-":
            prefixes.add(tag[0])
        if iob2[0] == "B" and iob2[2:] != label:
            starts.add(tag[0])
        label = iob2[2:]
    if "M" in prefixes or "W" in prefixes:
        return "BMEWO" if "W" in prefixes else "BMES"
    if prefixes & {"L", "U"}:
        return "BILUO"
    if prefixes & {"E", "S"}:
        return "BIOES"
    return "IOB1" if starts == {"I"} else "IOB2"


def encode(tags: Sequence[str], scheme: str) -> list[str]:
    """Tags of a sentence in IOB2 -> in another scheme, of which "plain" has labels alone."""
    result = []
    for before, tag, after in zip(["O", *tags], tags, [*tags[1:], "O"]):
        if tag in ("O", "-"):
            result.append(tag)
            continue
        label = tag[2:]
        if scheme == "plain":
            result.append(label)
        elif scheme == "IOB1":
            follows = tag[0] == "B" and before[2:] == label
            result.append(f"{'B' if follows else 'I'}-{label}")
        else:
            is_last = after[0] != "I"
            number = (3 if is_last else 0) if tag[0] == "B" else (2 if is_last else 1)
            result.append(f"{_LETTERS[scheme][number]}-{label}")
    return result
