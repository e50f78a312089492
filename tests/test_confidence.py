"""Confidences and the scores of spans survive what spaCy does with docs."""

import json
import pickle

import pytest
from spacy.tokens import Doc, DocBin

from .conftest import TRAIN

TEXT = TRAIN[0][0]


@pytest.fixture
def nlp(trained):
    trained.get_pipe("ner").cfg.update(confidence="spans", spans_threshold=0.02)
    return trained


def scores(doc):
    group = doc.spans["bilstm_crf_ner"]
    return [
        [(ent.label_, ent._.confidence) for ent in doc.ents],
        [(span.label_, float(p)) for span, p in zip(group, group.attrs["scores"])],
    ]


def through_doc_bin(doc, **settings):
    data = DocBin(docs=[doc], **settings).to_bytes()
    return next(DocBin().from_bytes(data).get_docs(doc.vocab))


@pytest.mark.parametrize(
    "way",
    [
        lambda doc: Doc(doc.vocab).from_bytes(doc.to_bytes()),
        lambda doc: pickle.loads(pickle.dumps(doc)),
        lambda doc: doc.copy(),
        lambda doc: through_doc_bin(doc, store_user_data=True),
    ],
)
def test_all_survives(nlp, way):
    doc = nlp(TEXT)
    before = scores(doc)
    assert len(before[0]) == 2 and None not in dict(before[0]).values() and len(before[1]) >= 2
    assert scores(way(doc)) == before


def test_a_doc_bin_without_user_data_has_the_scores_of_spans_alone(nlp):
    doc = nlp(TEXT)
    ents, spans = scores(through_doc_bin(doc))
    assert [p for _, p in ents] == [None, None] and spans == scores(doc)[1]


def test_json_has_the_confidences_alone(nlp):
    """spaCy's JSON has no place for what a group of spans has beside these."""
    doc = nlp(TEXT)
    record = json.loads(json.dumps(doc.to_json(underscore=["confidence"])))
    own = record["underscore_span"]["confidence"]
    assert [(e["start"], e["end"], *e["value"]) for e in own] == [
        (e.start_char, e.end_char, e.label_, e._.confidence) for e in doc.ents
    ]
    again = Doc(nlp.vocab).from_json(record)
    assert [e._.confidence for e in again.ents] == [e._.confidence for e in doc.ents]
    assert "scores" not in again.spans["bilstm_crf_ner"].attrs


@pytest.mark.slow
def test_spans_come_back_from_other_processes(nlp):
    texts = [text for text, _ in TRAIN]
    for own, other in zip(nlp.pipe(texts), nlp.pipe(texts, n_process=2), strict=True):
        for ours, others in zip(scores(own), scores(other), strict=True):
            assert [p for _, p in ours] == pytest.approx([p for _, p in others], abs=1e-5)
