"""Setting texts aside by source, so that no text is learned from and tested on."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
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
    has_room = sum(len(text.text) for text in texts) <= MOST_COMPARED
    pairs: Iterable[tuple[int, int]] = _equal([text.text for text in texts])
    if has_room:
        pairs = ((a, b) for a, b, _ in _near(_shingles(texts)))
    for a, b in chain(_parts(texts), _alike(told, pairs)):
        first[source(b)] = source(a)
    sources: dict[int, list[int]] = {}
    for i in range(len(texts)):
        sources.setdefault(source(i), []).append(i)
    return list(sources.values())


def _alike(told: Sequence[int], pairs: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Of pairs of texts that are near-duplicates, those that join their sources.

    told: the source of each text, as its file tells it.
    """
    sizes = Counter(told)
    shared: dict[tuple[int, int], tuple[set[int], set[int]]] = {}
    for a, b in pairs:
        key = (told[a], told[b]) if told[a] < told[b] else (told[b], told[a])
        for text in (a, b):
            own = shared.setdefault(key, (set(), set()))
            own[0 if told[text] == key[0] else 1].add(text)
    for (a, b), (of_a, of_b) in shared.items():
        if 2 * len(of_a) >= sizes[a] <= sizes[b] or 2 * len(of_b) >= sizes[b] <= sizes[a]:
            yield a, b


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


def _shingles(texts: Sequence[AnnotatedText]) -> list[set[int]]:
    """Each text's 5-word shingles (shorter ones of shorter texts), numbered."""
    numbers: dict[tuple[str, ...], int] = {}
    shingles = []
    for text in texts:
        words = re.findall(r"\w+", text.text.lower())
        n = min(_SHINGLE, len(words))
        found = zip(*(words[i:] for i in range(n)))
        shingles.append({numbers.setdefault(shingle, len(numbers)) for shingle in found})
    return shingles


def near_duplicates(texts: Sequence[AnnotatedText]) -> Iterator[tuple[int, int, float]]:
    """Pairs of texts that are near-duplicates, as `group_by_source` has them, with the similarity
    of their sets of shingles, from 0.5 to 1. Texts of a single shingle are left out."""
    shingles = [own if len(own) > 1 else set() for own in _shingles(texts)]
    yield from _near(shingles)


def _near(shingles: Sequence[set[int]]) -> Iterator[tuple[int, int, float]]:
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
