"""What is probably wrong in a corpus by itself: checks that need no model."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from spacy.tokens import Span, Token

from ..corpora.annotated import trim
from ..corpora.split import near_duplicates
from .documents import Document, Sentence
from .finding import Finding
from .findings import Marked, begin_within, find_doubts, finding_of, make_finding
from .judge import Judgement, Key

# A label that is so much rarer than one like it is a slip.
_RARER = 10
# Signs that stand for words, though Unicode has them as punctuation.
_SIGNS = "%‰&@#*/\\§"
# Sentences of fewer words recur, and mean this or that.
_LEAST_WORDS = 5


def check(documents: Sequence[Document]) -> Iterator[Finding]:
    """The findings of all checks."""
    yield from check_label_names(documents)
    yield from check_edges(documents)
    yield from check_same_sentences(documents)
    yield from check_duplicates(documents)


def check_label_names(documents: Sequence[Document]) -> Iterator[Finding]:
    """Entities with a label that differs from one that is ten times as frequent in case, in marks
    or in one letter ("Per" beside "PER"). A suspicion is one minus the ratio of their counts."""
    counts = Counter(ent.label_ for document in documents for ent in document.doc.ents)
    meant: dict[str, str] = {}
    for (frequent, many), (rare, few) in combinations(counts.most_common(), 2):
        is_slip = few * _RARER <= many and len(rare) > 3 and _is_one_edit(rare, frequent)
        if rare not in meant and (_plain(rare) == _plain(frequent) or is_slip):
            meant[rare] = frequent
    for document in documents:
        for ent in document.doc.ents:
            if ent.label_ in meant:
                right = meant[ent.label_]
                few, many = counts[ent.label_], counts[right]
                gold = Marked(ent.start_char, ent.end_char, ent.label_)
                note = f"{few:,} entities have the label {ent.label_!r}, {many:,} have {right!r}"
                suspicion = 1.0 - few / (few + many)
                suggested = gold._replace(label=right)
                yield make_finding(document, "label-name", gold, suggested, suspicion, note)


def _plain(label: str) -> str:
    return "".join(char for char in label.casefold() if char.isalnum())


def _is_one_edit(a: str, b: str) -> bool:
    """Whether a letter is changed, left out, put in, or two neighbours are swapped."""
    if a[:-1] == b or b[:-1] == a:
        return True
    first = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), None)
    if first is None:
        return False
    x, y = a[first:], b[first:]
    swapped = x[1::-1] + x[2:] if len(x) > 1 else ""
    return y in (x[1:], swapped) or y[1:] in (x, x[1:])


def check_edges(documents: Sequence[Document]) -> Iterator[Finding]:
    """Entities that begin or end in blanks, or in a mark of punctuation, without its other half,
    that is mostly outside. A suspicion is the share of such marks, at the same end of entities with
    the same label, that are outside; of blanks it is 1."""
    inside: Counter[tuple[str, str, int]] = Counter()
    outside: Counter[tuple[str, str, int]] = Counter()
    for document in documents:
        doc = document.doc
        for ent in doc.ents:
            for end, within, beyond in ((0, 0, ent.start - 1), (1, -1, ent.end)):
                inside[ent.label_, ent[within].text, end] += 1
                if 0 <= beyond < len(doc):
                    outside[ent.label_, doc[beyond].text, end] += 1
    for document in documents:
        for ent in document.doc.ents:
            first, last = ent.start, ent.end
            shares = []
            while last - first > 1 and _is_mark(ent.doc[first]):
                shares.append(_share(inside, outside, ent.label_, ent.doc[first].text, 0))
                first += 1
            while (
                last - first > 1
                and _is_mark(ent.doc[last - 1])
                and not _is_short(ent.doc[last - 2 : last])
            ):
                shares.append(_share(inside, outside, ent.label_, ent.doc[last - 1].text, 1))
                last -= 1
            if shares and max(shares) > 0.5 and not _has_pair(ent.text):
                span = document.doc[first:last]
                gold = Marked(ent.start_char, ent.end_char, ent.label_)
                suggested = Marked(span.start_char, span.end_char, ent.label_)
                note = "begins or ends in a mark that is mostly outside of such entities"
                yield make_finding(document, "edges", gold, suggested, max(shares), note)
        yield from _blank_edges(document)


def _is_mark(token: Token) -> bool:
    return token.is_space or all(
        unicodedata.category(char)[0] == "P" and char not in _SIGNS for char in token.text
    )


def _is_short(end: Span) -> bool:
    """Whether a word and a period are like an abbreviation: "Co ."."""
    return end[1].text == "." and len(end[0]) <= 4


def _has_pair(text: str) -> bool:
    """Whether the ends have marks that belong together, as in "Port (Norway)"."""
    pairs = {")": "(", "]": "[", "}": "{", "»": "«", "”": "“", '"': '"', "'": "'", "''": "``"}
    return any(
        (text.endswith(right) and left in text[: -len(right)])
        or (text.startswith(left) and right in text[len(left) :])
        for right, left in pairs.items()
    )


def _share(
    inside: Counter[tuple[str, str, int]],
    outside: Counter[tuple[str, str, int]],
    label: str,
    mark: str,
    end: int,
) -> float:
    if mark.isspace():
        return 1.0
    n_out = outside[label, mark, end]
    return n_out / max(1, n_out + inside[label, mark, end])


def _blank_edges(document: Document) -> Iterator[Finding]:
    """Spans of the file with blanks at their ends, which their entities do not have."""
    for span in document.text.spans:
        start, end = trim(document.text.text, span.start, span.end)
        if start < end and (start, end) != (span.start, span.end):
            suggested = Marked(start, end, span.label)
            gold = Marked(span.start, span.end, span.label)
            note = "begins or ends in a blank"
            yield make_finding(document, "edges", gold, suggested, 1.0, note)


class _Copy(NamedTuple):
    """A sentence that stands in several places."""

    document: Document
    sentence: Sentence
    ents: frozenset[Key]


def check_same_sentences(documents: Sequence[Document]) -> Iterator[Finding]:
    """The same sentence, of five words or more, annotated in several ways. A suspicion is that of a
    model whose probabilities are shares of copies; of two copies that differ, both are found.
    Sentences with a part of an entity that reaches beyond them are left out."""
    copies: dict[tuple[str, ...], list[_Copy]] = defaultdict(list)
    for document in documents:
        reached = 0  # the end of the entities before
        for sentence in document.sentences:
            first, last = sentence.first, sentence.last
            ents = begin_within(document.entities, first, last)
            is_whole = reached <= first
            reached = max([reached, *(end for _, end, _ in ents)])
            tokens = document.doc[first:last]
            words = tuple(token.text for token in tokens)
            if sum(any(map(str.isalnum, word)) for word in words) < _LEAST_WORDS:
                continue
            if is_whole and reached <= last and all(token.ent_iob != 0 for token in tokens):
                keys = frozenset(_moved(key, -first) for key in ents)
                copies[words].append(_Copy(document, sentence, keys))
    for own in copies.values():
        if len({copy.ents for copy in own}) > 1:
            yield from _differing(own)


def _differing(copies: Sequence[_Copy]) -> Iterator[Finding]:
    n = len(copies)
    ways: dict[frozenset[Key], list[_Copy]] = defaultdict(list)
    for copy in copies:
        ways[copy.ents].append(copy)
    shares: Counter[Key] = Counter()
    for ents, own in ways.items():
        shares.update(dict.fromkeys(ents, len(own)))
    free = {
        key: sum(len(own) for ents, own in ways.items() if _is_free(key, ents)) for key in shares
    }
    for document, sentence, ents in copies:
        first = sentence.first
        # What other copies say, in the form of what a model says of the document.
        judgement = Judgement(
            {_moved(key, first): count / n for key, count in shares.items()},
            {_moved(key, first): count / n for key, count in free.items()},
        )
        for doubt in find_doubts(document, judgement, sentence=sentence):
            if doubt.suspicion >= 0.5:
                other = next(own[0] for way, own in ways.items() if way != ents)
                note = (
                    f"annotated otherwise in {n - len(ways[ents])} of {n} places, such as "
                    f"{other.document.file}, {_place(other.document, other.sentence)}"
                )
                yield finding_of(document, doubt, "inconsistent", note)


def _place(document: Document, sentence: Sentence) -> str:
    return document.name if sentence.line is None else f"line {sentence.line}"


def _moved(key: Key, first: int) -> Key:
    return key[0] + first, key[1] + first, key[2]


def _is_free(key: Key, ents: frozenset[Key]) -> bool:
    """Whether no entity has a token of a span."""
    return not any(start < key[1] and key[0] < end for start, end, _ in ents)


def check_duplicates(documents: Sequence[Document]) -> Iterator[Finding]:
    """Texts that are nearly the same as one of another split, given at the later of both. A
    suspicion is their similarity; see `near_duplicates`."""
    best: dict[int, tuple[float, int]] = {}
    for alike, similarity in near_duplicates([document.text for document in documents]):
        latest: dict[str, int] = {}  # of each split
        for b in alike:
            split = documents[b].split
            before = [a for other, a in latest.items() if other != split]
            if before:
                best[b] = max(best.get(b, (0.0, b)), (similarity, max(before)))
            latest[split] = b
    for b, (similarity, a) in sorted(best.items()):
        document, other = documents[b], documents[a]
        sentences = document.sentences
        if sentences:
            note = (
                f"{similarity:.0%} the same as a text of {other.split}: {other.file}, {other.name}"
            )
            yield make_finding(document, "duplicate", None, None, similarity, note, sentences[0])
