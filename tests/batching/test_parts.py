from unittest.mock import patch

from spacy.tokens import Doc
from spacy.vocab import Vocab

from spacy_bilstm_crf.batching.parts import parts


@patch("spacy_bilstm_crf.batching.parts._PART", 10)
def test_parts_have_about_as_many_tokens():
    docs = [Doc(Vocab(), words=["a"] * n) for n in (4, 0, 5, 3, 25, 1)]
    found = list(parts(docs))
    assert [doc for part in found for doc in part] == docs
    assert [[len(doc) for doc in part] for part in found] == [[4, 0, 5], [3], [25, 1]]
    assert list(parts([])) == []
