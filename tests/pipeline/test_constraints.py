"""What a doc says already, against a reading of it token by token."""

import random

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc, Span

from spacy_bilstm_crf.pipeline.constraints import forbidden_tags, preset_tokens
from spacy_bilstm_crf.tags import n_tags, tag_names

LABELS = ["LOC", "PER", "NEW"]


def random_doc(vocab, chance):
    """A doc with white space, sentence marks, entities, some of another's label, and blocked
    tokens; each of them at times only."""
    n = chance.randint(0, 12)
    words = [chance.choice(["a", "a", "\n"]) for _ in range(n)]
    starts = [i == 0 or chance.random() < 0.2 for i in range(n)]
    doc = Doc(vocab, words=words, sent_starts=starts if chance.random() < 0.5 else None)
    if chance.random() < 0.8:
        ents, blocked, i = [], [], 0
        while i < n:
            size, kind = chance.randint(1, 3), chance.random()
            if kind < 0.4:
                ents.append(Span(doc, i, min(i + size, n), chance.choice([*LABELS, "OTHER"])))
            elif kind < 0.6:
                blocked.append(doc[i : i + size])
            i += size
        doc.set_ents(ents, blocked=blocked, default="missing")
    return doc


def allowed(token, n_trained, keep_ents):
    """The tags that a token may have, by what `forbidden_tags` promises."""
    trained = tag_names(LABELS)[:n_trained]
    ent = next((ent for ent in token.doc.ents if ent.start <= token.i < ent.end), None)
    if keep_ents and ent:
        is_cut = token.doc.has_annotation("SENT_START") and any(
            inside.is_sent_start for inside in ent[1:]
        )
        if is_cut or f"B-{ent.label_}" not in trained:
            return {"O"}
        if len(ent) == 1:
            return {f"U-{ent.label_}"}
        place = "B" if token.i == ent.start else "L" if token.i == ent.end - 1 else "I"
        return {f"{place}-{ent.label_}"}
    if keep_ents and token.ent_iob_ == "B" and not token.ent_type_:
        return {"O"}  # blocked
    return {tag for tag in trained if not (token.is_space and tag[0] in "BLU")}


@pytest.mark.parametrize("keep_ents", [True, False])
@pytest.mark.parametrize("n_trained", [n_tags(3), n_tags(2)])
def test_tags_that_tokens_can_not_have(keep_ents, n_trained):
    vocab, chance = spacy.blank("xx").vocab, random.Random(0)
    names = tag_names(LABELS)
    n_free = 0
    for _ in range(300):
        docs = [random_doc(vocab, chance) for _ in range(chance.randint(1, 3))]
        forbidden = forbidden_tags(docs, LABELS, n_trained=n_trained, keep_ents=keep_ents)
        tokens = [token for doc in docs for token in doc]
        if forbidden is None:
            n_free += 1
            forbidden = np.zeros((len(tokens), len(names)), dtype=bool)
        found = [{name for name, no in zip(names, row) if not no} for row in forbidden]
        assert found == [allowed(token, n_trained, keep_ents) for token in tokens]
    assert (n_free > 0) == (n_trained == len(names))


def test_preset_tokens():
    vocab, chance = spacy.blank("xx").vocab, random.Random(0)
    for _ in range(100):
        doc = random_doc(vocab, chance)
        preset, blocked = preset_tokens(doc)
        is_blocked = [token.ent_iob_ == "B" and not token.ent_type_ for token in doc]
        assert blocked.tolist() == is_blocked
        assert preset.tolist() == [
            bool(token.ent_type_) or no for token, no in zip(doc, is_blocked)
        ]
