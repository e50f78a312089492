"""The built-in sample: newswire-like English that a seeded generator writes.

Four labels as in CoNLL-2003: PER, LOC, ORG, MISC. Invented names in dev and test never occur in
train; words such as "Jordan", "Washington" or "May" are a person, a place, a company or nothing,
and only their context says which; a quarter of the sentence patterns of dev and test are new.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from spacy.tokens import Doc
from spacy.vocab import Vocab

from .brat import write_annotations
from .files import write_splits
from .sample_text import AMBIGUOUS, COMMON_WORDS, COUNTRIES, NAME_PARTS, PATTERNS, Pattern

SPLITS = {"train": 260, "dev": 60, "test": 80}
"""Documents of each split."""

Sentence = tuple[list[str], list[str]]
"""Words, and their tags in IOB2."""

# "[LABEL fixed text]", or else a token.
_PIECES = re.compile(r"\[([A-Z]+) ([^]]+)\]|(\S+)")


def write_sample(folder: str | Path, seed: int = 0) -> list[Path]:
    """Write train.txt, dev.txt and test.txt, in columns: a word and its tag in IOB2.

    folder: where to write; it is made if need be.
    seed: the same seed writes the same files.
    RETURNS: the files written.
    """
    return write_splits(folder, "txt", make_sample(seed), _write_columns)


def write_sample_brat(folder: str | Path, seed: int = 0) -> list[Path]:
    """Write the sample in brat: folders train, dev and test with a .txt and an .ann file for each
    document, one sentence a line, words set apart by blanks. Arguments as for `write_sample`.

    RETURNS: the folders.
    """
    vocab = Vocab()
    folders = []
    for split, documents in make_sample(seed).items():
        folders.append(Path(folder) / split)
        folders[-1].mkdir(parents=True, exist_ok=True)
        for number, sentences in enumerate(documents):
            words = [word for sentence, _ in sentences for word in (*sentence, "\n")]
            tags = [tag for _, sentence in sentences for tag in (*sentence, "O")]
            spaces = [word != "\n" and after != "\n" for word, after in zip(words, words[1:])]
            doc = Doc(vocab, words=words, spaces=[*spaces, False], ents=tags)
            path = folders[-1] / f"{split}_{number:03}.txt"
            path.write_text(doc.text, encoding="utf-8", newline="\n")
            write_annotations(doc, path.with_suffix(".ann"))
    return folders


def _write_columns(documents: list[list[Sentence]], file: IO[str]) -> None:
    for document in documents:
        file.write("-DOCSTART- O\n\n")
        for words, tags in document:
            rows = (f"{word} {tag}\n" for word, tag in zip(words, tags))
            file.write("".join(rows) + "\n")


def make_sample(seed: int = 0) -> dict[str, list[list[Sentence]]]:
    """The documents of each split, each a list of sentences."""
    random_ = random.Random(seed)
    names = _Names(random_)
    held_out = {topic: patterns[3::4] for topic, patterns in PATTERNS.items()}
    familiar = {
        topic: [p for p in patterns if p not in held_out[topic]]
        for topic, patterns in PATTERNS.items()
    }
    return {
        split: [
            list(_document(random_, names, familiar if split == "train" else PATTERNS))
            for _ in range(n_documents)
        ]
        for split, n_documents in SPLITS.items()
    }


class _Names:
    """Invents names, each once: no document shares one with an earlier document by design."""

    def __init__(self, random_: random.Random) -> None:
        self.random = random_
        self.used: set[str] = {part for group in NAME_PARTS.values() for part in group}

    def stem(self, endings: str) -> str:
        """A new capitalised word of invented syllables and one of the endings."""
        for _ in range(10000):
            start = self.random.choice(NAME_PARTS["starts"])
            middle = self.random.choice(NAME_PARTS["middles"])
            word = start + middle + self.random.choice(NAME_PARTS[endings])
            if word not in self.used:
                self.used.add(word)
                return word
        raise RuntimeError("The name parts are exhausted; add some to sample_text.py.")

    def acronym(self) -> str:
        """A new acronym of three or four letters."""
        while True:
            word = "".join(self.random.choices("ABCDEFGIKLMNOPRSTUV", k=self.random.choice([3, 4])))
            if word not in self.used:
                self.used.add(word)
                return word


class _Cast:
    """The people, places and organisations of one document."""

    def __init__(self, random_: random.Random, names: _Names) -> None:
        pick = random_.choice
        self.random = random_
        self.people = []
        for _ in range(3):
            surname = pick(AMBIGUOUS["PER"]) if random_.random() < 0.2 else names.stem("surnames")
            first = names.stem("firsts")
            self.people.append((f"{first} {surname}", surname))
        self.places = [
            pick(AMBIGUOUS["LOC"]) if random_.random() < 0.25 else names.stem("places")
            for _ in range(3)
        ]
        self.countries = random_.sample(COUNTRIES, 2)
        stem = names.stem
        makers: list[Callable[[], tuple[str, str]]] = [
            lambda: (f"{(s := stem('firms'))} {pick(NAME_PARTS['company'])}", s),
            lambda: (s := stem("places") + " " + pick(NAME_PARTS["club"]), s),
            lambda: (s := names.acronym(), s),
            lambda: (f"{stem('places')} {pick(NAME_PARTS['institute'])}",) * 2,
            lambda: (s := stem("surnames"), s),
            lambda: (s := pick(AMBIGUOUS["ORG"]), s),
        ]
        self.firms = [pick(makers)() for _ in range(3)]
        self.event = f"{stem('places')} {pick(NAME_PARTS['event'])}"
        self.seen: set[str] = set()

    def fill(self, slot: str) -> tuple[str, str]:
        """The text of a slot and its label, "" for none."""
        pick = self.random.choice
        if slot == "PER":
            full, short = pick(self.people)
            text = short if full in self.seen and self.random.random() < 0.7 else full
            self.seen.add(full)
            return text, "PER"
        if slot == "ORG":
            full, short = pick(self.firms)
            text = short if full in self.seen and self.random.random() < 0.6 else full
            self.seen.add(full)
            return text, "ORG"
        if slot == "LOC":
            return (pick(self.places) if self.random.random() < 0.6 else self.country()[0]), "LOC"
        if slot == "NAT":
            return self.country()[1], "MISC"
        if slot == "EVENT":
            return self.event, "MISC"
        if slot == "num":
            return str(self.random.randint(2, 980)), ""
        if slot == "score":
            return f"{self.random.randint(0, 6)}-{self.random.randint(0, 6)}", ""
        return pick(COMMON_WORDS[slot]), ""

    def country(self) -> tuple[str, str]:
        """One of the document's countries, and its adjective."""
        return self.random.choice(self.countries)


