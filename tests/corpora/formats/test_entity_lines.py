import json

import pytest

from spacy_bilstm_crf.corpora.annotated import AnnotatedSpan, AnnotatedText, FormatError
from spacy_bilstm_crf.corpora.formats import entity_lines

from .span_texts import read, write

ANA = {"start": 0, "end": 3, "label": "PER"}


def test_read(tmp_path):
    path = tmp_path / "a.jsonl"
    record = {"name": "x", "text": "Ana left.", "ents": [{**ANA, "confidence": 0.5}, ANA]}
    path.write_text(json.dumps({**record, "input": {"id": 1}}) + "\n")
    assert entity_lines.detect(path.read_text())
    place = f"{path}, line 1"
    spans = [AnnotatedSpan(0, 3, "PER", place, 0.5), AnnotatedSpan(0, 3, "PER", place)]
    assert read(entity_lines, path) == [AnnotatedText("Ana left.", spans, name="x", place=place)]


@pytest.mark.parametrize(
    "record, message",
    [
        ({"ents": []}, "'text' must be a text"),
        ({"text": "Ana"}, "'ents' must be a list"),
        ({"text": "Ana", "ents": [[0, 3, "PER"]]}, "expected a JSON object"),
        ({"text": "Ana", "ents": [{**ANA, "end": 4}]}, "goes from 0 to 4, the text to 3"),
        ({"text": "Ana", "ents": [{**ANA, "confidence": 2}]}, "a number from 0 to 1, found 2"),
    ],
)
def test_bad_records(tmp_path, record, message):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a", "ents": []}\n' + json.dumps(record))
    with pytest.raises(FormatError, match=f"{path}, line 2: .*{message}"):
        read(entity_lines, path)


def test_write():
    texts = [
        AnnotatedText("Ana", [AnnotatedSpan(0, 3, "PER", confidence=0.5)], name="7"),
        AnnotatedText("Zoë"),
    ]
    assert write(entity_lines, texts) == (
        '{"name": "7", "text": "Ana", "ents": [{"start": 0, "end": 3, "label": "PER", '
        '"text": "Ana", "confidence": 0.5}]}\n{"text": "Zoë", "ents": []}\n'
    )
    with pytest.raises(FormatError, match="a line of entities can't say so"):
        write(entity_lines, [AnnotatedText("Ana", unknown=[(0, 3)])])
