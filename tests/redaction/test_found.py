import pytest
import spacy
from spacy.tokens import SpanGroup

from spacy_bilstm_crf.redaction import Found, find
from spacy_bilstm_crf.redaction.found import finds_entities, gives_probabilities
from spacy_bilstm_crf.tagging.probable_spans import spans_above

from ..conftest import TRAIN


def test_entities_and_probable_spans(trained):
    doc = trained(TRAIN[0][0])
    alone = find(doc)
    assert [own[:3] for own in alone] == [(0, 10, "PER"), (20, 25, "LOC")]
    assert all(own.probability > 0.5 and own.reason == "entity" for own in alone)
    spans = [doc.char_span(0, 10, "PER"), doc.char_span(5, 16, "PER"), doc.char_span(0, 4, "LOC")]
    doc.spans["any"] = SpanGroup(doc, spans=spans, attrs={"scores": [0.7, 0.3, 0.2]})
    assert find(doc) == [
        *alone,
        Found(0, 4, "LOC", 0.2, "probable span"),
        Found(5, 16, "PER", 0.3, "probable span"),
    ]
    assert find(doc, 0.3) == [*alone, Found(5, 16, "PER", 0.3, "probable span")]


def test_entities_of_rules_have_no_probability_but_that_of_their_span(trained):
    ruler = trained.add_pipe("entity_ruler", before="ner")
    ruler.add_patterns([{"label": "PER", "pattern": "Anna Smith"}])
    doc = trained(TRAIN[0][0])
    assert find(doc)[0] == Found(0, 10, "PER", None, "entity")
    doc.spans["any"] = SpanGroup(doc, spans=[doc.ents[0]], attrs={"scores": [0.25]})
    assert find(doc)[0] == Found(0, 10, "PER", 0.25, "entity")


def test_what_pipelines_give(trained):
    assert finds_entities(trained) and gives_probabilities(trained, None)
    cfg = trained.get_pipe("ner").cfg
    cfg["confidence"] = "off"
    assert not gives_probabilities(trained, None) and gives_probabilities(trained, 0.5)
    cfg["threshold"] = 0.5
    assert gives_probabilities(trained, None)
    rules = spacy.blank("xx")
    assert not finds_entities(rules)
    rules.add_pipe("entity_ruler")
    assert finds_entities(rules) and not gives_probabilities(rules, 0.5)
    rules.add_pipe("spancat")
    assert gives_probabilities(rules, None)


@pytest.mark.parametrize("threshold, least", [(None, 0.1), (0.05, 0.05)])
def test_the_threshold_of_the_component_counts(trained, threshold, least):
    cfg = trained.get_pipe("ner").cfg
    cfg["threshold"] = threshold
    with spans_above(trained, None):
        assert cfg["spans_threshold"] == least
        assert cfg["confidence"] == ("entities" if threshold is None else "spans")
    assert (cfg["confidence"], cfg["spans_threshold"]) == ("entities", 0.1)
