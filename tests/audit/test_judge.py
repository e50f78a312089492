import json

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
    assert mean([judged, judged]).spans == pytest.approx(judged.spans)
    assert mean([judged, judged]).nothing == pytest.approx(judged.nothing)


def test_mean_of_spans_that_one_leaves_out():
    """Nothing is probable there, unless another entity is."""
    one = Judgement(
        {(0, 2, "PER"): 0.4, (4, 5, "LOC"): 0.3}, {(0, 2, "PER"): 0.55, (4, 5, "LOC"): 0.7}
    )
    two = Judgement({(0, 1, "LOC"): 0.9}, {(0, 1, "LOC"): 0.05})
    both = mean([one, two])
    assert both.spans == pytest.approx(
        {(0, 1, "LOC"): 0.45, (0, 2, "PER"): 0.2, (4, 5, "LOC"): 0.15}
    )
    assert both.nothing == pytest.approx(
        {(0, 1, "LOC"): (0.6 + 0.05) / 2, (0, 2, "PER"): (0.55 + 0.1) / 2, (4, 5, "LOC"): 0.85}
    )
    assert mean([two, Judgement({}, {})]).nothing == pytest.approx({(0, 1, "LOC"): (0.05 + 1) / 2})
