"""Setting documents aside by source, so that no text is learned from and tested on."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from itertools import combinations
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
    shingles = {path: _shingles(path) for path in paths}
    group = {path: path for path in paths}  # union-find: every file points towards its first
    for a, b in combinations(paths, 2):
        if _are_parts(a, b) or _similarity(shingles[a], shingles[b]) >= _NEAR:
            group[_first(group, b)] = _first(group, a)
    sources: dict[Path, list[Path]] = {}
    for path in paths:
        sources.setdefault(_first(group, path), []).append(path)
    return list(sources.values())


def _first(group: dict[Path, Path], path: Path) -> Path:
    while group[path] != path:
        path = group[path]
    return path


def _are_parts(a: Path, b: Path) -> bool:
    """Whether the names say that two files are of one document. Files of the same plain name, in
    two folders, may be anything."""
    name_a, name_b = (re.sub(r"_part_\d+$", "", path.stem) for path in (a, b))
    return name_a == name_b and (name_a, name_b) != (a.stem, b.stem)


def _shingles(path: Path) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", path.read_text(encoding="utf-8", errors="replace").lower())
    n = min(_SHINGLE, len(words))
    return set(zip(*(words[i:] for i in range(n))))


def _similarity(a: set[tuple[str, ...]], b: set[tuple[str, ...]]) -> float:
    if not a or not b or min(len(a), len(b)) < _NEAR * max(len(a), len(b)):
        return 0.0
    common = len(a & b)
    return common / (len(a) + len(b) - common)
