import numpy as np
import pytest

from spacy_bilstm_crf.pipeline.candidates import candidate_spans
from spacy_bilstm_crf.suggestion.doubt import doubtful_spans


@pytest.mark.parametrize("least", [0.05, 0.3])
def test_either_answer_is_probable(trained, least):
    trained.get_pipe("ner").cfg["temperature"] = 4.0
    docs = [trained.make_doc(text) for text in ("Anna saw Jordan .", "Paris Smith is far")]
    tags = trained.get_pipe("ner").distribution(docs)
    every, p = candidate_spans(tags, 0.01)
    expected = [(*span, own) for *span, own in zip(*every, p) if min(own, 1 - own) >= least]
    spans, probabilities = doubtful_spans(tags, least)
    assert 0 < len(probabilities) < len(p)
    np.testing.assert_allclose(np.stack([*spans, probabilities], axis=1), expected)
