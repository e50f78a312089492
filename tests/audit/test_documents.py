import pytest
from spacy.lang.xx import MultiLanguage

from spacy_bilstm_crf.audit.documents import make_documents, read_texts
from spacy_bilstm_crf.corpora.annotated import FormatError, ReadOptions

COLUMNS = "-DOCSTART- O\n\nAnna B-PER\nsleeps O\n\n\nOslo B-LOC\n\n-DOCSTART- O\n\nNobody O\n"


def read(path):
    return make_documents(read_texts(path, ReadOptions()), MultiLanguage())


def test_documents_are_whole_and_sentences_have_lines(tmp_path):
    for name in ("train", "test"):
        (tmp_path / f"{name}.txt").write_text(COLUMNS)
    documents = read(tmp_path)
    assert [document.split for document in documents] == ["train", "train", "test", "test"]
    first = documents[0]
    assert first.file == str(tmp_path / "train.txt") and first.text.text == "Anna sleeps Oslo"
    assert first.sentences == [(0, 11, 0, 2, 3), (12, 16, 2, 3, 7)]
    assert documents[1].sentences[0].line == 11
    assert len({(document.file, document.name) for document in documents}) == 4


def test_names_are_of_one_text_each(tmp_path):
    path = tmp_path / "a.jsonl"
    line = '{"text": "Anna sleeps", "entities": [[0, 4, "PER"]], "id": 7}\n'
    path.write_text(2 * line)
    documents = read(path)
    assert len({document.name for document in documents}) == 2
    assert [document.sentences[0].line for document in documents] == [1, 2]


def test_nothing_to_audit(tmp_path):
    (tmp_path / "a.txt").write_text("Nobody O\nsleeps O\n\n")
    with pytest.raises(FormatError, match="no entities"):
        read_texts(tmp_path / "a.txt", ReadOptions())
