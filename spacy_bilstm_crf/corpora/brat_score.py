"""The official score of brat annotations: exact entities by file, type and characters."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from spacy.scorer import PRFScore

from .brat import find_files, read_entities


def score_folders(gold: str | Path, predicted: str | Path) -> dict[str, Any]:
    """Score a folder of .ann files against another, as the RuREBus shared task does.

    An entity is right if one of the same type has the same first and last character in the file of
    the same name. A file that is missing among the predicted counts as one with no entities.
    Source: https://github.com/dialogue-evaluation/RuREBus/tree/master/eval_scripts

    gold, predicted: folders; files in folders within them are found by the path within.
    RETURNS: `ents_p`, `ents_r`, `ents_f` (micro averages) and `ents_per_type`, named as by spaCy's
        scorer, from 0 to 1; None where there is nothing to divide by; and `missing`, the names of
        gold files that have no predictions.
    RAISES: FileNotFoundError if a folder is missing, there are no gold .ann files, or none of the
        predicted has a gold file's name; BratError if a file is damaged.
    """
    gold, predicted = Path(gold), Path(predicted)
    for folder in (gold, predicted):
        if not folder.is_dir():
            raise FileNotFoundError(f"There is no folder {folder}.")
    names = [path.relative_to(gold) for path in find_files(gold, ".ann")]
    if not names:
        raise FileNotFoundError(f"{gold} has no .ann files.")
    missing = [name for name in names if not (predicted / name).is_file()]
    if len(missing) == len(names):
        raise FileNotFoundError(
            f"{predicted} has none of the {len(names)} files of {gold}, such as {names[0]}."
        )
    pairs = (
        (set() if name in missing else read_entities(predicted / name), read_entities(gold / name))
        for name in names
    )
    return {**score_sets(pairs), "missing": [str(name) for name in missing]}


Entities = set[tuple[str, int, int]]
"""(label, start, end) of the entities of a text, in characters."""


def score_sets(pairs: Iterable[tuple[Entities, Entities]]) -> dict[str, Any]:
    """Score the entities found in each text against those that are right.

    RETURNS: as `score_folders`, without "missing".
    """
    total = PRFScore()
    per_type: dict[str, PRFScore] = {}
    for found, expected in pairs:
        total.score_set(found, expected)
        for label in {label for label, _, _ in expected | found}:
            score = per_type.setdefault(label, PRFScore())
            score.score_set(_of_type(found, label), _of_type(expected, label))
    return {
        **_named(total, "ents_"),
        "ents_per_type": {label: _named(per_type[label]) for label in sorted(per_type)},
    }


def _of_type(entities: Entities, label: str) -> Entities:
    return {entity for entity in entities if entity[0] == label}


def _named(score: PRFScore, prefix: str = "") -> dict[str, float | None]:
    n_found, n_expected = score.tp + score.fp, score.tp + score.fn
    return {
        f"{prefix}p": score.precision if n_found else None,
        f"{prefix}r": score.recall if n_expected else None,
        f"{prefix}f": score.fscore if n_found or n_expected else None,
    }
