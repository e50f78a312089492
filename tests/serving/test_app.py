"""Requests and answers, by a real client and server."""

import gc

import pytest
import spacy
from spacy.tokens import Span

pytest.importorskip("fastapi", reason="needs the extra serve")
pytest.importorskip("uvicorn", reason="needs the extra serve")
pytest.importorskip("prometheus_client", reason="needs the extra serve")
pytest.importorskip("httpx")

from spacy_bilstm_crf.confidence import get_confidence

from ..conftest import TRAIN
from .conftest import served

ANNA = "Anna Smith lives in Paris ."


def post(client, **request):
    answer = client.post("/ents", json=request)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(client, status, **request):
    answer = client.post("/ents", json=request)
    assert answer.status_code == status, answer.text
    return answer.json()["detail"]


def places(spans):
    return [(span["start"], span["end"], span["label"]) for span in spans]


def test_a_text(client, trained):
    answer = post(client, text=ANNA)
    assert list(answer) == ["ents"]
    assert places(answer["ents"]) == [(0, 10, "PER"), (20, 25, "LOC")]
    assert [ent["text"] for ent in answer["ents"]] == ["Anna Smith", "Paris"]
    expected = [get_confidence(ent) for ent in trained(ANNA).ents]
    assert [ent["confidence"] for ent in answer["ents"]] == pytest.approx(expected, abs=1e-6)


def test_texts_are_answered_in_their_order(client):
    answers = post(client, texts=[text for text, _ in TRAIN] * 50)
    expected = [sorted(annotation["entities"]) for _, annotation in TRAIN] * 50
    assert [places(answer["ents"]) for answer in answers] == expected
    assert post(client, texts=[]) == [] and post(client, text="") == {"ents": []}


def test_units_of_utf_16(client):
    text = f"\U0001f600 {ANNA}"
    places_of = {
        offsets: places(post(client, text=text, offsets=offsets)["ents"])
        for offsets in ("code_points", "utf-16")
    }
    units = text.encode("utf-16-le")
    for (start, end, _), (a, b, _) in zip(places_of["code_points"], places_of["utf-16"]):
        assert units[2 * a : 2 * b].decode("utf-16-le") == text[start:end]
    assert places_of["code_points"] != places_of["utf-16"]


def test_all_probable_spans(client, trained):
    cfg = trained.get_pipe("ner").cfg
    cfg["confidence"], cfg["spans_threshold"] = "spans", 0.02
    doc = trained("Smith saw Jordan Paris")
    group = doc.spans["bilstm_crf_ner"]
    answer = post(client, text="Smith saw Jordan Paris", spans=True, threshold=0.02)
    expected = [(span.start_char, span.end_char, span.label_) for span in group]
    assert places(answer["spans"]) == expected and len(expected) > 2
    probabilities = [span["confidence"] for span in answer["spans"]]
    assert probabilities == pytest.approx(list(group.attrs["scores"]), abs=1e-6)
    some = post(client, text="Smith saw Jordan Paris", spans=True, threshold=0.5)
    assert places(some["spans"]) == [place for place, p in zip(expected, probabilities) if p >= 0.5]
    assert "spans" not in post(client, text="Smith saw Jordan Paris")


def test_a_threshold_alone_asks_for_spans(client):
    assert post(client, text=ANNA, threshold=0.5) == post(
        client, text=ANNA, threshold=0.5, spans=True
    )
    assert "spans" not in post(client, text=ANNA, threshold=0.5, spans=False)


def test_readings(client, trained):
    answer = post(client, text=ANNA, n_best=3)
    expected = trained.get_pipe("ner").n_best(trained.make_doc(ANNA), 3)
    assert [reading["probability"] for reading in answer["n_best"]] == pytest.approx(
        [probability for probability, _ in expected], abs=1e-6
    )
    assert {reading["component"] for reading in answer["n_best"]} == {"ner"}
    assert places(answer["n_best"][0]["ents"]) == [(0, 10, "PER"), (20, 25, "LOC")]


