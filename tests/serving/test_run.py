"""The command `serve`: processes, signals, and what it says when it can't start."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="needs the extra serve")
pytest.importorskip("uvicorn", reason="needs the extra serve")
pytest.importorskip("prometheus_client", reason="needs the extra serve")
pytest.importorskip("httpx")

import httpx
import torch
from typer.testing import CliRunner

from spacy_bilstm_crf.cli import cli


@pytest.fixture
def model(trained, tmp_path):
    trained.to_disk(tmp_path / "model")
    return str(tmp_path / "model")


@contextmanager
def serving(model, tmp_path, *options):
    """The service of a model: its process and its address. Its log is tmp_path/log."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "spacy", "bilstm-crf", "serve", model, "--port", str(port)]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen([*command, *options], stderr=log)
        try:
            url = f"http://127.0.0.1:{port}"
            while not is_ready(url):
                assert process.poll() is None, (tmp_path / "log").read_text()
                time.sleep(0.1)
            yield process, url
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(60)


def ready_processes(tmp_path):
    """Those that the log says were ready once, in their order."""
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines(True)[:-1]]
    return [line["process"] for line in lines if line["message"] == "ready"]


def wait_until(happens):
    deadline = time.monotonic() + 300
    while not happens():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def is_ready(url):
    try:
        return httpx.get(f"{url}/ready").status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.slow
@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_what_was_accepted_is_answered_before_the_end(model, tmp_path, stop):
    """Each client has its request sent, whole, when the signal comes; in each are many texts."""
    texts = ["Anna Smith lives in Paris ."] * 300
    with serving(model, tmp_path) as (process, url), ThreadPoolExecutor(8) as threads:
        asked = [
            threads.submit(httpx.post, f"{url}/ents", json={"texts": texts}, timeout=60)
            for _ in range(8)
        ]
        while "queue_texts 0.0" in httpx.get(f"{url}/metrics").text:
            time.sleep(0.005)
        os.kill(process.pid, stop)
        answers = [request.result() for request in asked]
        assert process.wait(60) == 0
    assert [answer.status_code for answer in answers] == [200] * 8
    assert all(len(answer.json()) == 300 for answer in answers)
    log = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert sum(line.get("texts", 0) for line in log) == 8 * 300


@pytest.mark.slow
@pytest.mark.parametrize("processes", [1, 2])
def test_no_request_is_lost_at_the_end(model, tmp_path, processes):
    """Clients send one request after the other, by connections that they keep, until others have
    seen that the service is not ready any more."""
    gone = threading.Event()

    def send_on(url):
        closed = 0
        with httpx.Client(timeout=60) as client:
            while not gone.is_set():
                answer = client.post(f"{url}/ents", json={"text": "Nobody saw Jordan"})
                assert answer.status_code == 200, answer.text
                closed += answer.headers.get("Connection") == "close"
        return closed

    options = ["--processes", str(processes), "--drain", "3"]
    with serving(model, tmp_path, *options) as (process, url), ThreadPoolExecutor(4) as threads:
        clients = [threads.submit(send_on, url) for _ in range(4)]
        time.sleep(1)
        process.terminate()
        while is_ready(url):
            time.sleep(0.1)
        time.sleep(0.5)
        gone.set()
        assert all(client.result() > 0 for client in clients)
        assert process.wait(60) == 0


@pytest.mark.slow
def test_several_processes_count_together(model, tmp_path):
    with serving(model, tmp_path, "--processes", "2") as (process, url):
        for _ in range(40):  # each by a connection of its own, which either process may take
            assert httpx.post(f"{url}/ents", json={"text": "Anna Smith"}).status_code == 200
        counts = [httpx.get(f"{url}/metrics").text for _ in range(5)]
        assert all("bilstm_crf_texts_total 40.0" in count for count in counts)
        process.terminate()
        assert process.wait(60) == 0
    log = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert len({line["process"] for line in log if line["message"] == "ready"}) == 2


@pytest.mark.slow
def test_a_killed_process_is_replaced_and_counted_no_more(model, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with serving(model, tmp_path, "--processes", "2") as (process, url):
        wait_until(lambda: len(ready_processes(tmp_path)) == 2)
        killed, other = ready_processes(tmp_path)
        (folder,) = tmp_path.glob("bilstm-crf-metrics-*")
        assert (folder / f"gauge_livesum_{killed}.db").exists()
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: len(ready_processes(tmp_path)) == 3)
        wait_until(lambda: not (folder / f"gauge_livesum_{killed}.db").exists())
        assert (folder / f"gauge_livesum_{other}.db").exists()


@pytest.mark.slow
def test_another_model_takes_over_without_losing_a_request(model, tmp_path):
    """On SIGHUP, while clients send one request after the other."""
    done = threading.Event()

    def send_on(url):
        with httpx.Client(timeout=60) as client:
            while not done.is_set():
                answer = client.post(f"{url}/ents", json={"text": "Nobody saw Jordan"})
                assert answer.status_code == 200, answer.text

    def versions(url):
        return {httpx.get(f"{url}/model").json()["version"] for _ in range(10)}

    with (
        serving(model, tmp_path, "--processes", "2") as (process, url),
        ThreadPoolExecutor(2) as threads,
    ):
        wait_until(lambda: len(ready_processes(tmp_path)) == 2)
        first = set(ready_processes(tmp_path))
        clients = [threads.submit(send_on, url) for _ in range(2)]
        meta = Path(model) / "meta.json"
        meta.write_text(json.dumps(json.loads(meta.read_text()) | {"version": "9.9.9"}))
        process.send_signal(signal.SIGHUP)
        wait_until(lambda: len(ready_processes(tmp_path)) == 4)
        wait_until(lambda: versions(url) == {"9.9.9"})
        done.set()
        for client in clients:
            client.result()
        assert not first & set(ready_processes(tmp_path)[2:])


def test_a_model_that_is_not_there(tmp_path):
    result = CliRunner().invoke(cli, ["serve", str(tmp_path / "none")])
    assert result.exit_code == 1 and "[E050]" in result.output


@pytest.mark.slow
@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_model_that_can_not_be_loaded(model, tmp_path, processes):
    (Path(model) / "vocab" / "strings.json").unlink()
    command = [sys.executable, "-m", "spacy", "bilstm-crf", "serve", model, "--port", "0"]
    run = subprocess.run([*command, "--processes", processes], capture_output=True, text=True)
    assert run.returncode == 1
    assert "Can't load the pipeline: " in run.stderr and "incomplete or damaged" in run.stderr
    assert "The service did not start" in run.stdout


@pytest.mark.slow
@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there(model):
    command = [sys.executable, "-m", "spacy", "bilstm-crf", "serve", model, "--port", "0"]
    run = subprocess.run([*command, "--gpu-id", "0"], capture_output=True, text=True)
    assert run.returncode == 1 and "Can't load the pipeline: " in run.stderr
    assert "GPU" in run.stderr


def test_without_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "spacy_bilstm_crf.serving.run", raising=False)
    result = CliRunner().invoke(cli, ["serve", "model"])
    assert result.exit_code == 1
    assert "needs uvicorn, which is not installed" in result.output
    assert "spacy-bilstm-crf[serve]" in result.output
