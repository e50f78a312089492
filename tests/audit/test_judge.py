import json

import numpy as np
import pytest

from spacy_bilstm_crf.audit.judge import LEAST, Judgement, judge, mean

from .conftest import document

TEXT = "Anna Smith lives in Paris ."


@pytest.fixture
def docs():
    wrong = document(TEXT, ("Anna", "LOC"), ("Paris", "LOC"), name="wrong")
    return [document("", name="empty").doc, wrong.doc, document("It rained all day .").doc]


def test_probabilities_are_those_of_the_pipeline(trained, docs):
    empty, judged, nothing = judge(trained, docs)
    assert empty == Judgement({}, {})
    pipe = trained.get_pipe("ner")
    analyses = pipe.n_best(trained.make_doc(TEXT), 1000)
    for (start, end, label), p in judged.spans.items():
        expected = sum(
            q
            for q, ents in analyses
            if (start, end, label) in [(e.start, e.end, e.label_) for e in ents]
        )
        assert p == pytest.approx(expected, abs=1e-4)
        free = sum(
            q for q, ents in analyses if not any(e.start < end and start < e.end for e in ents)
        )
        assert judged.nothing[start, end, label] == pytest.approx(free, abs=1e-4)
    assert judged.spans[0, 2, "PER"] > 0.5 > judged.spans[0, 1, "LOC"]
    assert {(0, 1, "LOC"), (4, 5, "LOC")} <= set(judged.spans)
    assert all(p >= LEAST for key, p in judged.spans.items() if key != (0, 1, "LOC"))
    assert set(judged.nothing) == set(judged.spans)
    assert all(p < 0.5 for p in nothing.spans.values())


def test_entities_across_sentences_have_probabilities(trained):
    text = document(TEXT, ("Anna Smith", "PER"), sentences=[0, 5])
    (judged,) = judge(trained, [text.doc])
    assert judged.spans[0, 2, "PER"] > 0.0


def test_records_and_means(trained, docs):
    _, judged, _ = judge(trained, docs)
    assert Judgement.from_record(json.loads(json.dumps(judged.to_record()))) == judged
    other = Judgement({(0, 2, "PER"): 0.2}, {(0, 2, "PER"): 0.8})
    both = mean([judged, other])
    assert both.spans[0, 2, "PER"] == pytest.approx(judged.spans[0, 2, "PER"] / 2 + 0.1)
    assert both.spans[4, 5, "LOC"] == pytest.approx(judged.spans[4, 5, "LOC"] / 2)
    assert np.isclose(both.nothing[0, 2, "PER"], judged.nothing[0, 2, "PER"] / 2 + 0.4)
