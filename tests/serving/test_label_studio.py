"""The service as an ML backend of Label Studio, by a real client and server."""

import io
import json

import pytest
import spacy

pytest.importorskip("fastapi", reason="needs the extra serve")
pytest.importorskip("uvicorn", reason="needs the extra serve")
pytest.importorskip("prometheus_client", reason="needs the extra serve")
pytest.importorskip("httpx")

from spacy_bilstm_crf.corpora.annotated import ReadOptions
from spacy_bilstm_crf.corpora.formats import label_studio
from spacy_bilstm_crf.corpora.make_doc import read_back

from ..conftest import TRAIN
from .conftest import served

CONFIG = """\
    <View>
      <Labels name="label" toName="text"><Label value="PER"/><Label value="LOC"/></Labels>
      <Text name="text" value="$text"/>
    </View>
"""
ANNA = "Anna Smith lives in Paris ."


def post(client, path, **request):
    answer = client.post(f"/label-studio/{path}", json=request)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(client, status, path, **request):
    answer = client.post(f"/label-studio/{path}", json=request)
    assert answer.status_code == status, answer.text
    return answer.json()["detail"]


def predict(client, *texts, config=CONFIG, field="text", **more):
    """The results of tasks, whose ids are 7, 8, and so on."""
    tasks = [{"id": id, "data": {field: text}, "meta": {}} for id, text in enumerate(texts, 7)]
    params = {"login": None, "password": None, "context": None}
    request = {"tasks": tasks, "label_config": config, "project": "1.1700000000", "params": params}
    return post(client, "predict", **request | more)


def test_as_the_writer_writes(client, trained):
    """The regions are those of files for Label Studio, to the last id."""
    texts = [text for text, _ in TRAIN] + [f"\U0001f600 {ANNA}"]
    answer = predict(client, *texts)
    file = io.StringIO()
    found = [read_back(trained(text)) for text in texts]
    label_studio.write(
        found, file, model_version="xx_pipeline 0.0.0", only_predictions=True, first=7
    )
    expected = [task["predictions"][0] for task in json.loads(file.getvalue())]
    assert answer["model_version"] == "xx_pipeline 0.0.0"
    assert len(answer["results"]) == len(texts)
    for own, other in zip(answer["results"], expected):
        for region, written in zip(own["result"], other["result"], strict=True):
            assert region.pop("score") == pytest.approx(written.pop("score"), abs=1e-6)
        assert own.pop("score", None) == pytest.approx(other.pop("score", None), abs=1e-6)
        assert own == other
    none = answer["results"][3]
    assert none == {"model_version": "xx_pipeline 0.0.0", "result": []}


def test_what_is_predicted_reads_back(client, tmp_path):
    """As tasks that are exported with their predictions."""
    text = f"\U0001f600 {ANNA}"
    (prediction,) = predict(client, text)["results"]
    scores = [region["score"] for region in prediction["result"]]
    assert prediction["score"] == min(scores)
    path = tmp_path / "export.json"
    path.write_text(json.dumps([{"id": 7, "data": {"text": text}, "predictions": [prediction]}]))
    (read,) = label_studio.read(path, ReadOptions(offsets="utf-16"))
    assert [(span.start, span.end, span.label) for span in read.spans] == [
        (2, 12, "PER"),
        (22, 27, "LOC"),
    ]


def test_names_and_labels_are_those_of_the_project(client):
    config = """
        <View>
          <Labels name="kind" toName="letter">
            <Label value="Person" predicted_values="PER"/><Label value="Thing"/>
          </Labels>
          <Text name="letter" value="$body"/>
        </View>
    """
    (prediction,) = predict(client, ANNA, config=config, field="body")["results"]
    (region,) = prediction["result"]  # LOC is not listed
    assert (region["from_name"], region["to_name"], region["id"]) == ("kind", "letter", "7-1")
    assert region["value"] == {"start": 0, "end": 10, "text": "Anna Smith", "labels": ["Person"]}


