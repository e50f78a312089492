"""The tags of gold entities, on tokens that are the same, finer or coarser."""

import random

import numpy as np
import pytest
from spacy.tokens import Doc, Span
from spacy.training import Example
from spacy.vocab import Vocab

from spacy_bilstm_crf.pipeline.alignment import (
    gold_tag_ids,
    incorrect_tags,
    join_across_entities,
)
from spacy_bilstm_crf.tags import MISSING, tag_names

LABELS = ["LOC", "PER"]


def tokenized(vocab, text, chance):
    """A doc of a text whose words are cut into tokens at random."""
    words, spaces = [], []
    for word in text.split():
        cuts = [i for i in range(1, len(word)) if chance.random() < 0.3]
        parts = [word[i:j] for i, j in zip([0, *cuts], [*cuts, len(word)])]
        words += parts
        spaces += [False] * (len(parts) - 1) + [True]
    return Doc(vocab, words=words, spaces=spaces)


def annotate(doc, chance):
    """Entities, and tokens of which nothing is known, at random."""
    ents, missing, i = [], [], 0
    while i < len(doc):
        n, kind = chance.randint(1, 3), chance.random()
        if kind < 0.4:
            ents.append(Span(doc, i, min(i + n, len(doc)), chance.choice(LABELS)))
        elif kind < 0.6:
            missing.append(doc[i : i + n])
        i += n
    doc.set_ents(ents, missing=missing, default="outside")
    return doc


def random_text(chance):
    words = ("".join(chance.choices("abc", k=chance.randint(1, 4))) for _ in range(8))
    return " ".join(words)


def gold_tags(predicted, reference):
    ids = gold_tag_ids([Example(predicted, reference)], LABELS, name="ner")
    return [None if i == MISSING else tag_names(LABELS)[i] for i in ids]


def test_tags_of_other_tokens():
    vocab = Vocab()
    words = ["New", "York-based", "firm", "of", "Anna", "Smith"]
    ents = ["B-LOC", "I-LOC", "O", "O", "B-PER", "I-PER"]
    reference = Doc(vocab, words=words, ents=ents)
    finer = Doc(vocab, words=["New", "York", "-", "based", "firm", "of", "Anna", "Smith"])
    assert gold_tags(finer, reference) == [
        "B-LOC",
        "I-LOC",
        "I-LOC",
        "L-LOC",
        "O",
        "O",
        "B-PER",
        "L-PER",
    ]
    # "of Anna" is one token here: half of it is an entity, and nothing is known about it.
    coarser = Doc(vocab, words=["New", "York-based", "firm", "of Anna", "Smith"])
    assert gold_tags(coarser, reference)[:3] == ["B-LOC", "L-LOC", "O"]
    assert gold_tags(coarser, reference)[3] is None


def test_blocked_and_missing_tokens():
    vocab = Vocab()
    doc = Doc(vocab, words=["a", "b", "c", "d"])
    doc.set_ents(
        [Span(doc, 0, 1, "PER")], blocked=[doc[1:2]], missing=[doc[2:3]], default="outside"
    )
    assert gold_tags(Doc(vocab, words=["a", "b", "c", "d"]), doc) == ["U-PER", "O", None, "O"]


@pytest.mark.parametrize("same_tokens", [True, False])
def test_tags_are_those_of_spacys_alignment(same_tokens):
    vocab, chance = Vocab(), random.Random(0)
    examples, expected = [], []
    for _ in range(200):
        text = random_text(chance)
        reference = annotate(tokenized(vocab, text, chance), chance)
        predicted = reference.copy() if same_tokens else tokenized(vocab, text, chance)
        examples.append(Example(predicted, reference))
        expected += examples[-1].get_aligned_ner()
    ids = gold_tag_ids(examples, LABELS, name="ner")
    assert [None if i == MISSING else tag_names(LABELS)[i] for i in ids] == expected


def test_incorrect_spans_give_the_tags_that_their_tokens_do_not_have():
    vocab = Vocab()
    first = Example(Doc(vocab, words=["a", "b"]), Doc(vocab, words=["ab"]))
    reference = Doc(vocab, words=["New", "York-based", "Anna"])
    reference.spans["wrong"] = [Span(reference, 0, 2, "PER"), Span(reference, 2, 3)]
    finer = Doc(vocab, words=["New", "York", "-", "based", "Anna"])
    names = tag_names(LABELS)
    found = incorrect_tags([first, Example(finer, reference)], LABELS, "wrong")
    assert [(start, [names[i] for i in tags]) for start, tags in found] == [
        (2, ["B-PER", "I-PER", "I-PER", "L-PER"]),
        (6, ["U-LOC"]),  # no label: an entity of none
        (6, ["U-PER"]),
    ]
    assert incorrect_tags([Example(finer, reference)], LABELS, "other") == []


def test_no_entity_reaches_across_the_sequences_that_are_left():
    chance = random.Random(0)
    for _ in range(200):
        doc = annotate(Doc(Vocab(), words=["w"] * chance.randint(1, 20)), chance)
        tags = gold_tag_ids([Example(doc, doc)], LABELS, name="ner")
        starts = [0, *sorted(chance.sample(range(1, len(doc)), chance.randint(0, len(doc) - 1)))]
        inside = {i for ent in doc.ents for i in range(ent.start + 1, ent.end)}
        kept = [start for start in starts if start not in inside]
        joined = join_across_entities(np.diff([*starts, len(doc)]), tags)
        assert joined.tolist() == np.diff([*kept, len(doc)]).tolist()
