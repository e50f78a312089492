import io
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spacy_bilstm_crf.corpora.annotated import (
    AnnotatedSpan,
    AnnotatedText,
    FormatError,
    ReadOptions,
)
from spacy_bilstm_crf.corpora.formats import token_lines

from .token_texts import spans_of, token_texts, words_of

LINE = (
    '{"id": 7, "tokens": ["Maria", "Holt", "left", "it"], "ner_tags": ["B-PER", "E-PER", "O", "-"]}'
)


@pytest.fixture
def read(tmp_path):
    def read(text, **options):
        path = tmp_path / "a.jsonl"
        path.write_text(text, encoding="utf-8")
        return list(token_lines.read(path, ReadOptions(**options)))

    return read


def written(*texts):
    file = io.StringIO()
    token_lines.write(texts, file)
    return file.getvalue()


def test_read(read):
    (text,) = read(f"\n{LINE}\n")
    assert text.text == "Maria Holt left it"
    assert spans_of(text) == [(0, 10, "PER")]
    assert text.tokens == [(0, 5), (6, 10), (11, 15), (16, 18)]
    assert (text.name, text.unknown, text.has_spaces) == ("7", [(16, 18)], False)
    assert text.place.endswith("a.jsonl, line 2")


def test_other_fields_and_plain_labels(read):
    line = json.dumps({"words": ["Maria", "Holt", "left"], "tags": ["PER", "PER", "O"]})
    assert spans_of(read(line)[0]) == [(0, 10, "PER")]
    (text,) = read('{"w": ["Oslo"], "t": ["S-LOC"]}', word_column="w", tag_column="t")
    assert spans_of(text) == [(0, 4, "LOC")]


@pytest.mark.parametrize("line,match", [
    ('{"tokens": ["a"', "line 2: not JSON"),
    ('["a"]', "line 2: expected a JSON object"),
    ('{"tokens": ["a"], "pos": ["O"]}', "line 2: no list ner_tags or tags or labels.*tokens, pos"),
    ('{"words": "a", "tags": ["O"]}', "line 2: no list tokens or words.*--word-column"),
    ('{"tokens": ["a"], "ner_tags": [0]}', "line 2: the tags are numbers.*names"),
    ('{"tokens": ["a"], "ner_tags": [null]}', "line 2: a word or a tag must be a text, found None"),
    ('{"tokens": [""], "ner_tags": ["O"]}', "line 2: a word or a tag is empty"),
    ('{"tokens": ["a", "b"], "ner_tags": ["O"]}', "line 2: 2 tokens, but 1 tags"),
    ('{"tokens": ["a"], "ner_tags": ["X-PER"]}', "line 2: tag 'X-PER' is unknown"),
])  # fmt: skip
def test_errors_name_file_and_line(read, line, match):
    with pytest.raises(FormatError, match=match):
        read(f"{LINE}\n{line}\n")


def test_detect():
    assert token_lines.detect(f"\ufeff\n{LINE}\n{LINE[:20]}")
    for head in ("", "a\tO", '{"text": "a", "spans": []}', "[1]", '{"tokens": ["a"]}', LINE[:30]):
        assert not token_lines.detect(head)


def test_write():
    text = AnnotatedText(
        "Maria  left", [AnnotatedSpan(0, 5, "PER")], name="x", tokens=[(0, 5), (6, 7), (7, 11)]
    )
    record = '{"id": "x", "tokens": ["Maria", "left"], "ner_tags": ["B-PER", "O"]}\n'
    assert written(text) == record
    with pytest.raises(FormatError, match="a text: it has no tokens"):
        written(AnnotatedText("a"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(token_texts(), min_size=1, max_size=3))
def test_round_trip(read, texts):
    found = read(written(*texts))
    for text, again in zip(texts, found, strict=True):
        assert (
            words_of(text)[:3]
            == words_of(AnnotatedText(again.text, again.spans, tokens=again.tokens, sentences=[0]))[
                :3
            ]
        )
