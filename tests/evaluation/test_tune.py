"""What documents say of thresholds, and the settings that come of it."""

import numpy as np
import pytest

from spacy_bilstm_crf.evaluation.held_out import HeldOut, read_held_out
from spacy_bilstm_crf.evaluation.tune import Document, measure, read_documents, tune

from ..conftest import make_examples


def test_entities_are_found_from_their_least_covered_token(trained, tmp_path):
    ner = trained.get_pipe("ner")
    ner.cfg["temperature"] = 8.0  # so that many spans are probable
    examples = make_examples(trained)
    held_out = HeldOut(tmp_path, examples, np.array([0, 0, 1, 2]))
    documents = read_documents(trained, "ner", held_out)
    by_token = read_documents(trained, "ner", held_out, count="tokens")
    assert [len(own.found_at) for own in documents] == [3, 1, 0]
    assert [len(own.found_at) for own in by_token] == [4, 1, 0]
    with ner.cfg.changed(confidence="spans", spans_threshold=0.01):
        doc = trained(examples[0].predicted.copy())
    spans = list(zip(doc.spans["bilstm_crf_ner"], doc.spans["bilstm_crf_ner"].attrs["scores"]))
    best = [max(p for span, p in spans if span.start <= i < span.end) for i in range(len(doc))]
    np.testing.assert_allclose(documents[0].found_at[:2], [min(best[:2]), best[4]])
    np.testing.assert_allclose(by_token[0].found_at[:3], [*best[:2], best[4]])
    # doc.ents at a threshold are those at the least one that are as probable.
    for threshold in (0.05, 0.2, 0.5):
        with ner.cfg.changed(threshold=threshold):
            found = [trained(eg.predicted.copy()) for eg in examples]
        scores = np.concatenate([own.scores for own in documents])
        assert sum(len(own.ents) for own in found) == (scores >= threshold).sum()


def test_tuned_settings_do_what_they_promise(trained, dev):
    ner = trained.get_pipe("ner")
    held_out = read_held_out(trained, ner, dev)
    before = dict(ner.cfg)
    settings, measured = tune(trained, held_out, recall=0.9)
    assert dict(ner.cfg) == before
    threshold = settings["threshold"]
    assert settings["spans_threshold"] == threshold and settings["confidence"] == "spans"
    assert settings["promise"] == {
        "of": "recall",
        "at_least": 0.9,
        "confidence": None,
        "count": "entities",
        "documents": sum(len(eg.reference.ents) > 0 for eg in held_out.examples),
        "data": "dev.spacy",
        "measured": 1.0,
        "threshold": threshold,
        "temperature": 1.0,
    }
    ner.cfg.update(settings)
    docs = [trained(eg.predicted.copy()) for eg in held_out.examples]
    for doc, eg in zip(docs, held_out.examples):
        covered = {i for span in doc.spans["bilstm_crf_ner"] for i in range(span.start, span.end)}
        assert all(set(range(ent.start, ent.end)) <= covered for ent in eg.reference.ents)
    gold = [{(e.start, e.end, e.label_) for e in eg.reference.ents} for eg in held_out.examples]
    found = [(e.start, e.end, e.label_) in own for doc, own in zip(docs, gold) for e in doc.ents]
    assert measured == {"found": 1.0, "precision": pytest.approx(np.mean(found)), "before": 1.0}


def test_precision(trained, dev):
    held_out = read_held_out(trained, trained.get_pipe("ner"), dev)
    settings, _ = tune(trained, held_out, precision=0.5, confidence=0.9)
    assert set(settings) == {"threshold", "promise"} and settings["promise"]["of"] == "precision"
    with pytest.raises(ValueError, match="no threshold for precision 0.99"):
        tune(trained, held_out, precision=0.99, confidence=0.9)


def test_nothing_to_count():
    nothing = Document(np.zeros(0), np.zeros(0), np.zeros(0, dtype=bool))
    assert measure([nothing], 0.5) == {"found": None, "precision": None}


@pytest.mark.parametrize(
    "options, message",
    [
        ({}, "--recall or --precision, one of the two"),
        ({"recall": 0.9, "precision": 0.9}, "one of the two"),
        ({"recall": 1.0}, "--recall must be above 0 and below 1, got 1. Nobody can promise"),
        ({"precision": 0.0, "confidence": 0.9}, "--precision must be above 0"),
        ({"precision": 0.9}, "with a --confidence"),
        ({"recall": 0.9, "confidence": 1.0}, "--confidence must be above 0 and below 1"),
        ({"recall": 0.9, "count": "words"}, "--count must be entities or tokens, got 'words'"),
        ({"recall": 0.99}, "documents are too few to promise recall 0.99.*99 with"),
    ],
)
def test_wrong_options_are_told(trained, dev, options, message):
    held_out = read_held_out(trained, trained.get_pipe("ner"), dev)
    with pytest.raises(ValueError, match=message):
        tune(trained, held_out, **options)
