import gzip
import json

import pytest
import spacy
from spacy.tokens import DocBin

from spacy_bilstm_crf.suggestion.pool import read_pool

VOCAB = spacy.blank("xx").vocab


def test_records_and_folders(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.txt").write_text("Anna left.")
    (own,) = read_pool(tmp_path / "folder", VOCAB)
    assert (own.text.name, own.as_input()) == ("a", "Anna left.")
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(
        gzip.compress(b'{"text": "Anna left.", "id": 3, "source": "x"}\n{"text": ""}\n')
    )
    first, second = read_pool(path, VOCAB)
    assert first.text == ("3", "Anna left.", {"id": 3, "source": "x"})
    assert second.text == ("2", "", {})


def test_docs_keep_tokens_and_sentences_and_nothing_else(tmp_path):
    nlp = spacy.blank("xx")
    doc = nlp.make_doc("Anna left. It rained.")
    for token in doc:
        token.is_sent_start = token.i in (0, 3)
    doc.ents = [doc.char_span(0, 4, "PER")]
    doc.user_data["name"] = "diary"
    DocBin(store_user_data=True, docs=[doc, nlp.make_doc("May left")]).to_disk(tmp_path / "a.spacy")
    first, second = read_pool(tmp_path / "a.spacy", VOCAB)
    assert (first.text.name, second.text.name) == ("diary", "2")
    read = first.as_input()
    assert [sent.text for sent in read.sents] == ["Anna left.", "It rained."]
    assert not read.ents and not second.as_input().has_annotation("SENT_START")


@pytest.mark.parametrize(
    "content, message",
    [
        (b'{"text": "a"}\n{"text": 3}\n', 'a.jsonl, line 2: .*string "text"'),
        (b'{"text": "a"}\n{"te', "a.jsonl, line 2: JSONDecodeError"),
        (b'{"text": "a", "id": 1}\n{"text": "b", "id": 1}\n', "line 2: .*has the name '1' already"),
        (gzip.compress(json.dumps({"text": "a"}).encode(), mtime=0)[:-9], "a.jsonl"),
    ],
)
def test_a_damaged_pool(tmp_path, content, message):
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_pool(path, VOCAB)


def test_other_bad_pools(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_pool(tmp_path / "none.jsonl", VOCAB)
    (tmp_path / "a.spacy").write_bytes(b"?")
    with pytest.raises(ValueError, match="a.spacy can't be read"):
        read_pool(tmp_path / "a.spacy", VOCAB)
