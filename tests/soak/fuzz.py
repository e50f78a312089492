"""Any doc is tagged, by allowed sequences, and alone as in any batch."""

from collections import Counter

from .texts import some_docs

TOLERANCE = 1e-4
"""Of probabilities: a doc that is padded beside others is summed in another order."""


def fuzz(nlp, rng, folder):
    """Tag the docs of one random batch, with random settings."""
    cfg = nlp.get_pipe("ner").cfg
    before = dict(cfg)
    cfg.update(
        threshold=rng.choice([None, None, 0.0, 0.3, 0.7, 1.0]),
        confidence=rng.choice(["off", "entities", "spans"]),
        overwrite_ents=rng.random() < 0.3,
    )
    seed, batch_size = rng.random(), rng.choice([1, 2, 5, 100])
    try:
        with nlp.memory_zone():
            given = some_docs(nlp, seed)
            docs = list(nlp.pipe(some_docs(nlp, seed), batch_size=batch_size))
            assert len(docs) == len(given)
            for bare, doc in zip(given, docs):
                check(bare, doc, cfg)
            for doc, alone in zip(docs, some_docs(nlp, seed)):
                check_same(nlp, doc, nlp(alone))
    finally:
        cfg.update(before)
    return Counter({"texts fuzzed": len(docs)})


def spans_of(doc):
    return [(ent.start, ent.end, ent.label_) for ent in doc.ents]


def check(bare, doc, cfg):
    """bare: the same doc, before."""
    assert [(t.text, t.whitespace_) for t in doc] == [(t.text, t.whitespace_) for t in bare]
    kept = [] if cfg["overwrite_ents"] else spans_of(bare)
    ents = spans_of(doc)
    assert set(kept) <= set(ents), (kept, ents)
    free = 0
    for start, end, label in ents:
        assert free <= start < end, ents
        free = end
        if (start, end, label) in kept:
            continue
        assert label in ("PER", "LOC")
        assert not doc[start].is_space and not doc[end - 1].is_space
        assert not any(bare[i].is_sent_start for i in range(start + 1, end))
        if not cfg["overwrite_ents"]:
            assert not any(is_blocked(bare[i]) for i in range(start, end))
        ent = next(ent for ent in doc.ents if ent.start == start)
        if cfg["confidence"] != "off":
            assert 0 <= ent._.confidence <= 1, ent._.confidence
    if cfg["confidence"] == "spans":
        scores = doc.spans[cfg["spans_key"]].attrs["scores"]
        assert len(scores) == len(doc.spans[cfg["spans_key"]])
        assert all(0 <= score <= 1 for score in scores)


def is_blocked(token):
    return token.ent_iob == 3 and not token.ent_type


def check_same(nlp, doc, alone):
    assert spans_of(doc) == spans_of(alone), (spans_of(doc), spans_of(alone))
    for ent, other in zip(doc.ents, alone.ents):
        first, second = ent._.confidence, other._.confidence
        assert (first is None) == (second is None)
        assert first is None or abs(first - second) < TOLERANCE, (first, second)
