from collections import Counter

import pytest
import spacy

from spacy_bilstm_crf.corpora.columns import ColumnsError, read_columns

from ..conftest import corpus_folder, entities

# Our own sentences in CoNLL's format: IOB1, where B- only parts neighbours of one type.
TEXT = """-DOCSTART- -X- O O

Maria NNP I-NP I-PER
Holt NNP I-NP I-PER
left VBD I-VP O
Oslo NNP I-NP I-LOC
Bergen NNP I-NP B-LOC
. . O O

It PRP I-NP O
rained VBD I-VP O

-DOCSTART- -X- O O

Bergen NNP I-NP I-LOC
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "corpus.txt"

    def write(text, **kwargs):
        path.write_text(text, **kwargs)
        return path

    return write


@pytest.fixture
def vocab():
    return spacy.blank("xx").vocab


def test_by_sentence(file, vocab):
    docs = list(read_columns(file(TEXT), vocab, "sentence"))
    assert [doc.text.split() for doc in docs] == [
        ["Maria", "Holt", "left", "Oslo", "Bergen", "."],
        ["It", "rained"],
        ["Bergen"],
    ]
    assert entities(docs[0]) == [(0, 2, "PER"), (3, 4, "LOC"), (4, 5, "LOC")]
    assert all(doc.has_unknown_spaces for doc in docs)


def test_by_document_where_documents_are_marked(file, vocab):
    assert len(list(read_columns(file(TEXT), vocab, "auto"))) == 2
    assert len(list(read_columns(file(TEXT.replace("-DOCSTART- -X- O O", "")), vocab))) == 3


def test_by_document(file, vocab):
    docs = list(read_columns(file(TEXT), vocab, "document"))
    assert [[len(sentence) for sentence in doc.sents] for doc in docs] == [[6, 2], [1]]
    assert entities(docs[1]) == [(0, 1, "LOC")]


@pytest.mark.parametrize("change", [
    lambda text: text.replace(" ", "\t"),
    lambda text: text.replace("\n", "\r\n"),
    lambda text: "\ufeff" + text,
    lambda text: text.rstrip("\n"),
    lambda text: text.replace("I-LOC", "S-LOC").replace("B-LOC", "S-LOC"),
])  # fmt: skip
def test_tolerates_other_blanks_line_ends_and_schemes(file, vocab, change):
    docs = list(read_columns(file(change(TEXT), encoding="utf-8", newline=""), vocab, "sentence"))
    assert [entities(doc) for doc in docs][0] == [(0, 2, "PER"), (3, 4, "LOC"), (4, 5, "LOC")]
    assert len(docs) == 3


def test_words_keep_their_characters(file, vocab):
    (doc,) = read_columns(file("a\u00a0b O\n\u2028 O\nc\x85 B-X\n", encoding="utf-8"), vocab)
    assert [token.text for token in doc] == ["a\u00a0b", "\u2028", "c\x85"]


def test_unknown_tags_stay_unknown(file, vocab):
    (doc,) = read_columns(file("a -\nb O\nc B-X\nd -\n"), vocab)
    assert [token.ent_iob_ for token in doc] == ["", "O", "B", ""]


@pytest.mark.parametrize("text,match", [
    ("a O\nb X-PER\n", r"corpus.txt, line 2: tag 'X-PER' is unknown"),
    ("a x O\n\nb O\n", r"corpus.txt, line 3: expected 3 columns.*found 2: 'b O'"),
    ("a O\nNew York B-LOC\n", r"corpus.txt, line 2: expected 2 columns.*found 3"),
    ("a\n", r"corpus.txt, line 1: expected 2 columns"),
    ("", r"corpus.txt: the file holds no tokens"),
    ("\n\n-DOCSTART- O\n\n", r"corpus.txt: the file holds no tokens"),
])  # fmt: skip
def test_errors_name_file_and_line(file, vocab, text, match):
    with pytest.raises(ColumnsError, match=match):
        list(read_columns(file(text), vocab))


def test_documents_that_are_not_marked_are_not_guessed(file, vocab):
    with pytest.raises(ColumnsError, match="line 1: a token before any -DOCSTART-"):
        list(read_columns(file("a O\n"), vocab, "document"))
    with pytest.raises(ValueError, match="unit"):
        list(read_columns(file("a O\n"), vocab, "page"))


def test_other_encodings_are_an_error(file, vocab):
    with pytest.raises(ColumnsError, match="corpus.txt, line 2: not UTF-8"):
        list(read_columns(file("Anna B-PER\nMüller I-PER\n", encoding="latin-1"), vocab))


@pytest.mark.parametrize(
    "name,sentences,ents", [("train", 14041, 23499), ("dev", 3250, 5942), ("test", 3453, 5648)]
)
def test_conll2003_has_its_published_sizes(vocab, name, sentences, ents):
    docs = list(read_columns(corpus_folder("conll2003") / f"{name}.txt", vocab, "sentence"))
    assert len(docs) == sentences
    assert sum(len(doc.ents) for doc in docs) == ents
    assert set(Counter(ent.label_ for doc in docs for ent in doc.ents)) == {
        "PER",
        "LOC",
        "ORG",
        "MISC",
    }
