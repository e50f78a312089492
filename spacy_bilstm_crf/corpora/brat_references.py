"""What lines of .ann files say of other lines: relations, events, attributes, notes."""

from __future__ import annotations

from collections.abc import Collection, Iterable


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
