import pytest
import spacy


def nlp_with(min_length=1):
    nlp = spacy.blank("ru")
    nlp.add_pipe("line_sentencizer", config={"min_length": min_length})
    return nlp


@pytest.mark.parametrize(
    "min_length,expected",
    [
        (1, ["\n", "A b\n", "c d e \n\n", "- f\r\n", "g"]),
        (4, ["\nA b\n", "c d e \n\n", "- f\r\ng"]),
        (99, ["\nA b\nc d e \n\n- f\r\ng"]),
    ],
)
def test_sentences_begin_after_line_ends(min_length, expected):
    doc = nlp_with(min_length)("\nA b\nc d e \n\n- f\r\ng")
    assert [sent.text for sent in doc.sents] == expected


def test_other_text_and_other_peoples_sentences():
    nlp = nlp_with()
    assert len(list(nlp("").sents)) == 0
    assert [len(sent) for sent in nlp("one line").sents] == [2]
    doc = nlp.make_doc("a b\nc")
    for token in doc:
        token.is_sent_start = token.i == 1
    assert [sent.text for sent in nlp(doc).sents] == ["a", "b\nc"]


def test_is_configured_and_saved(tmp_path):
    nlp_with(4).to_disk(tmp_path)
    assert spacy.load(tmp_path).get_pipe("line_sentencizer").min_length == 4
    with pytest.raises(ValueError, match="min_length"):
        nlp_with(0)
