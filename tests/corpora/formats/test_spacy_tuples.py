import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_bilstm_crf.corpora.annotated import AnnotatedSpan, AnnotatedText, FormatError
from spacy_bilstm_crf.corpora.formats import spacy_tuples

from .span_texts import plain, read, texts, write, write_file

PAIR = ["Ana left.", {"entities": [[0, 3, "PER"]]}]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.json"

    def make(value, indent=None):
        path.write_text(json.dumps(value, indent=indent))
        return path

    return make


def test_list(file):
    path = file([["It rained.", {"entities": []}], PAIR], indent=1)
    first, second = read(spacy_tuples, path)
    place = f"{path}, line 8, item 2"
    assert (first.text, first.spans) == ("It rained.", [])
    assert second == AnnotatedText("Ana left.", [AnnotatedSpan(0, 3, "PER", place)], place=place)


def test_annotator_tool(file):
    path = file({"classes": ["PER"], "annotations": [None, PAIR]})
    assert spacy_tuples.detect(path.read_text())
    (text,) = read(spacy_tuples, path)
    assert plain(text.spans) == [(0, 3, "PER")]
    assert text.place == f"{path}, item 2 of 'annotations'"
    with pytest.raises(FormatError, match="holds no texts"):
        read(spacy_tuples, file({"classes": [], "annotations": [None]}))


@pytest.mark.parametrize(
    "value, message",
    [
        (["Ana left."], "line 1, item 1: expected .text, .*found 'Ana left.'"),
        ([["Ana left.", [[0, 3, "PER"]]]], "line 1, item 1: expected .text"),
        ([[3, {"entities": []}]], "the text must be a text, found 3"),
        ([["Ana left.", {"cats": {}}]], "no 'entities'. Give an empty list"),
        ([["Ana", {"entities": ["U-PER"]}]], "expected a span, .*found 'U-PER'"),
        ({"classes": []}, "line 1: the field 'annotations' must be a list, found None"),
        ("Ana", "line 1: expected a JSON array, found '\"Ana\"'"),
        ([], "holds no texts"),
    ],
)
def test_bad_files(file, value, message):
    path = file(value)
    with pytest.raises(FormatError, match=f"{path}.*{message}"):
        read(spacy_tuples, path)


@pytest.mark.parametrize(
    "text, message",
    [
        ('[\n["a", {"entities": []}]\n["b"', "line 3: expected ',' or ']' after item 1"),
        ('[\n["a", {"entities": []}],\n]', "line 3: not JSON"),
        ('[\n["a", {"entities": []}],\n["b",\n', "line 4: not JSON"),
        ('[["a", {"entities": []}]]\n\n]', "line 3: expected the end of the file"),
        ("[" * 100_000, "line 1: JSON that can't be read"),
        (f"[{'1' * 10_000}]", "line 1: JSON that can't be read"),
    ],
)
def test_damaged_json(tmp_path, text, message):
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(FormatError, match=f"{path}, {message}"):
        read(spacy_tuples, path)


def test_write():
    ana = AnnotatedSpan(0, 3, "PER", confidence=0.5)
    assert write(spacy_tuples, [AnnotatedText("Ana", [ana]), AnnotatedText("Zoë")]) == (
        '[\n["Ana", {"entities": [[0, 3, "PER"]]}],\n["Zoë", {"entities": []}]\n]\n'
    )
    assert write(spacy_tuples, []) == "[]\n"
    with pytest.raises(FormatError, match="training data of spaCy 2 can't say so"):
        write(spacy_tuples, [AnnotatedText("Ana", unknown=[(0, 3)])])


@given(st.lists(texts(), min_size=1, max_size=3))
def test_round_trip(tmp_path_factory, written):
    path = write_file(spacy_tuples, tmp_path_factory.getbasetemp() / "a.json", written)
    back = read(spacy_tuples, path)
    assert [text.text for text in back] == [text.text for text in written]
    assert [plain(text.spans) for text in back] == [plain(text.spans) for text in written]
