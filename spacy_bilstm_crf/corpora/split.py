"""Setting texts aside by source, so that no text is learned from and tested on."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import chain

import numpy as np

from .annotated import AnnotatedText

_SHINGLE = 5
_NEAR = 0.5
# Shingles take some hundred bytes a word. Of more text than this, only equal texts are of a source.
MOST_COMPARED = 10**8


def set_aside(
    texts: Sequence[AnnotatedText], shares: Sequence[float], seed: int = 0
) -> list[list[int]]:
    """Set shares of the sources aside, one after another.

    What is set aside is like the rest in size: of the sources in order of size, every nth.

    shares: of all sources, each above 0, and below 1 in sum.
    seed: of the source to begin with. At least one source is set aside for each, and one kept.
    RETURNS: the numbers of the texts kept, and of those set aside for each share, in order.
    RAISES: ValueError if the shares are none, or there are fewer sources than parts.
    """
    if not all(share > 0.0 for share in shares) or sum(shares) >= 1.0:
        raise ValueError(f"The shares to set aside must be between 0 and 1 in sum, got {shares}.")
    left = _by_size(texts)
    if len(left) <= len(shares):
        raise ValueError(
            f"{len(texts)} texts of {len(left)} source can't be split by source: give texts to "
            "train on and texts to test on, or set none aside: --dev-share 0 --test-share 0."
        )
    rest = 1.0
    parts = []
    for number, share in enumerate(shares):
        step = rest / share
        first = random.Random(seed + number).random() * step
        most = len(left) - (len(shares) - number)
        picked = np.arange(first, len(left), step).astype(int)[:most].tolist() or [0]
        parts.append([left[i] for i in picked])
        left = [source for i, source in enumerate(left) if i not in set(picked)]
        rest -= share
    return [sorted(chain.from_iterable(sources)) for sources in (left, *parts)]


def folds(texts: Sequence[AnnotatedText], k: int, seed: int = 0) -> list[list[int]]:
    """Divide texts into k parts by source, of like sizes: of the sources in order of size, every
    kth.

    RETURNS: the numbers of the texts of each.
    RAISES: ValueError if k is below 2, or there are fewer sources.
    """
    sources = _by_size(texts)
    if not 2 <= k <= len(sources):
        raise ValueError(
            f"{len(texts)} texts of {len(sources)} sources can't be divided into {k} folds. Give "
            "fewer folds, or more texts."
        )
    order = list(range(k))
    random.Random(seed).shuffle(order)
    return [sorted(chain.from_iterable(sources[first::k])) for first in order]


def _by_size(texts: Sequence[AnnotatedText]) -> list[list[int]]:
    sources = group_by_source(texts)
    sources.sort(
        key=lambda own: (sum(len(texts[i].text.encode()) for i in own), texts[own[0]].name, own)
    )
    return sources


def group_by_source(texts: Sequence[AnnotatedText]) -> list[list[int]]:
    """The numbers of the texts of each source.

    Of one source are texts of which their files say so, the parts of a document by their names
    ("a_part_0", "a_part_1" and "a"), equal texts, and near-duplicates: texts whose sets of 5-word
    shingles have a Jaccard similarity of 0.5 or more (Broder 1997,
    https://doi.org/10.1109/SEQUEN.1997.666900). Two sources that files tell are one if half of the
    texts of the smaller have such a text in the other: a phrase that all have does not join them.
    Of more than a hundred million characters, only equal texts are found.
    """
    first = list(range(len(texts)))  # union-find: every text points towards one of its source

    def source(i: int) -> int:
        while first[i] != i:
            first[i] = i = first[first[i]]
        return i

    for a, b in _equal([text.source for text in texts]):
        first[source(b)] = source(a)
    told = [source(i) for i in range(len(texts))]
    groups, shingles = _shingles(texts)
    near = ((a, b) for a, b, _ in _near(shingles))
    for a, b in chain(_parts(texts), _alike(told, groups, near)):
        first[source(b)] = source(a)
    sources: dict[int, list[int]] = {}
    for i in range(len(texts)):
        sources.setdefault(source(i), []).append(i)
    return list(sources.values())


def _alike(
    told: Sequence[int], groups: Sequence[Sequence[int]], near: Iterable[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Pairs that join the sources of texts that are near-duplicates.

    told: the source of each text, as its file tells it.
    groups: the texts of equal shingles. near: pairs of groups that are near-duplicates.
    """
    sizes = Counter(told)
    if len(sizes) == len(told):  # each text is a source: no shares need be counted
        yield from ((own[0], i) for own in groups for i in own[1:])
        yield from ((groups[a][0], groups[b][0]) for a, b in near)
        return
    neighbours = {group: [group] for group in range(len(groups))}
    for a, b in near:
        neighbours[a].append(b)
        neighbours[b].append(a)
    held: dict[int, Counter[int]] = defaultdict(Counter)  # how many texts of which group
    holders: dict[int, set[int]] = defaultdict(set)
    for group, members in enumerate(groups):
        for i in members:
            held[told[i]][group] += 1
            holders[group].add(told[i])

    # Of each source, those that are as large or larger and have half of its texts. One that has
    # half of them has a text of any more than half: of the rarest ones, so that a phrase that all
    # have costs nothing. A group that is half of a source joins all its holders of that size.
    joined: set[int] = set()
    for source in sorted(held, key=sizes.__getitem__):
        own, size, left = held[source], sizes[source], sizes[source]
        others: set[int] = set()
        for group in sorted(own, key=lambda group: len(holders[group])):
            if 2 * left >= size and group not in joined:
                others.update(*(holders[alike] for alike in neighbours[group]))
            if 2 * own[group] >= size:
                joined.add(group)
            left -= own[group]
        for other in others:
            shared = sum(
                n
                for group, n in own.items()
                if any(other in holders[alike] for alike in neighbours[group])
            )
            if 2 * shared >= size <= sizes[other]:
                yield source, other


def _equal(keys: Sequence[str | None]) -> Iterator[tuple[int, int]]:
    """Pairs that join what has one key."""
    met: dict[str, int] = {}
    for i, key in enumerate(keys):
        if key is not None:
            yield met.setdefault(key, i), i


def _parts(texts: Sequence[AnnotatedText]) -> Iterator[tuple[int, int]]:
    """Pairs that join the texts of which the names say that they are of one document. Texts of the
    same plain name may be anything, unless there are parts of it."""
    by_name: dict[str, list[int]] = {}
    for i, text in enumerate(texts):
        if text.name:
            by_name.setdefault(_plain(text.name), []).append(i)
    for name, files in by_name.items():
        if any(texts[i].name != name for i in files):
            yield from ((files[0], i) for i in files[1:])


def _plain(name: str) -> str:
    return re.sub(r"_part_\d+$", "", name)


def _shingles(
    texts: Sequence[AnnotatedText], least: int = 1
) -> tuple[list[list[int]], list[frozenset[int]]]:
    """The texts of each set of 5-word shingles (shorter ones of shorter texts), and these sets,
    numbered. A text of fewer shingles than `least` is by itself, and its set is empty; of much
    text, equal ones are together, and all sets are empty."""
    has_room = sum(len(text.text) for text in texts) <= MOST_COMPARED
    numbers: dict[tuple[str, ...], int] = {}
    groups: dict[Hashable, list[int]] = {}
    for i, text in enumerate(texts):
        key: Hashable = text.text
        if has_room or least > 1:
            words = re.findall(r"\w+", text.text.lower())
            n = min(_SHINGLE, len(words))
            found = set(zip(*(words[i:] for i in range(n))))
            if len(found) < least:
                key = i
            elif has_room:
                key = frozenset(numbers.setdefault(shingle, len(numbers)) for shingle in found)
        groups.setdefault(key, []).append(i)
    sets = [key if isinstance(key, frozenset) else frozenset() for key in groups]
    return list(groups.values()), sets


def near_duplicates(texts: Sequence[AnnotatedText]) -> Iterator[tuple[list[int], float]]:
    """Near-duplicates, as `group_by_source` has them: texts in order, with the similarity, from 0.5
    to 1, that any two of them have at least. All whose sets of shingles are equal are together, and
    so are any two such groups that are near. Texts of a single shingle are left out."""
    groups, shingles = _shingles(texts, least=2)
    yield from ((texts, 1.0) for texts in groups if len(texts) > 1)
    for a, b, similarity in _near(shingles):
        yield sorted(groups[a] + groups[b]), similarity


def _near(shingles: Sequence[frozenset[int]]) -> Iterator[tuple[int, int, float]]:
    """Pairs of sets with a Jaccard similarity of 0.5 or more, and that. What two sets have in
    common is counted by the shingles that more than one has, so that unlike sets cost nothing."""
    holders: dict[int, list[int]] = {}
    for i, own in enumerate(shingles):
        for shingle in own:
            holders.setdefault(shingle, []).append(i)
    shared = {shingle: np.array(files) for shingle, files in holders.items() if len(files) > 1}
    sizes = np.array([len(own) for own in shingles])
    for i, own in enumerate(shingles):
        found = [shared[shingle] for shingle in own if shingle in shared]
        if found:
            others, common = np.unique(np.concatenate(found), return_counts=True)
            similarity = common / (sizes[i] + sizes[others] - common)
            near = (similarity >= _NEAR) & (others > i)
            yield from ((i, int(j), float(s)) for j, s in zip(others[near], similarity[near]))
