"""Annotation that is simulated by the gold standard of a training set."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import spacy
from spacy.tokens import Doc, Span

from benchmarks.common import read_docs
from spacy_bilstm_crf.batching.chunks import cut
from spacy_bilstm_crf.corpora.make_doc import WRONG
from spacy_bilstm_crf.suggestion.choose import group_near_duplicates

Key = tuple[int, int, int, str]
"""A span: its sentence, its first token in the sentence and the one after its last, its label."""


class Pool:
    """The sentences of a training set, and their gold standard.

    docs: the documents.
    borders: (sentences,) the document of each, its first token there and the one after its last.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.docs = read_docs(path, spacy.blank("en").vocab)
        self.borders = [
            (i, sent.start, sent.end) for i, doc in enumerate(self.docs) for sent in doc.sents
        ]
        self.words = [end - start for _, start, end in self.borders]
        self.gold = {
            (number, ent.start - start, ent.end - start, ent.label_)
            for number, (i, start, end) in enumerate(self.borders)
            for ent in self.docs[i][start:end].ents
        }
        self.entities = Counter(key[0] for key in self.gold)
        self.groups = group_near_duplicates([self.docs[i][a:b].text for i, a, b in self.borders])


class Annotated:
    """What was annotated so far: whole sentences, and answers of which spans are entities."""

    def __init__(self) -> None:
        self.sentences: list[int] = []
        self.answers: dict[Key, bool] = {}

    def add(self, pool: Pool, picked: str) -> None:
        """Annotate what was picked: the numbers of sentences; or of spans all that their keys
        have, between colons."""
        for one in picked.split():
            sentence, *span = one.split(":")
            if span:
                key = int(sentence), int(span[0]), int(span[1]), span[2]
                self.answers[key] = key in pool.gold
            else:
                self.sentences.append(int(sentence))

    def counts(self, pool: Pool) -> dict[str, int]:
        """What was to be done: words that were read and entities that were marked in them, and
        questions that were answered."""
        return {
            "words": sum(pool.words[i] for i in self.sentences),
            "entities": sum(pool.entities[i] for i in self.sentences),
            "questions": len(self.answers),
        }

    def docs(self, pool: Pool) -> list[Doc]:
        """The docs to learn from: of each document the sentences of which anything is known."""
        whole = set(self.sentences)
        known: dict[int, list[Doc]] = {}
        for number in sorted(whole | {key[0] for key in self.answers}):
            i, start, end = pool.borders[number]
            part = cut(pool.docs[i], start, end)
            if number not in whole:
                _set_answers(part, [(k, yes) for k, yes in self.answers.items() if k[0] == number])
            known.setdefault(i, []).append(part)
        return [Doc.from_docs(own, ensure_whitespace=False) for own in known.values()]


def _set_answers(doc: Doc, answers: Iterable[tuple[Key, bool]]) -> None:
    spans: dict[bool, list[Span]] = {True: [], False: []}
    for (_, start, end, label), is_right in answers:
        spans[is_right].append(Span(doc, start, end, label))
    doc.set_ents(spans[True], default="missing")
    doc.spans[WRONG] = spans[False]
