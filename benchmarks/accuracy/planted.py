"""Errors planted into the annotation of docs, of kinds that annotators make."""

from random import Random
from typing import NamedTuple

from spacy.tokens import Doc, Span

KINDS = ("label", "border", "missing", "spurious")
Place = tuple[int, int]


class Planted(NamedTuple):
    """A doc with errors: the kind of each, by its tokens: of the wrong entity, or of the one that
    is now missing."""

    doc: Doc
    errors: dict[Place, str]


def plant(docs: list[Doc], share: float, seed: int) -> list[Planted]:
    """Plant errors of each kind, as many as a share of all entities.

    Errors do not overlap each other. A wrong label is any of the others; a wrong border is one
    token further in or out, at either end; a spurious entity is of one or two words outside.
    """
    random = Random(seed)
    labels = sorted({ent.label_ for doc in docs for ent in doc.ents})
    places = [(d, ent.start, ent.end, ent.label_) for d, doc in enumerate(docs) for ent in doc.ents]
    n_each = round(share * len(places))
    random.shuffle(places)
    changed: list[dict[Place, tuple[str, Place, str | None]]] = [{} for _ in docs]
    counts = dict.fromkeys(KINDS, 0)
    for d, start, end, label in places:
        kind = next((k for k in KINDS[:3] if counts[k] < n_each), None)
        if kind is None:
            break
        at, new = (start, end), label
        if kind == "label":
            new = random.choice([other for other in labels if other != label])
        elif kind == "border":
            moved = _moved(docs[d], start, end, random)
            if moved is None:
                continue
            at = moved
        changed[d][start, end] = kind, at, None if kind == "missing" else new
        counts[kind] += 1
    added: list[dict[Place, str]] = [{} for _ in docs]
    taken = [_taken(doc, own) for doc, own in zip(docs, changed)]
    outside = [(d, t.i) for d, doc in enumerate(docs) for t in doc if t.is_alpha]
    random.shuffle(outside)
    for d, start in outside:
        if counts["spurious"] == n_each:
            break
        end = start + random.choice((1, 2))
        inside = range(start, end)
        is_word = end <= len(docs[d]) and all(docs[d][i].is_alpha for i in inside)
        if is_word and not taken[d] & set(inside) and _is_one_sentence(docs[d], start, end):
            added[d][start, end] = random.choice(labels)
            taken[d] |= set(inside)
            counts["spurious"] += 1
    return [_apply(*own) for own in zip(docs, changed, added)]


def _moved(doc: Doc, start: int, end: int, random: Random) -> Place | None:
    free = {token.i for token in doc if token.ent_iob_ == "O"}
    ways = [(start + 1, end), (start, end - 1)] if end - start > 1 else []
    ways += (
        [(start - 1, end)] if start - 1 in free and _is_one_sentence(doc, start - 1, end) else []
    )
    ways += [(start, end + 1)] if end in free and _is_one_sentence(doc, start, end + 1) else []
    return random.choice(ways) if ways else None


def _is_one_sentence(doc: Doc, start: int, end: int) -> bool:
    return not any(doc[i].is_sent_start for i in range(start + 1, end))


def _taken(doc: Doc, changed: dict[Place, tuple[str, Place, str | None]]) -> set[int]:
    inside = {token.i for token in doc if token.ent_iob_ != "O"}
    return inside.union(*(range(*at) for _, at, _ in changed.values()))


def _apply(
    doc: Doc, changed: dict[Place, tuple[str, Place, str | None]], added: dict[Place, str]
) -> Planted:
    noisy = doc.copy()
    ents, errors = [], {}
    taken: set[int] = set()
    for ent in doc.ents:
        kind, at, label = changed.get((ent.start, ent.end), ("", (ent.start, ent.end), ent.label_))
        if taken & set(range(*at)):  # two that were stretched into the same word
            kind, at, label = "", (ent.start, ent.end), ent.label_
        if kind:
            errors[at] = kind
        if label is not None:
            ents.append(Span(noisy, *at, label=label))
            taken |= set(range(*at))
    for at, label in added.items():
        ents.append(Span(noisy, *at, label=label))
        errors[at] = "spurious"
    noisy.set_ents(ents, default="outside")
    return Planted(noisy, errors)
