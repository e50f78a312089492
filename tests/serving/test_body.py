"""Bodies that come slowly, or never end."""

import time

import pytest

pytest.importorskip("fastapi", reason="needs the extra serve")
pytest.importorskip("uvicorn", reason="needs the extra serve")
pytest.importorskip("prometheus_client", reason="needs the extra serve")
pytest.importorskip("httpx")

from .conftest import connect, served

HEAD = b"POST /ents HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


def read(connection):
    answer = b""
    while part := connection.recv(65536):
        answer += part
    return answer


def test_a_slow_client(trained):
    with served(trained, seconds=0.5) as client, connect(client) as slow:
        slow.sendall(HEAD + b'Content-Length: 1000\r\n\r\n{"text": ')
        answer = read(slow)
        assert answer.startswith(b"HTTP/1.1 408 ") and b"0.5 seconds" in answer
        assert client.post("/ents", json={"text": "Rome"}).status_code == 200


def test_a_client_that_leaves(trained):
    with served(trained) as client:
        with connect(client) as leaving:
            leaving.sendall(HEAD + b"Content-Length: 1000\r\n\r\n{")
        time.sleep(0.1)
        assert client.post("/ents", json={"text": "Rome"}).status_code == 200
        assert 'status="499"' in client.get("/metrics").text


def test_a_body_without_end(trained):
    with served(trained, body=10_000) as client, connect(client) as endless:
        endless.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        for _ in range(11):
            endless.sendall(b"3e8\r\n" + b"a" * 1000 + b"\r\n")
        answer = read(endless)
        assert answer.startswith(b"HTTP/1.1 413 ") and b"more than 10,000 bytes" in answer


@pytest.mark.parametrize("is_told", [True, False])
def test_fifty_megabytes(client, is_told):
    """With a Content-Length, and in chunks without."""
    body = (b"a" * 1_000_000 for _ in range(50))
    headers = {"Content-Length": "50000000"} if is_told else {}
    answer = client.post("/ents", content=body, headers=headers)
    assert answer.status_code == 413 and "2,000,000 bytes" in answer.text
    assert client.post("/ents", json={"text": "Rome"}).status_code == 200


def test_a_million_characters(client):
    answer = client.post("/ents", json={"text": "a" * 1_000_000})
    assert answer.status_code == 413
    assert answer.json()["detail"] == "Text 1 has 1,000,000 characters, and may have 100,000."
