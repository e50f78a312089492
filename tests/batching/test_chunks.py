"""Chunks: every token once, with context on either side, cut where the encoding allows."""

import random

import numpy as np
import pytest
from spacy.tokens import Doc, Span, SpanGroup

from spacy_bilstm_crf.batching import chunks
from spacy_bilstm_crf.batching.chunks import cut

STEP, MARGIN = 6, 10


def random_doc(vocab, chance, n, marked):
    starts = [i == 0 or chance.random() < 0.15 for i in range(n)] if marked else None
    return Doc(vocab, words=[f"w{i}" for i in range(n)], sent_starts=starts)


@pytest.mark.parametrize("marked", [False, True])
def test_chunks_are_the_doc_with_context(vocab, monkeypatch, marked):
    monkeypatch.setattr(chunks, "CHUNK", 20)
    chance = random.Random(0)
    for _ in range(30):
        n = chance.randint(1, 150)
        doc = random_doc(vocab, chance, n, marked)
        words = [token.text for token in doc]
        may_cut = {sent.start for sent in doc.sents} if marked else set(range(0, n, STEP))
        done = 0
        for piece, core in chunks.chunks(doc, STEP, MARGIN):
            assert core.step is None and words[done] == piece[core.start].text
            first = done - core.start
            assert [token.text for token in piece] == words[first : first + len(piece)]
            assert first in may_cut and done in may_cut
            after = first + len(piece)
            assert after in may_cut | {n}
            assert core.start >= min(MARGIN, done)
            done = first + core.stop
            assert after - done >= min(MARGIN, n - done)
        assert done == n


def test_chunks_are_of_about_the_size(vocab, monkeypatch):
    monkeypatch.setattr(chunks, "CHUNK", 20)
    doc = random_doc(vocab, random.Random(0), 300, marked=False)
    sizes = [core.stop - core.start for _, core in chunks.chunks(doc, STEP, MARGIN)]
    full = [min(i for i in range(0, 300, STEP) if i >= 20 * nth) for nth in range(15)]
    assert sizes == np.diff([*full, 300]).tolist()  # cut at the first place after so many tokens
    short = random_doc(vocab, random.Random(0), 19, marked=False)
    ((piece, core),) = chunks.chunks(short, STEP, MARGIN)
    assert len(piece) == 19 and core == slice(0, 19)


def test_spans_move_with_their_tokens(vocab):
    doc = Doc(vocab, words=list("abcdefgh"), ents=["O", "O", "B-X", "I-X", "O", "O", "O", "O"])
    doc.spans["key"] = [
        Span(doc, 1, 3, "CUT"),
        Span(doc, 2, 4, "IN", kb_id="Q1", span_id="one"),
        Span(doc, 5, 6, "LAST"),
        Span(doc, 5, 7, "CUT"),
    ]
    part = cut(doc, 2, 6)
    assert [token.text for token in part] == list("cdef")
    assert [(ent.start, ent.end, ent.label_) for ent in part.ents] == [(0, 2, "X")]
    found = [(s.start, s.end, s.label_, s.kb_id_, s.id_) for s in part.spans["key"]]
    assert found == [(0, 2, "IN", "Q1", "one"), (3, 4, "LAST", "", "")]
    np.testing.assert_array_equal(doc.to_array("ORTH")[2:6], part.to_array("ORTH"))


def test_what_is_said_of_each_span_moves_with_it(vocab):
    doc = Doc(vocab, words=list("abcdefgh"))
    spans = [Span(doc, 0, 3), Span(doc, 3, 6), Span(doc, 6, 8)]
    scores = {"scores": [0.1, 0.2, 0.3], "by": "someone"}
    doc.spans["entities"] = SpanGroup(doc, name="all", attrs=scores, spans=spans)
    doc.spans["weights"] = SpanGroup(doc, attrs={"weights": np.array([0.5, 1, 2])}, spans=spans)
    part = cut(doc, 2, 6)
    group = part.spans["entities"]
    assert [(s.start, s.end) for s in group] == [(1, 4)]
    assert group.attrs == {"scores": [0.2], "by": "someone"} and group.name == "all"
    # Weights are of stretches, and hold of each part of them.
    group = part.spans["weights"]
    assert [(s.start, s.end) for s in group] == [(0, 1), (1, 4)]
    assert group.attrs == {"weights": [0.5, 1.0]}
    assert doc.spans["weights"].attrs["weights"].tolist() == [0.5, 1, 2]
