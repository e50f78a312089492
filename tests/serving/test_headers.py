"""Headers that come slowly, or not at all."""

import time

import pytest

pytest.importorskip("fastapi", reason="needs the extra serve")
pytest.importorskip("uvicorn", reason="needs the extra serve")
pytest.importorskip("prometheus_client", reason="needs the extra serve")
pytest.importorskip("httpx")

from .conftest import connect, served

WHOLE = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"


def is_answered(connection):
    answer = b""
    while b'"ok"' not in answer:
        part = connection.recv(65536)
        assert part
        answer += part
    return answer.startswith(b"HTTP/1.1 200 ")


def is_closed(connection):
    """Whether the server closes, and says nothing more."""
    return connection.recv(65536) == b""


@pytest.mark.parametrize("begin", [b"", b"GET /hea"])
def test_headers_that_stay_away(trained, begin):
    with served(trained, seconds=0.5) as client, connect(client) as slow:
        slow.sendall(begin)
        assert is_closed(slow)
        assert client.get("/health").status_code == 200


def test_headers_that_never_end(trained):
    """Each byte comes soon after the one before."""
    with served(trained, seconds=0.5) as client, connect(client) as slow:
        slow.sendall(WHOLE[:-2])
        slow.settimeout(0.02)
        closed = False
        deadline = time.monotonic() + 30
        while not closed and time.monotonic() < deadline:
            try:
                slow.sendall(b"a: b\r\n")
                closed = is_closed(slow)
            except TimeoutError:
                continue
            except OSError:
                closed = True
        assert closed


def test_a_second_request_has_its_own_time(trained):
    with served(trained, seconds=2.0) as client, connect(client) as kept:
        for _ in range(2):
            time.sleep(1.2)
            kept.sendall(WHOLE)
            assert is_answered(kept)
        kept.sendall(WHOLE[:-2])
        assert is_closed(kept)


def test_many_who_wait_keep_no_one_else_waiting(trained):
    with served(trained) as client:
        waiting = [connect(client) for _ in range(200)]
        for connection in waiting:
            connection.sendall(WHOLE[:-2])
        assert client.post("/ents", json={"text": "Rome"}).status_code == 200
        for connection in waiting:
            connection.sendall(b"\r\n")
            assert is_answered(connection)
            connection.close()
