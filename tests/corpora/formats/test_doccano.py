import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_bilstm_crf.corpora.annotated import AnnotatedSpan, AnnotatedText, FormatError
from spacy_bilstm_crf.corpora.formats import doccano

from .span_texts import plain, read, texts, write, write_file


@pytest.mark.parametrize(
    "record",
    [
        {"id": 4, "text": "Ana left.", "label": [[0, 3, "PER"]], "Comments": []},
        {"id": "4", "data": "Ana left.", "labels": [[0, 3, "PER"]]},
        {
            "id": 4,
            "text": "Ana left.",
            "entities": [{"id": 1, "label": "PER", "start_offset": 0, "end_offset": 3}],
            "relations": [],
        },
    ],
)
def test_kinds(tmp_path, record):
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(record) + "\n")
    place = f"{path}, line 1"
    assert doccano.detect(path.read_text())
    assert read(doccano, path) == [
        AnnotatedText("Ana left.", [AnnotatedSpan(0, 3, "PER", place)], name="4", place=place)
    ]


@pytest.mark.parametrize(
    "record, message",
    [
        ({"label": []}, "'text' must be a text"),
        ({"text": "It rained."}, "none of 'label', 'labels' and 'entities'"),
        ({"text": "It rained.", "label": None}, "none of 'label', 'labels' and 'entities'"),
        ({"text": "It rained.", "label": ["weather"]}, "expected a span, .* found 'weather'"),
        ({"text": "It rained.", "label": "weather"}, "'label' must be a list, found 'weather'"),
        ([1], r"expected a JSON object, found \[1\]"),
    ],
)
def test_bad_records(tmp_path, record, message):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a", "label": []}\n\n' + json.dumps(record))
    with pytest.raises(FormatError, match=f"{path}, line 3: .*{message}"):
        read(doccano, path)


def test_write():
    ana = AnnotatedSpan(0, 3, "PER", confidence=0.5)
    named, nameless = AnnotatedText("Ana", [ana], name="7"), AnnotatedText("Zoë")
    assert write(doccano, [named, nameless]) == (
        '{"id": "7", "text": "Ana", "label": [[0, 3, "PER"]]}\n{"text": "Zoë", "label": []}\n'
    )
    with pytest.raises(FormatError, match="doccano's JSON lines can't say so"):
        write(doccano, [AnnotatedText("Ana", unknown=[(0, 3)])])


@given(st.lists(texts(), min_size=1, max_size=3))
def test_round_trip(tmp_path_factory, written):
    path = write_file(doccano, tmp_path_factory.getbasetemp() / "a.jsonl", written)
    back = read(doccano, path)
    assert [text.text for text in back] == [text.text for text in written]
    assert [plain(text.spans) for text in back] == [plain(text.spans) for text in written]
