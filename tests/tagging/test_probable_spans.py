"""All probable spans, of pipelines of several kinds."""

import pytest
import spacy
from spacy.tokens import SpanGroup

from spacy_bilstm_crf.tagging.probable_spans import gives_spans, probable_spans, spans_above


def test_settings_are_as_before_afterwards(trained):
    cfg = trained.get_pipe("ner").cfg
    before = dict(cfg)
    with pytest.raises(KeyError), spans_above(trained, 0.02):
        assert (cfg["confidence"], cfg["spans_threshold"]) == ("spans", 0.02)
        raise KeyError
    assert cfg == before and gives_spans(trained)


def test_groups_with_scores_count(trained):
    doc = trained.make_doc("a b c")
    spans = [doc[1:3], doc[0:1]]
    doc.spans["scored"] = SpanGroup(doc, spans=spans, attrs={"scores": [0.5, 0.75]})
    doc.spans["ruled"] = [doc[2:3]]
    assert probable_spans(doc, 0.5) == [(doc[0:1], 0.75), (doc[1:3], 0.5)]
    assert probable_spans(doc, 0.6) == [(doc[0:1], 0.75)]


def test_other_pipelines():
    nlp = spacy.blank("xx")
    nlp.add_pipe("entity_ruler")
    assert not gives_spans(nlp)
    nlp.add_pipe("spancat")
    assert gives_spans(nlp)
    with spans_above(nlp, 0.5):
        pass
