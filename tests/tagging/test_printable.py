from spacy_bilstm_crf.tagging.printable import printable


def test_what_is_printable():
    assert printable("a\x00\x7f\x85\u2028\u2066\ud800ж👩‍👧\u200f") == (
        r"a\x00\x7f\x85\u2028\u2066\ud800" + "ж👩‍👧\u200f"
    )
    assert printable("a\tb\nc", keep="\n") == "a\\tb\nc"
