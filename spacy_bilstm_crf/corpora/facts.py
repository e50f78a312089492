"""What can be told of a corpus by looking at it: its size, units, script, language and noise."""

from __future__ import annotations

import re
import runpy
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import spacy.lang

from .annotated import AnnotatedText

_WORD = re.compile(r"\w+|[^\w\s]")
_LETTERS = 20_000
# spaCy's tokenizers of these need packages of their own, or do not split text without blanks.
_NO_TOKENIZER = {"ja", "ko", "th", "vi", "zh"}
# Occurrences of annotated names that are looked for; more would take long.
_NAMES = 300
# English newswire has 0.31, Russian administrative texts 0.19, Amharic news 0.10.
_LEAST_STOP_WORDS = 0.08


# Scripts that set no blanks between words: characters are the tokens.
WITHOUT_BLANKS = {"CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN"}


class Facts(NamedTuple):
    """What was found.

    n_texts, n_words, n_spans: counts; words are the file's own tokens, or else runs of letters
        and single marks, in scripts without blanks characters.
    n_sentences: that the file tells; 0 if it tells none.
    n_lines: line ends in raw text.
    labels: how many spans each has.
    cats: how many texts each label of whole texts has; has_many: whether a text has not exactly
        one of them.
    own_tokens: whether the file has tokens of its own.
    n_wrong, n_unknown: spans that are known to be wrong, stretches that are not annotated.
    scripts: the share of each script among letters, such as "LATIN", most frequent first.
    language: the code of the language whose stop words are most frequent, None if none fits; and
        their share of all words.
    consistency: of all places where names of several words occur that are annotated somewhere, the
        share that is annotated; None where there are too few.
    """

    n_texts: int
    n_words: int
    n_spans: int
    n_sentences: int
    n_lines: int
    labels: dict[str, int]
    cats: dict[str, int]
    has_many: bool
    own_tokens: bool
    n_wrong: int
    n_unknown: int
    scripts: dict[str, float]
    language: str | None
    stop_words: float
    consistency: float | None

    @property
    def script(self) -> str:
        """The most frequent script, "" if there are no letters."""
        return next(iter(self.scripts), "")

    @property
    def sentences_per_text(self) -> float:
        """Of what the file tells; 0 if it tells none."""
        return self.n_sentences / max(1, self.n_texts)


def look_at(texts: Sequence[AnnotatedText]) -> Facts:
    """Look at the texts of a training set."""
    scripts = _scripts(texts)
    language, stop_words = _language(texts)
    given = [text.labels for text in texts if text.cats is not None]
    return Facts(
        n_texts=len(texts),
        n_words=sum(map(count_words, texts)),
        n_spans=sum(len(text.spans) for text in texts),
        n_sentences=sum(len(text.sentences or ()) for text in texts),
        n_lines=sum(text.text.count("\n") for text in texts),
        labels=dict(sorted(Counter(s.label for text in texts for s in text.spans).items())),
        cats=dict(sorted(Counter(label for own in given for label in own).items())),
        has_many=any(len(own) != 1 for own in given),
        own_tokens=any(text.tokens is not None for text in texts),
        n_wrong=sum(len(text.wrong) for text in texts),
        n_unknown=sum(len(text.unknown) for text in texts),
        scripts=scripts,
        language=language,
        stop_words=stop_words,
        consistency=_consistency(texts),
    )


def count_words(text: AnnotatedText) -> int:
    """The number of words of a text, as `Facts` counts them."""
    return len(text.tokens) if text.tokens is not None else len(_WORD.findall(text.text))


def _scripts(texts: Iterable[AnnotatedText]) -> dict[str, float]:
    counts: Counter[str] = Counter()
    left = _LETTERS
    for text in texts:
        for char in text.text[:left]:
            if char.isalpha():
                counts[unicodedata.name(char, "?").split(" ")[0]] += 1
        left -= len(text.text)
        if left <= 0:
            break
    total = sum(counts.values())
    return {script: count / total for script, count in counts.most_common()}


def _language(texts: Iterable[AnnotatedText]) -> tuple[str | None, float]:
    counts: Counter[str] = Counter()
    left = 10 * _LETTERS
    for text in texts:
        counts.update(re.findall(r"\w+", text.text[:left].lower()))
        left -= len(text.text)
        if left <= 0:
            break
    total = max(1, sum(counts.values()))
    shares = {
        code: sum(counts[word] for word in stop_words if word in counts) / total
        for code, stop_words in _stop_words()
    }
    best = max(shares, key=lambda code: shares[code])
    return (best, shares[best]) if shares[best] >= _LEAST_STOP_WORDS else (None, shares[best])


def _stop_words() -> Iterator[tuple[str, set[str]]]:
    """spaCy's stop words, read without importing the languages, which takes seconds."""
    for path in sorted(Path(spacy.lang.__path__[0]).glob("*/stop_words.py")):
        if path.parent.name in _NO_TOKENIZER:
            continue
        with suppress(ImportError):  # those of another language
            yield path.parent.name, runpy.run_path(str(path))["STOP_WORDS"]


def _consistency(texts: Sequence[AnnotatedText]) -> float | None:
    marked: Counter[str] = Counter()
    for text in texts:
        for span in text.spans:
            surface = text.text[span.start : span.end]
            if len(surface.split()) >= 2:
                marked[surface] += 1
    names = [name for name, _ in marked.most_common(_NAMES)]
    if sum(marked[name] for name in names) < 50:
        return None
    pattern = re.compile(
        r"(?<!\w)(?:" + "|".join(sorted(map(re.escape, names), key=len, reverse=True)) + r")(?!\w)"
    )
    found = covered = 0
    for text in texts:
        spans = [(span.start, span.end) for span in text.spans]
        for match in pattern.finditer(text.text):
            found += 1
            covered += any(start <= match.start() and match.end() <= end for start, end in spans)
    return covered / found if found else None