def test_any_pipeline(client):
    nlp = spacy.blank("xx")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "LOC", "pattern": "Paris"}])
    with served(nlp) as other:
        answer = post(other, text="Paris", spans=True, n_best=2)
        facts = other.get("/model").json()
    ent = {"start": 0, "end": 5, "label": "LOC", "text": "Paris", "confidence": None}
    assert answer == {"ents": [ent], "spans": None, "n_best": None}
    assert facts["labels"] == ["LOC"] and not facts["spans"] and not facts["n_best"]
    facts = client.get("/model").json()
    assert facts["labels"] == ["LOC", "PER"] and facts["spans"] and facts["n_best"]


def test_labels_of_texts():
    nlp = spacy.blank("xx")
    textcat = nlp.add_pipe("textcat")
    for label in ("good", "bad"):
        textcat.add_label(label)
    nlp.initialize()
    with served(nlp) as other:
        cats = post(other, text="Paris")["cats"]
        assert other.get("/model").json()["categories"] == ["bad", "good"]
    assert cats == pytest.approx(nlp("Paris").cats)


def test_what_is_too_large(trained):
    with served(trained, text=10, read_text=5, texts=2, body=1000) as other:
        assert refused(other, 413, text="a" * 11) == "Text 1 has 11 characters, and may have 10."
        assert "may have 5" in refused(other, 413, text="a" * 6, n_best=1)
        assert "more than 2 texts" in refused(other, 413, texts=["a"] * 3)
        assert "more than 1,000 bytes" in refused(other, 413, text="a" * 2000)
        chunks = other.post("/ents", content=(b"a" * 100 for _ in range(20)))
        assert chunks.status_code == 413
        assert post(other, text="a" * 10) == {"ents": []}
    with served(trained, text=4) as other:
        assert "may have 4" in refused(other, 413, text="a" * 5, n_best=1)


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"text": 1},
        {"text": "a", "texts": ["a"]},
        {"texts": ["a", None]},
        {"text": "secret", "spam": 1},
        {"text": "secret", "n_best": 11},
        {"text": "secret", "n_best": 1.5},
        {"text": "secret", "spans": True, "threshold": 0},
        {"text": "secret", "offsets": "bytes"},
        ["secret"],
    ],
)
def test_what_is_malformed(client, request_):
    answer = client.post("/ents", json=request_)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["msg"] and "secret" not in answer.text


def test_what_is_no_text(client):
    headers = {"Content-Type": "application/json"}
    for body, status in [
        (rb'{"text": "\ud800"}', 422),
        (b'{"text": ', 422),
        (b"", 422),
        (b'"\xff"', 400),
        (b"[" * 100_000, 400),
    ]:
        answer = client.post("/ents", content=body, headers=headers)
        assert answer.status_code == status, body[:20]


def test_a_text_that_the_pipeline_fails_at(trained):
    @spacy.Language.component("fails_at_oslo")
    def fails_at_oslo(doc):
        if "Oslo" in doc.text:
            raise ValueError(doc.text)
        doc.ents = [Span(doc, 0, len(doc), label="X")]
        return doc

    trained.add_pipe("fails_at_oslo")
    with served(trained) as other:
        assert refused(other, 500, texts=["a", "Oslo"]) == "The pipeline failed at text 2."
        assert places(post(other, text="Rome")["ents"]) == [(0, 4, "X")]


def test_what_operators_ask(client):
    post(client, texts=["Paris", "Rome"])
    assert client.get("/health").json() == {"status": "ok"}
    assert client.get("/ready").json() == {"status": "ready"}
    counts = dict(
        line.rsplit(" ", 1)
        for line in client.get("/metrics").text.splitlines()
        if not line.startswith("#")
    )
    assert float(counts['bilstm_crf_requests_total{path="/ents",status="200"}']) >= 1
    assert float(counts["bilstm_crf_texts_total"]) >= 2
    assert float(counts["bilstm_crf_queue_texts"]) == 0
    assert client.get("/nothing").status_code == 404
    assert 'path="/nothing"' not in client.get("/metrics").text


def test_the_page_may_load_its_own_files_only(client):
    for path in ("/", "/page/page.css", "/page/page.js"):
        answer = client.get(path)
        assert answer.status_code == 200
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
    assert client.get("/page/../app.py").status_code == 404


def test_what_is_loaded_is_not_searched_for_garbage(trained):
    with served(trained):
        assert gc.get_freeze_count() > 0
    assert gc.get_freeze_count() == 0