def _document(
    random_: random.Random, names: _Names, patterns: dict[str, list[Pattern]]
) -> Iterator[Sentence]:
    cast = _Cast(random_, names)
    topic = random_.choice([topic for topic in patterns if topic not in ("headline", "ambiguous")])
    headline = _sentence(cast, random_.choice(patterns["headline"]))
    yield [word.upper() for word in headline[0]], headline[1]
    yield _sentence(cast, "{LOC} 1996-{month_number}-{day_number}")
    for _ in range(random_.randint(5, 9)):
        group = "ambiguous" if random_.random() < 0.15 else topic
        yield _sentence(cast, random_.choice(patterns[group]))


def _sentence(cast: _Cast, pattern: Pattern) -> Sentence:
    """Fill the slots of a pattern: {PER}, {LOC}, ... for entities, lower case for other words;
    "[LOC Jordan]" is an entity as it stands."""
    words: list[str] = []
    tags: list[str] = []
    for fixed_label, fixed_text, token in _PIECES.findall(pattern):
        if fixed_label:
            _append(words, tags, fixed_text, fixed_label)
        elif token.startswith("{") and token.endswith("}") and token.count("{") == 1:
            _append(words, tags, *cast.fill(token[1:-1]))
        else:  # a word, or one with slots inside, such as 1996-{month_number}
            text = re.sub(r"{(\w+)}", lambda match: cast.fill(match[1])[0], token)
            _append(words, tags, text, "")
    return words, tags


def _append(words: list[str], tags: list[str], text: str, label: str) -> None:
    for i, word in enumerate(text.split()):
        words.append(word)
        tags.append(f"{'I' if i else 'B'}-{label}" if label else "O")