def test_confidences_that_are_not_known():
    nlp = spacy.blank("xx")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "LOC", "pattern": "Paris"}])
    with served(nlp) as other:
        (prediction,) = predict(other, "Paris")["results"]
    assert "score" not in prediction and "score" not in prediction["result"][0]


def test_tasks_without_ids_or_none(client):
    tasks = [{"data": {"text": "Anna Smith"}}] * 2
    results = predict(client, tasks=tasks)["results"]
    assert [result["result"][0]["id"] for result in results] == ["1-1", "2-1"]
    assert predict(client)["results"] == []


def test_a_project_is_connected(client, caplog):
    assert client.get("/label-studio/health").json() == {"status": "UP"}
    setup = {"project": "1.1700000000", "schema": CONFIG, "hostname": "", "access_token": "secret"}
    assert post(client, "setup", **setup) == {"model_version": "xx_pipeline 0.0.0"}
    assert not [record for record in caplog.records if record.levelname == "WARNING"]
    post(client, "setup", schema=CONFIG.replace("LOC", "Place"))
    (warning,) = [record for record in caplog.records if record.levelname == "WARNING"]
    assert "left out" in warning.getMessage() and warning.fields == {"labels": ["LOC"]}


def test_a_project_that_does_not_fit(client):
    other = CONFIG.replace("PER", "Person").replace("LOC", "Place")
    says = "lists none of the pipeline's labels, LOC, PER, but Person, Place."
    assert says in refused(client, 400, "setup", schema=other)
    assert says in refused(client, 400, "predict", tasks=[], label_config=other)
    bomb = f'<!DOCTYPE a [<!ENTITY e "e">]>{CONFIG}'
    assert "document type" in refused(client, 400, "setup", schema=bomb)
    assert "HyperText" in refused(
        client, 400, "setup", schema=CONFIG.replace("<Text", "<HyperText")
    )


@pytest.mark.parametrize("data", [{}, {"text": None}, {"text": ["Oslo"]}, {"body": "Oslo"}])
def test_tasks_without_text(client, data):
    tasks = [{"id": 3, "data": {"text": "Oslo"}}, {"id": 4, "data": data}]
    detail = refused(client, 400, "predict", tasks=tasks, label_config=CONFIG)
    assert detail == "Task 2 (id 4) has no text in the field 'text' of its data."


def test_what_is_malformed(client):
    for request in [
        {},
        {"tasks": []},
        {"label_config": CONFIG},
        {"tasks": {}, "label_config": CONFIG},
    ]:
        assert refused(client, 422, "predict", **request)[0]["msg"]
    assert refused(client, 422, "setup")[0]["loc"] == ["body", "schema"]
    body = json.dumps({"tasks": [{"data": {"text": "\ud800"}}], "label_config": CONFIG})
    answer = client.post(
        "/label-studio/predict", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400 and "Task 1 has no text" in answer.json()["detail"]


def test_limits(trained):
    with served(trained, text=10, texts=2, body=1000) as other:
        tasks = [{"data": {"text": "a" * 11}}]
        assert "may have 10" in refused(other, 413, "predict", tasks=tasks, label_config=CONFIG)
        tasks = [{"data": {"text": "a"}}] * 3
        assert "2 texts" in refused(other, 413, "predict", tasks=tasks, label_config=CONFIG)
        tasks = [{"data": {"text": "a" * 1000}}]
        assert "1,000 bytes" in refused(other, 413, "predict", tasks=tasks, label_config=CONFIG)


def test_nothing_is_trained(client):
    assert post(client, "webhook", action="ANNOTATION_CREATED") == {"status": "ignored"}
    says = "Nothing is trained here"
    assert says in refused(client, 501, "webhook", action="START_TRAINING", project={"id": 1})
    assert says in refused(client, 501, "train", annotations=[])


def test_it_is_counted(client):
    predict(client, "Paris", "Rome")
    counts = client.get("/metrics").text
    assert 'path="/label-studio/predict",status="200"' in counts
