import numpy as np
import pytest

from spacy_bilstm_crf.pipeline.uncertainty import Uncertainty
from spacy_bilstm_crf.suggestion.score import Score

UNSURE = Uncertainty(
    n_tokens=np.array([2, 0]),
    best=np.log([0.5, 1.0]),
    second=np.array([np.log(0.3), -np.inf]),
    entropy=np.array([0.8, 0.0]),
    errors=np.array([0.6, 0.0]),
)


@pytest.mark.parametrize(
    "score, expected",
    [("mnlp", np.log(2) / 2), ("entropy", 0.4), ("margin", 0.8), ("errors", 0.3)],
)
def test_scores_rise_with_what_there_is_to_learn(score, expected):
    np.testing.assert_allclose(Score(score).of(UNSURE), [expected, 0.0])
