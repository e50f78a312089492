"""Memory over many texts."""

import spacy

from spacy_bilstm_crf.tagging import memory
from spacy_bilstm_crf.tagging.memory import BoundedMemory


def test_words_of_the_first_texts_stay_and_later_ones_are_forgotten(monkeypatch):
    monkeypatch.setattr(memory, "_KEPT_CHARACTERS", 10)
    monkeypatch.setattr(memory, "_ZONE_CHARACTERS", 10)
    nlp = spacy.blank("en")
    own = BoundedMemory(nlp)
    for text in ("Abcde fgh", "ijk", "lmno pqr", "stu", "vwx"):
        own.enter(len(text))
        nlp(text)
    # The first two are in no zone, the next two in one, the last in another.
    known = [word in nlp.vocab.strings for word in ("Abcde", "ijk", "lmno", "stu", "vwx")]
    assert known == [True, True, False, False, True]
    own.close()
    assert "vwx" not in nlp.vocab.strings
    assert not nlp.vocab.in_memory_zone
