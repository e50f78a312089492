"""The log: JSON, and without texts."""

import json
import logging
import sys
import time

import pytest

pytest.importorskip("fastapi", reason="needs the extra serve")
pytest.importorskip("uvicorn", reason="needs the extra serve")
pytest.importorskip("prometheus_client", reason="needs the extra serve")
pytest.importorskip("httpx")

from spacy_bilstm_crf.serving.logs import JsonFormatter


def test_an_exception_is_told_without_its_message():
    try:
        raise ValueError("secret")
    except ValueError:
        record = logging.LogRecord("a", logging.ERROR, "b", 1, "fa%s", ("iled",), sys.exc_info())
    record.fields = {"path": "/ents"}
    line = JsonFormatter().format(record)
    told = json.loads(line)
    assert told["message"] == "failed" and told["level"] == "error" and told["path"] == "/ents"
    assert told["error"] == "ValueError" and told["where"][0].startswith(__file__)
    assert "secret" not in line and "\n" not in line


def test_requests_are_told_without_texts(client, caplog):
    caplog.set_level(logging.INFO, logger="spacy_bilstm_crf.serving")
    for request in [{"texts": ["secret", "b"]}, {"text": "secret", "x": 1}]:
        client.post("/ents?secret=1", json=request)
    deadline = time.monotonic() + 10
    while len(caplog.records) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)  # it is told once the answer is sent
    lines = [JsonFormatter().format(record) for record in caplog.records]
    assert not any("secret" in line for line in lines)
    one, other = (json.loads(line) for line in lines if '"request"' in line)
    assert (one["method"], one["path"], one["status"]) == ("POST", "/ents", 200)
    assert (one["texts"], one["characters"]) == (2, 7) and 0 < one["seconds"] < 60
    assert other["status"] == 422 and "texts" not in other
