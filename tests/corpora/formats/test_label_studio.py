import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_bilstm_crf.corpora.annotated import AnnotatedSpan, AnnotatedText, FormatError
from spacy_bilstm_crf.corpora.formats import label_studio

from .span_texts import plain, read, scored, texts, write, write_file

EMOJI = "😀 Ana left."


def result(start, end, *labels, text=None, **more):
    value = {"start": start, "end": end, "labels": list(labels)}
    if text is not None:
        value["text"] = text
    return {"type": "labels", "from_name": "label", "to_name": "text", "value": value, **more}


def annotation(*results, by=1, **more):
    return {"id": 9, "completed_by": by, "result": list(results), **more}


def task(*annotations, text="Ana left.", predictions=(), **more):
    return {
        "id": 7,
        "data": {"text": text},
        "annotations": list(annotations),
        "predictions": list(predictions),
        **more,
    }


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.json"

    def make(*records):
        path.write_text(json.dumps(records))
        return path

    return make


def test_task(file):
    others = [
        {"type": "choices", "value": {"choices": ["sad"]}},
        {"type": "relation", "from_id": "a", "to_id": "b"},
    ]
    path = file(task(annotation(result(0, 3, "PER", "NAME", text="Ana"), *others)))
    place = f"{path}, line 1, item 1"
    spans = [AnnotatedSpan(0, 3, "PER", place), AnnotatedSpan(0, 3, "NAME", place)]
    assert label_studio.detect(path.read_text())
    assert read(label_studio, path) == [AnnotatedText("Ana left.", spans, name="7", place=place)]


def test_whose_annotation_counts(file):
    first, second = result(0, 3, "PER"), result(4, 8, "ACT")
    skipped = annotation(first, by=1, was_cancelled=True)
    ana = {"id": 2, "email": "ana@example.org"}
    path = file(
        task(skipped, annotation(second, by=ana), annotation(first, by=3)),
        task(annotation(first, by=3), annotation(second, by=ana, ground_truth=True)),
        task(skipped, predictions=[annotation(first)]),
        task(),
    )
    assert [plain(text.spans) for text in read(label_studio, path)] == [[(4, 8, "ACT")]] * 2
    for name in ("2", "ana@example.org"):
        found = read(label_studio, path, annotator=name)
        assert [plain(text.spans) for text in found] == [[(4, 8, "ACT")]] * 2
    found = read(label_studio, path, annotator="3")
    assert [plain(text.spans) for text in found] == [[(0, 3, "PER")]] * 2
    assert label_studio.annotators(path) == {"ana@example.org": 2, "3": 2}
    with pytest.raises(FormatError, match="no task is annotated by '1'.*'3'"):
        read(label_studio, path, annotator="1")


def test_no_annotations(file):
    path = file(task(), task())
    assert label_studio.annotators(path) == {}
    with pytest.raises(FormatError, match="holds no texts"):
        read(label_studio, path)
    with pytest.raises(FormatError, match="by '1'. The file has annotations by no one"):
        read(label_studio, path, annotator="1")


def test_predictions_have_confidences(file):
    inside = result(4, 8, "ACT")
    inside["value"]["score"] = 0.25
    results = [result(0, 3, "PER", score=0.5), inside, result(0, 8, "X")]
    prediction = {"model_version": "a", "score": 0.1, "result": results}
    path = file(task(predictions=[prediction, {"result": []}]))
    (text,) = read(label_studio, path)
    assert scored(text.spans) == [(0, 3, "PER", 0.5), (4, 8, "ACT", 0.25), (0, 8, "X", None)]
    # What someone has looked at and kept is annotated, not predicted.
    (text,) = read(label_studio, file(task(annotation(*results))))
    assert [span.confidence for span in text.spans] == [None] * 3


@pytest.mark.parametrize("start, end", [(2, 5), (3, 6)])
def test_code_points_or_utf_16_as_the_text_says(file, start, end):
    spans = [result(start, end, "PER", text="Ana"), result(start, end, "NAME")]
    (text,) = read(label_studio, file(task(annotation(*spans), text=EMOJI)))
    assert plain(text.spans) == [(2, 5, "PER"), (2, 5, "NAME")]


def test_utf_16_where_nothing_says(file):
    (text,) = read(label_studio, file(task(annotation(result(3, 6, "PER")), text=EMOJI)))
    assert plain(text.spans) == [(2, 5, "PER")]


def test_offsets_that_are_asked_for(file):
    path = file(task(annotation(result(5, 8, "PER", text="Ana")), text=EMOJI))
    with pytest.raises(FormatError, match="--offsets bytes"):
        read(label_studio, path)
    (text,) = read(label_studio, path, offsets="bytes")
    assert plain(text.spans) == [(2, 5, "PER")]


def test_spans_of_one_task_have_one_unit(file):
    spans = [result(2, 5, "PER", text="Ana"), result(3, 6, "PER", text="Ana")]
    with pytest.raises(FormatError, match="the annotation 'Ana'"):
        read(label_studio, file(task(annotation(*spans), text=EMOJI)))


