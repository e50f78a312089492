"""Texts are compared with those of an earlier run, also where the output has not all of them."""

import pytest

from spacy_bilstm_crf.tagging.texts import Text, check_unchanged, digest, stamp, without

TEXT = "Anna met Bo\N{PILE OF POO} in Oslo"
HIDDEN = [(0, 4), (9, 12)]


def test_without():
    assert without(TEXT, HIDDEN) == " met  in Oslo"
    assert without(TEXT, []) == TEXT
    assert without(TEXT, [(0, len(TEXT))]) == ""


def test_a_stamp_tells_texts_apart_but_for_what_is_hidden():
    own = stamp(without(TEXT, HIDDEN), len(TEXT), HIDDEN)
    check_unchanged(Text("a", TEXT), own)
    check_unchanged(Text("a", TEXT.replace("Anna", "Lisa")), own)  # it must not tell
    for changed in [TEXT + ".", TEXT.replace("Anna", "Ann"), TEXT.replace("met", "saw"), "", "An"]:
        with pytest.raises(ValueError, match="another text than the input under the name 'a'"):
            check_unchanged(Text("a", changed), own)


def test_where_nothing_is_hidden_a_stamp_is_the_digest():
    assert stamp(TEXT, len(TEXT), []) == digest(TEXT)
    whole = stamp("", 4, [(0, 4)])
    check_unchanged(Text("a", "Anna"), whole)
    with pytest.raises(ValueError, match="another text"):
        check_unchanged(Text("a", "Ann"), whole)
