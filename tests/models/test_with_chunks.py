"""Long docs are encoded in pieces, and come out as if they had been read whole."""

import numpy as np
import pytest
from spacy.tokens import Doc

from spacy_bilstm_crf.batching import chunks

from ..conftest import make_examples, small_nlp


@pytest.mark.parametrize("marked", [False, True])
def test_long_docs_in_pieces_are_read_as_a_whole(monkeypatch, marked):
    nlp = small_nlp(max_length=10, overlap=2)
    nlp.initialize(lambda: make_examples(nlp))
    words = [f"w{i % 7}" for i in range(97)]
    starts = [i % 9 == 0 for i in range(97)] if marked else None
    docs = [
        Doc(nlp.vocab, words=words, sent_starts=starts),
        Doc(nlp.vocab, words=["Paris"]),
        Doc(nlp.vocab),
    ]
    model = nlp.get_pipe("ner").model
    whole = model.predict(docs).by_doc()
    monkeypatch.setattr(chunks, "CHUNK", 20)
    monkeypatch.setattr("spacy_bilstm_crf.models.with_chunks.CHUNK", 20)
    for one, other in zip(whole, model.predict(docs).by_doc(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
