"""The built-in sample of texts with labels: short reviews that a seeded generator writes.

Each is positive or negative as a whole. What is praised may be denied ("far from lovely"), and a
"but" gives the verdict to what follows, so that words alone do not tell: "dull at first, but ...".
All of it was written for it.
"""

from __future__ import annotations

import random
from pathlib import Path

from .annotated import AnnotatedText
from .files import write_splits
from .formats import labelled

SPLITS = {"train": 1000, "dev": 200, "test": 300}
"""Texts of each split."""

_WORDS = {
    "positive": "lovely bright charming clever fresh warm funny gripping solid generous graceful "
    "honest delightful superb witty tender".split(),
    "negative": "dull clumsy noisy bland tired cold slow messy shallow careless dreary awkward "
    "stale tedious flimsy sour".split(),
}
_DENIALS = ["not {}", "far from {}", "hardly {}", "never {}", "anything but {}", "not at all {}"]
_AFFIRMED = ["{}", "really {}", "quite {}", "{} throughout", "as {} as the first", "simply {}"]
_THINGS = (
    "film book play song hotel meal concert garden tour lamp phone coat lecture museum ferry "
    "story cast music service kitchen ending staff".split()
)
_PLAIN = [
    "I went on a Tuesday with my sister.",
    "We had waited two weeks for it.",
    "It rained that evening.",
    "My neighbour had told me about it.",
    "There were about forty people.",
    "I paid the usual price.",
    "We took the late bus home.",
    "It lasted almost two hours.",
]
_TURNS = [
    "The {a} was {x}, but the {b} was {y}.",
    "I thought the {a} would be {x}; it was {y}.",
    "Although the {a} was {x}, in the end the {b} was {y}.",
    "They say the {a} is {x}, but to me it was {y}.",
]
_STRAIGHT = [
    "The {a} was {y}.",
    "What a {y} {a}!",
    "I found the {a} {y}.",
    "A {y} {a}, I must say.",
]
_OTHER = {"positive": "negative", "negative": "positive"}


def make_reviews(seed: int = 0) -> dict[str, list[AnnotatedText]]:
    """Texts with a label each, by split. No text comes twice.

    seed: the same seed gives the same texts.
    """
    rng = random.Random(seed)
    seen: set[str] = set()
    splits: dict[str, list[AnnotatedText]] = {}
    for split, n_texts in SPLITS.items():
        splits[split] = []
        while len(splits[split]) < n_texts:
            label = rng.choice(sorted(_OTHER))
            text = _review(rng, label)
            if text not in seen:
                seen.add(text)
                name = f"{split}-{len(splits[split])}"
                splits[split].append(AnnotatedText(text, name=name, cats={label: 1.0}))
    return splits


def write_reviews(folder: str | Path, seed: int = 0) -> list[Path]:
    """Write train.jsonl, dev.jsonl and test.jsonl: a text and its label a line.

    folder: where to write; it is made if need be.
    seed: the same seed writes the same files.
    RETURNS: the files written.
    """
    return write_splits(folder, "jsonl", make_reviews(seed), labelled.write)


def _review(rng: random.Random, label: str) -> str:
    """A verdict, perhaps after its opposite, among sentences that say nothing."""
    a, b = rng.sample(_THINGS, 2)
    pattern = rng.choice(_TURNS if rng.random() < 0.5 else _STRAIGHT)
    # "What a not lovely film" is no English: such patterns take plain words.
    plain = "{y} {a}" in pattern
    verdict = rng.choice(_WORDS[label]) if plain else _say(rng, label)
    sentences = [pattern.format(a=a, b=b, x=_say(rng, _OTHER[label]), y=verdict)]
    for plain_one in rng.sample(_PLAIN, rng.randint(0, 2)):
        sentences.insert(rng.randint(0, len(sentences)), plain_one)
    return " ".join(sentences)


def _say(rng: random.Random, label: str) -> str:
    """A word of praise or blame, or its opposite, denied."""
    if rng.random() < 0.4:
        return rng.choice(_DENIALS).format(rng.choice(_WORDS[_OTHER[label]]))
    return rng.choice(_AFFIRMED).format(rng.choice(_WORDS[label]))
