"""Shared fixtures: the service on a port of its own, in a thread."""

import socket
import threading
import time
from contextlib import contextmanager
from functools import partial

import pytest
from spacy.lang.xx import MultiLanguage


@contextmanager
def served(nlp, **limits):
    """A client of the service of a pipeline."""
    import httpx
    import uvicorn

    from spacy_bilstm_crf.serving.app import make_app
    from spacy_bilstm_crf.serving.headers import TimedHeaders
    from spacy_bilstm_crf.serving.limits import Limits

    own = Limits(**limits)
    http = partial(TimedHeaders, own.seconds)
    config = uvicorn.Config(make_app(lambda: nlp, own), port=0, log_config=None, http=http)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()


def connect(client):
    """A bare connection to the service."""
    return socket.create_connection((client.base_url.host, client.base_url.port), timeout=30)


@pytest.fixture(scope="session")
def client(_trained_bytes):
    """A client of the service of a pipeline that knows TRAIN by heart."""
    data, config = _trained_bytes
    with served(MultiLanguage.from_config(config).from_bytes(data)) as client:
        yield client