def test_field_of_the_text(file):
    done = [annotation(result(0, 3, "PER"))]
    (text,) = read(label_studio, file({"data": {"body": "Ana", "year": 3}, "annotations": done}))
    assert text.text == "Ana"
    path = file({"data": {"body": "Ana", "title": "Zoë"}, "annotations": done})
    with pytest.raises(FormatError, match="item 1: the field .* Fields of text: 'body', 'title'."):
        read(label_studio, path)
    (text,) = read(label_studio, path, text_field="title")
    assert text.text == "Zoë"
    with pytest.raises(FormatError, match="a text in the field 'year' is not found"):
        read(label_studio, path, text_field="year")


def test_json_min(file):
    span = {"start": 0, "end": 3, "text": "Ana", "labels": ["PER"]}
    first = {"id": 7, "text": "Ana left.", "label": [span], "annotator": 1, "lead_time": 2.5}
    path = file(
        first,
        {**first, "label": [], "annotator": 2},
        {"id": 8, "text": "It rained.", "annotator": 2, "updated_at": "2024-01-01"},
    )
    assert label_studio.detect(path.read_text())
    found = read(label_studio, path)
    assert [(text.name, plain(text.spans)) for text in found] == [("7", [(0, 3, "PER")]), ("8", [])]
    assert [plain(text.spans) for text in read(label_studio, path, annotator="2")] == [[], []]
    assert label_studio.annotators(path) == {"1": 1, "2": 2}


def test_json_min_with_named_fields(file):
    span = {"start": 0, "end": 3, "text": "Ana", "labels": ["PER"]}
    other = {"start": 4, "end": 8, "labels": ["ACT"]}
    path = file({"body": "Ana left.", "a": [span], "b": [other], "annotator": 1})
    (text,) = read(label_studio, path)
    assert plain(text.spans) == [(0, 3, "PER"), (4, 8, "ACT")]
    (text,) = read(label_studio, path, spans_field="b", text_field="body")
    assert plain(text.spans) == [(4, 8, "ACT")]


@pytest.mark.parametrize(
    "record, message",
    [
        (3, "expected a JSON object, found 3"),
        ({"text": "Ana"}, "neither a task of Label Studio .* Its fields: 'text'"),
        (task(annotation(result(0, 3, "PER")), data={}), "Fields of text: none"),
        (task({"completed_by": 1}), "'result' must be a list, found None"),
        (task(annotation({"type": "labels"})), "'value': expected a JSON object, found None"),
        (task(annotation({"type": "labels", "value": {}})), "'labels' of a span must be a list"),
        (task(annotation({"type": "hypertextlabels"})), "the type 'hypertextlabels'. Only labels"),
        (task(annotation(result(0, 3, "PER", text="Zoë"))), "'Ana' from 0 to 3, .*'Zoë'"),
        (task(predictions=[annotation(result(0, 3, "PER", score=7))]), "from 0 to 1, found 7"),
        ({"data": {"text": "Ana"}, "annotations": 3}, "'annotations' must be a list, found 3"),
    ],
)
def test_bad_records(file, record, message):
    path = file(task(annotation()), record)
    with pytest.raises(FormatError, match=f"{path}, line 1, item 2.*{message}"):
        read(label_studio, path)


@pytest.mark.parametrize("head", ["[]", '{"data": 1}', "[[1]]", '[{"text": "a", "label": []}]'])
def test_other_files_are_not_detected(head):
    assert not label_studio.detect(head)


def test_a_long_first_task_is_detected():
    # An export has the annotations before the text.
    export = json.dumps([{"annotations": [annotation()], "data": {"text": "Ana " * 50}}])
    assert label_studio.detect(export[:100])


def test_write():
    spans = [AnnotatedSpan(2, 5, "PER", confidence=0.5), AnnotatedSpan(2, 5, "X", confidence=0.25)]
    predicted = AnnotatedText(EMOJI, spans, name="a", source="b")
    annotated = AnnotatedText("Ana", [AnnotatedSpan(0, 3, "PER")])
    tag = {"type": "labels", "from_name": "label", "to_name": "text"}
    ana = {"start": 3, "end": 6, "text": "Ana"}
    assert json.loads(write(label_studio, [predicted, annotated], model_version="m")) == [
        {
            "data": {"text": EMOJI, "name": "a", "source": "b"},
            "predictions": [
                {
                    "model_version": "m",
                    "score": 0.25,
                    "result": [
                        {"id": "1-1", **tag, "value": {**ana, "labels": ["PER"]}, "score": 0.5},
                        {"id": "1-2", **tag, "value": {**ana, "labels": ["X"]}, "score": 0.25},
                    ],
                }
            ],
        },
        {
            "data": {"text": "Ana"},
            "annotations": [
                {
                    "result": [
                        {
                            "id": "2-1",
                            **tag,
                            "value": {"start": 0, "end": 3, "text": "Ana", "labels": ["PER"]},
                        }
                    ]
                }
            ],
        },
    ]
    with pytest.raises(FormatError, match="Label Studio can't say so"):
        write(label_studio, [AnnotatedText("Ana", unknown=[(0, 3)])])


@given(st.lists(texts(has_scores=True), min_size=1, max_size=3))
def test_round_trip(tmp_path_factory, written):
    path = write_file(label_studio, tmp_path_factory.getbasetemp() / "a.json", written)
    back = read(label_studio, path)
    assert [text.text for text in back] == [text.text for text in written]
    assert [scored(text.spans) for text in back] == [scored(text.spans) for text in written]
