"""The service as an external recommender of INCEpTION, by a real client and server."""

import json
from xml.etree import ElementTree

import pytest
import spacy

pytest.importorskip("fastapi", reason="needs the extra serve")
pytest.importorskip("uvicorn", reason="needs the extra serve")
pytest.importorskip("prometheus_client", reason="needs the extra serve")
pytest.importorskip("httpx")

from .conftest import served
from .xmi_texts import ANNOTATION, FEATURES, NE, NER, type_system, xmi

TEXT = "\U0001f600 Anna Smith lives in Paris ."


def request(document, told=NER, **metadata):
    """As INCEpTION 37 sends it."""
    own = {"layer": NE, "feature": "value", "projectId": 1, "anchoringMode": "tokens"}
    own |= {"crossSentence": False, "range": {"begin": 0, "end": 4}}
    return {
        "metadata": own | metadata,
        "document": {"xmi": document, "documentId": 3, "userId": "someone"},
        "typeSystem": told,
    }


def predict(client, document, told=NER, **metadata):
    """The predictions, as attributes."""
    answer = client.post("/inception/predict", json=request(document, told, **metadata))
    assert answer.status_code == 200, answer.text
    assert list(answer.json()) == ["document"]
    package, _, name = metadata.get("layer", NE).rpartition(".")
    tag = f"{{http:///{package.replace('.', '/')}.ecore}}{name}"
    return [
        dict(each.attrib) for each in ElementTree.fromstring(answer.json()["document"]).iter(tag)
    ]


def refused(client, status, body):
    answer = client.post("/inception/predict", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()["detail"]


def test_predictions(client, trained):
    found = predict(client, xmi(TEXT))
    units = TEXT.encode("utf-16-le")
    surfaces = [
        units[2 * int(each["begin"]) : 2 * int(each["end"])].decode("utf-16-le") for each in found
    ]
    assert surfaces == ["Anna Smith", "Paris"]
    assert [each["value"] for each in found] == ["PER", "LOC"]
    assert {each["inception_internal_predicted"] for each in found} == {"true"}
    asked = client.post("/ents", json={"text": TEXT, "offsets": "utf-16"}).json()["ents"]
    assert [(int(each["begin"]), int(each["end"])) for each in found] == [
        (ent["start"], ent["end"]) for ent in asked
    ]
    assert [float(each["value_score"]) for each in found] == pytest.approx(
        [ent["confidence"] for ent in asked], abs=1e-6
    )


def test_tokens_are_those_of_the_document(client):
    coarse = xmi("Anna Smith lives in Paris .", [(0, 16), (17, 19), (20, 27)])
    assert [(each["begin"], each["end"]) for each in predict(client, coarse)] == [
        ("0", "16"),
        ("20", "27"),
    ]
    free = predict(client, coarse, anchoringMode="characters")
    assert [(each["begin"], each["end"]) for each in free] == [("0", "10"), ("20", "25")]


def test_sentences_are_those_of_the_document(client):
    halves = xmi("Anna Smith lives in Paris .", sentences=[(0, 4), (5, 27)])
    assert [each["value"] for each in predict(client, halves)] == ["LOC"]
    over = predict(client, halves, crossSentence=True)
    assert [each["value"] for each in over] == ["PER", "LOC"]


def test_any_layer_of_any_pipeline():
    nlp = spacy.blank("xx")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "LOC", "pattern": "Paris"}])
    told = type_system(("webanno.custom.Place", ANNOTATION, FEATURES))
    with served(nlp) as other:
        (found,) = predict(other, xmi("In Paris"), told, layer="webanno.custom.Place")
        assert predict(other, xmi("")) == []
    assert found["value"] == "LOC" and "value_score" not in found


def test_as_cassis_reads_it(client):
    """cassis makes the document and reads the answer, as ariadne, the recommenders' own server."""
    cassis = pytest.importorskip("cassis", reason="needs dkpro-cassis")
    types = cassis.load_typesystem(NER)
    cas = cassis.Cas(types, sofa_string=TEXT, sofa_mime="text")
    token = types.get_type("de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Token")
    place = 0
    for word in TEXT.split():
        cas.add(token(begin=place, end=place + len(word)))
        place += len(word) + 1
    body = request(cas.to_xmi(), types.to_xml())
    answer = client.post("/inception/predict", json=body).json()
    read = cassis.load_cas_from_xmi(answer["document"], types)
    found = [(one.get_covered_text(), one.value) for one in read.select(NE)]
    assert found == [("Anna Smith", "PER"), ("Paris", "LOC")]
    assert len(read.select(token)) == len(TEXT.split())


def test_what_is_malformed(client):
    good = request(xmi("Anna"))
    for key in good:
        assert refused(client, 422, {**good, key: None})[0]["loc"] == ["body", key]
    for key in ("layer", "feature"):
        metadata = {name: value for name, value in good["metadata"].items() if name != key}
        found = refused(client, 422, {**good, "metadata": metadata})
        assert found[0]["loc"] == ["body", "metadata", key] and found[0]["type"] == "missing"
    assert refused(client, 422, request(xmi("Anna"), layer="a b<c"))[0]["loc"][-1] == "layer"
    assert refused(client, 422, request(xmi("Anna"), feature="a.b"))[0]["loc"][-1] == "feature"
    assert refused(client, 422, request(xmi("Anna"), anchoringMode="words"))[0]["loc"][-1]
    body = json.dumps(request("\ud800"))
    headers = {"Content-Type": "application/json"}
    assert client.post("/inception/predict", content=body, headers=headers).status_code == 422


def test_what_is_refused(client):
    assert "not well-formed" in refused(client, 400, request("<xmi:XMI"))
    assert "no layer" in refused(client, 400, request(xmi("Anna"), layer="a.Other"))
    assert "no feature" in refused(client, 400, request(xmi("Anna"), feature="other"))
    laughs = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10 if i else "ha"}">' for i in range(9))
    bomb = f"<!DOCTYPE a [{laughs}]><a>&e8;</a>"
    assert "document type" in refused(client, 400, request(bomb))
    assert "document type" in refused(client, 400, request(xmi("Anna"), bomb))
    assert "in each other" in refused(client, 400, request("<a>" * 1000 + "</a>" * 1000))


def test_limits(trained):
    with served(trained, text=10, body=10_000) as other:
        assert "may have 10" in refused(other, 413, request(xmi("a" * 11)))
        assert "10,000 bytes" in refused(other, 413, request(xmi("a" * 10_000)))
        assert predict(other, xmi("a" * 10)) == []


def test_nothing_is_trained(client):
    """INCEpTION shows the answer of a training that was refused."""
    training = {"metadata": {}, "typeSystem": NER, "documents": []}
    answer = client.post("/inception/train", json=training)
    assert answer.status_code == 501
    assert "training to 'not supported'" in answer.json()["detail"]


def test_it_is_counted(client):
    predict(client, xmi("Paris"))
    assert 'path="/inception/predict",status="200"' in client.get("/metrics").text
