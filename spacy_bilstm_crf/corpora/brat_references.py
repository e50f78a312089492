"""What lines of .ann files say of other lines: relations, events, attributes, notes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping


def without_gone(lines: Iterable[str], gone: Collection[str]) -> list[str]:
    """Lines of an .ann file, without those of entities.

    gone: the ids of entities that are no longer there. With one go the relations that name it, the
        events that it triggers, and what is said of these; events that it takes part in lose it,
        and so do equivalences, which go when one is left.
    """
    gone = set(gone)
    kept = list(lines)
    while True:
        left = [(line, _without(line, gone)) for line in kept]
        lost = {line.split("\t")[0] for line, own in left if own is None} - {"*"}
        kept = [own for _, own in left if own is not None]
        if lost <= gone:
            return kept
        gone |= lost


def with_types(lines: Iterable[str], labels: Mapping[str, str]) -> list[str]:
    """Lines of an .ann file, with events of the type that their triggers have.

    labels: of the entities that have another one now, by their ids.
    """
    return [_with_type(line, labels) for line in lines]


def _with_type(line: str, labels: Mapping[str, str]) -> str:
    own_id, _, said = line.partition("\t")
    _, colon, rest = said.partition(":")
    label = labels.get(re.split(r"[ \t]", rest, maxsplit=1)[0])
    if own_id[:1] != "E" or label is None:
        return line
    return f"{own_id}\t{label}{colon}{rest}"


def _without(line: str, gone: Collection[str]) -> str | None:
    """A line without what is gone; None if it goes."""
    own_id, _, rest = line.partition("\t")
    said, tab, comment = rest.partition("\t")
    words = said.split(" ")
    named = [word for word in words if word.rpartition(":")[2] in gone]
    if own_id[:1] == "T" or not named:
        return line
    if own_id[:1] == "E" and words[0] not in named or own_id == "*" and len(words) - len(named) > 2:
        left = " ".join(word for word in words if word not in named)
        return f"{own_id}\t{left}{tab}{comment}"
    return None
