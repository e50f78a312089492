import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_bilstm_crf.corpora.annotated import AnnotatedSpan, AnnotatedText, FormatError
from spacy_bilstm_crf.corpora.formats import prodigy

from .span_texts import plain, read, scored, texts, tokens, write, write_file

ANA = {"start": 0, "end": 3, "label": "PER", "token_start": 0, "token_end": 0}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.jsonl"

    def make(*records):
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
        return path

    return make


def test_accepted(file):
    record = {
        "text": "Ana left.",
        "_input_hash": 12,
        "tokens": [
            {"text": "Ana", "start": 0, "end": 3, "id": 0, "ws": True},
            {"text": "left", "start": 4, "end": 8, "id": 1, "ws": False},
        ],
        "spans": [{**ANA, "score": 0.5}],
        "meta": {"id": 7, "doc": "diary"},
        "answer": "accept",
    }
    path = file(record)
    (text,) = read(prodigy, path)
    place = f"{path}, line 1"
    assert text == AnnotatedText(
        "Ana left.",
        [AnnotatedSpan(0, 3, "PER", place, 0.5)],
        name="7",
        place=place,
        source="diary",
        tokens=[(0, 3), (4, 8)],
    )


def test_rejected_spans_are_wrong_and_the_rest_is_unknown(file):
    (text,) = read(prodigy, file({"text": "Ana left.", "spans": [ANA], "answer": "reject"}))
    assert (text.spans, plain(text.wrong), text.unknown) == ([], [(0, 3, "PER")], [(0, 9)])


def test_ignored_are_left_out(file):
    ignored = {"text": "It rained.", "spans": [], "answer": "ignore"}
    (text,) = read(prodigy, file(ignored, {"text": "Ana left.", "spans": [ANA]}))
    assert (text.text, text.place[-6:]) == ("Ana left.", "line 2")
    with pytest.raises(FormatError, match="holds no texts"):
        read(prodigy, file(ignored))


def test_accepted_without_spans_has_no_entities(file):
    (text,) = read(prodigy, file({"text": "It rained.", "answer": "accept"}))
    assert (text.spans, text.unknown) == ([], [])


@pytest.mark.parametrize(
    "record, message",
    [
        ({"spans": []}, "'text' must be a text, found None"),
        ({"text": "It rained."}, "neither 'spans' nor 'answer'"),
        ({"text": "It rained.", "answer": "maybe"}, "must be one of .* found 'maybe'"),
        ({"text": "Ana left.", "spans": {}}, "'spans' must be a list, found {}"),
        ({"text": "Ana left.", "spans": [], "meta": 3}, "'meta': expected a JSON object, found 3"),
        ({"text": "Ana left.", "spans": [], "tokens": 3}, "'tokens' must be a list"),
        ({"text": "Ana left.", "spans": [], "tokens": [{"start": 4}]}, "whole numbers"),
        (
            {
                "text": "Ana left.",
                "spans": [],
                "tokens": [{"start": 0, "end": 3}, {"start": 2, "end": 4}],
            },
            "a token starts at 2, before the last one ends",
        ),
    ],
)
def test_bad_records(file, record, message):
    path = file({"text": "It rained.", "spans": []}, record)
    with pytest.raises(FormatError, match=f"{path}, line 2.*{message}"):
        read(prodigy, path)


def test_write():
    spans = [AnnotatedSpan(0, 3, "PER", confidence=0.5), AnnotatedSpan(1, 8, "X")]
    text = AnnotatedText("Ana left.", spans, name="a", source="b", tokens=[(0, 3), (4, 8)])
    assert json.loads(write(prodigy, [text])) == {
        "text": "Ana left.",
        "tokens": [
            {"text": "Ana", "start": 0, "end": 3, "id": 0, "ws": True},
            {"text": "left", "start": 4, "end": 8, "id": 1, "ws": False},
        ],
        "spans": [{**ANA, "score": 0.5}, {"start": 1, "end": 8, "label": "X"}],
        "answer": "accept",
        "meta": {"name": "a", "source": "b"},
    }


def test_write_what_is_wrong_and_unknown():
    ana = AnnotatedSpan(0, 3, "PER")
    rejected = AnnotatedText("Ana", wrong=[ana], unknown=[(0, 3)])
    both = AnnotatedText("Ana", [ana], wrong=[AnnotatedSpan(0, 3, "LOC")])
    records = [json.loads(line) for line in write(prodigy, [rejected, both]).splitlines()]
    assert [(record["answer"], record["spans"][0]["label"]) for record in records] == [
        ("reject", "PER"),
        ("accept", "PER"),
        ("reject", "LOC"),
    ]
    with pytest.raises(FormatError, match="not known from 1 to 2, and Prodigy can't say so"):
        write(prodigy, [AnnotatedText("Ana", unknown=[(1, 2)])])


@given(st.data())
def test_round_trip(tmp_path_factory, data):
    text = data.draw(texts(has_scores=True))
    text = AnnotatedText(text.text, text.spans, tokens=data.draw(tokens(text.text)))
    path = write_file(prodigy, tmp_path_factory.getbasetemp() / "a.jsonl", [text, text])
    for back in read(prodigy, path):
        assert (back.text, scored(back.spans)) == (text.text, scored(text.spans))
        assert back.tokens == text.tokens


@given(texts())
def test_round_trip_of_rejected(tmp_path_factory, text):
    text = AnnotatedText(text.text, wrong=text.spans, unknown=[(0, len(text.text))])
    path = write_file(prodigy, tmp_path_factory.getbasetemp() / "a.jsonl", [text])
    (back,) = read(prodigy, path)
    assert (back.spans, back.unknown) == ([], text.unknown)
    assert plain(back.wrong) == plain(text.wrong)
