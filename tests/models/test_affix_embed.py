"""Embeddings of prefixes and suffixes."""

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc

from spacy_bilstm_crf.models import AffixEmbed


def test_words_that_share_affixes():
    model = AffixEmbed(width=3, rows=5000, lengths=[2, 3])
    vocab = spacy.blank("xx").vocab
    docs = [Doc(vocab, words=["Moscow", "Mostar", "low", "w"]), Doc(vocab)]
    model.initialize(X=docs)
    rows, none = model.predict(docs)
    assert rows.shape == (4, 12) and none.shape == (0, 12)
    prefix2, suffix2, prefix3, suffix3 = (rows[:, i : i + 3] for i in range(0, 12, 3))
    assert np.array_equal(prefix2[0], prefix2[1]) and np.array_equal(prefix3[0], prefix3[1])
    assert np.array_equal(suffix2[0], suffix2[2]) and not np.allclose(suffix3[0], suffix3[2])
    assert not np.allclose(prefix2[3], suffix2[3])


@pytest.mark.parametrize("lengths", [[], [0, 2]])
def test_errors(lengths):
    with pytest.raises(ValueError, match="at least one character"):
        AffixEmbed(lengths=lengths)
