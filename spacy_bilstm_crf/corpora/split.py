"""Setting documents aside by source, so that no text is learned from and tested on."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np

_SHINGLE = 5
_NEAR = 0.5


def split_by_source(
    paths: Sequence[Path], share: float, seed: int = 0
) -> tuple[list[Path], list[Path]]:
    """Set a share of the sources aside.

    Files of one source are the parts of a document ("a_part_0.txt", "a_part_1.txt" and "a.txt"),
    and near-duplicates: files whose sets of 5-word shingles have a Jaccard similarity of 0.5 or
    more (Broder 1997, https://doi.org/10.1109/SEQUEN.1997.666900).

    What is set aside is like the rest in size: of the sources in order of size, every nth.

    paths: text files in UTF-8.
    share: of the sources, not of the files; at least one source is set aside.
    seed: of the source to begin with. At least one source is set aside, and at least one kept.
    RETURNS: the files kept, and those set aside, in the order given.
    RAISES: ValueError if share is no share, or there are fewer than two sources.
    """
    if not 0.0 < share < 1.0:
        raise ValueError(f"The share to set aside must be between 0 and 1, got {share}.")
    sources = group_by_source(paths)
    if len(sources) < 2:
        raise ValueError(
            f"{len(paths)} files of {len(sources)} source can't be split by source: give files to "
            "train on and files to test on."
        )
    sources.sort(key=lambda source: (sum(path.stat().st_size for path in source), source[0].name))
    step = 1.0 / share
    picked = np.arange(random.Random(seed).random() * step, len(sources), step).astype(int)
    picked = picked[: len(sources) - 1] if picked.size else np.array([0])
    aside = {path for i in picked.tolist() for path in sources[i]}
    return [p for p in paths if p not in aside], [p for p in paths if p in aside]


def group_by_source(paths: Sequence[Path]) -> list[list[Path]]:
    """The files of each source, as `split_by_source` says."""
    first = list(range(len(paths)))  # union-find: every file points towards a file of its source

    def source(i: int) -> int:
        while first[i] != i:
            first[i] = i = first[first[i]]
        return i

    for a, b in chain(_parts(paths), _near(_shingles(paths))):
        first[source(b)] = source(a)
    sources: dict[int, list[Path]] = {}
    for i, path in enumerate(paths):
        sources.setdefault(source(i), []).append(path)
    return list(sources.values())


def _parts(paths: Sequence[Path]) -> Iterator[tuple[int, int]]:
    """Pairs that join the files of which the names say that they are of one document. Files of the
    same plain name, in two folders, may be anything, unless there are parts of it."""
    by_name: dict[str, list[int]] = {}
    for i, path in enumerate(paths):
        by_name.setdefault(_plain(path), []).append(i)
    for name, files in by_name.items():
        if any(paths[i].stem != name for i in files):
            yield from ((files[0], i) for i in files[1:])


def _plain(path: Path) -> str:
    return re.sub(r"_part_\d+$", "", path.stem)


def _shingles(paths: Sequence[Path]) -> list[set[int]]:
    """Each file's 5-word shingles (shorter ones of shorter texts), numbered."""
    numbers: dict[tuple[str, ...], int] = {}
    shingles = []
    for path in paths:
        words = re.findall(r"\w+", path.read_text(encoding="utf-8", errors="replace").lower())
        n = min(_SHINGLE, len(words))
        found = zip(*(words[i:] for i in range(n)))
        shingles.append({numbers.setdefault(shingle, len(numbers)) for shingle in found})
    return shingles


def _near(shingles: Sequence[set[int]]) -> Iterator[tuple[int, int]]:
    """Pairs of sets with a Jaccard similarity of 0.5 or more. What two sets have in common is
    counted by the shingles that more than one has, so that unlike sets cost nothing."""
    holders: dict[int, list[int]] = {}
    for i, own in enumerate(shingles):
        for shingle in own:
            holders.setdefault(shingle, []).append(i)
    shared = {shingle: np.array(files) for shingle, files in holders.items() if len(files) > 1}
    sizes = np.array([len(own) for own in shingles])
    for i, own in enumerate(shingles):
        found = [shared[shingle] for shingle in own if shingle in shared]
        if found:
            common = np.bincount(np.concatenate(found), minlength=len(shingles))
            near = common >= _NEAR * (sizes[i] + sizes - common)
            yield from ((i, i + 1 + int(j)) for j in np.flatnonzero(near[i + 1 :]))
