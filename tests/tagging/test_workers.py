"""Several processes write what one writes, to the byte, and end with it."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from spacy_bilstm_crf.tagging import parts
from spacy_bilstm_crf.tagging.predict import predict

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs Linux's /proc"),
]

# Parts are cut by the one process that reads, so that the workers need not know their size.
COMMAND = """
import sys
from spacy_bilstm_crf.cli import cli
from spacy_bilstm_crf.tagging import outputs, parts
parts._PART_CHARS = 500
outputs._DOCS_IN_FILE = 7
cli(sys.argv[1:])
"""
N_TEXTS = 400
OUTPUTS = {"jsonl": "out.jsonl", "spacy": "out", "brat": "out", "label-studio": "out"}


@pytest.fixture
def model(trained, tmp_path):
    trained.to_disk(tmp_path / "model")
    return tmp_path / "model"


def write_texts(path):
    names = ["Anna Smith", "Jordan", "Nobody", "Paris"]
    with path.open("w") as file:
        for n in range(N_TEXTS):
            text = f"{names[n % 4]} lives in {names[n % 3]} . " + f"Number {n} . " * (n % 5)
            file.write(json.dumps({"text": text, "id": n}) + "\n")
            if n % 100 == 50:
                file.write("no JSON\n")
    return path


def command(model, *arguments):
    return [sys.executable, "-c", COMMAND, "predict", str(model), *map(str, arguments)]


def run(model, *arguments):
    result = subprocess.run(command(model, *arguments), capture_output=True, text=True)
    return result.returncode, " ".join((result.stdout + result.stderr).split())


def content(path):
    found = sorted(path.rglob("*")) if path.is_dir() else [path]
    return {str(file.relative_to(path)): file.read_bytes() for file in found if file.is_file()}


def members(group):
    """The processes of a group, zombies aside."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, of = stat.read_text().rpartition(")")[2].split()[:3]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(of) == group and state != "Z":
            found.append(int(stat.parent.name))
    return found


def wait_until(is_so, seconds=60):
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


def kill_when_grown(model, output, limit, whole_group, *arguments):
    """RETURNS: whether it was killed when the output had so many bytes; False if it has ended."""
    process = subprocess.Popen(
        command(model, *arguments),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while process.poll() is None:
            if sum(map(len, content(output).values()) if output.exists() else [0]) >= limit:
                (os.killpg if whole_group else os.kill)(process.pid, signal.SIGKILL)
                process.wait()
                return True
            time.sleep(0.001)
        return False
    finally:
        wait_until(lambda: not members(process.pid))


@pytest.mark.parametrize("output_format", OUTPUTS)
def test_the_output_is_that_of_one_process(trained, model, tmp_path, monkeypatch, output_format):
    monkeypatch.setattr(parts, "_PART_CHARS", 500)
    texts = write_texts(tmp_path / "in.jsonl")
    one, two = (tmp_path / n / OUTPUTS[output_format] for n in "12")
    told = [], []
    outcomes = [
        predict(trained, texts, one, output_format, on_error=lambda *seen: told[0].append(seen)),
        predict(
            model,
            texts,
            two,
            output_format,
            workers=2,
            on_error=lambda *seen: told[1].append(seen),
        ),
    ]
    bad = ["line 52", "line 153", "line 254", "line 355"]
    assert outcomes == [(N_TEXTS, bad, 0, 0)] * 2
    assert told[0] == told[1]
    assert content(one) == content(two)


def test_a_folder(trained, model, tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "_PART_CHARS", 50)
    for n in range(20):
        path = tmp_path / "texts" / f"{n % 3}" / f"{n}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"Anna Smith has {n} friends in Paris .")
    (tmp_path / "texts" / "bad.txt").write_bytes(b"\xff")
    assert predict(trained, tmp_path / "texts", tmp_path / "1")[:2] == (20, ["bad"])
    assert predict(model, tmp_path / "texts", tmp_path / "2", workers=2)[:2] == (20, ["bad"])
    assert content(tmp_path / "1") == content(tmp_path / "2")
    (tmp_path / "2" / "0" / "3.ann").unlink()
    assert predict(model, tmp_path / "texts", tmp_path / "2", workers=2)[:3] == (1, ["bad"], 19)
    kept = content(tmp_path / "2")
    kept.pop(".predict.jsonl")
    assert kept.items() <= content(tmp_path / "1").items()


@pytest.mark.parametrize("name, whole_group", [("out.jsonl", True), ("out.parquet", False)])
def test_killed_at_random_it_goes_on(model, tmp_path, name, whole_group):
    texts = write_texts(tmp_path / "in.jsonl")
    assert run(model, texts, tmp_path / "at_once" / name)[0] == 1  # some lines are no JSON
    output = tmp_path / "killed" / name
    growing = output if name == "out.jsonl" else output.with_name(f".{name}.jsonl")
    rng = random.Random(0)
    arguments = texts, output, "--workers", 2
    n_killed, limit = 0, 1
    while kill_when_grown(model, growing, limit, whole_group, *arguments):
        n_killed += 1
        limit = growing.stat().st_size + rng.randint(1, 50_000)
    assert n_killed >= 2
    assert content(output) == content(tmp_path / "at_once" / name)
    assert {path.name for path in output.parent.iterdir()} == {name}


def test_errors_of_workers(model, tmp_path):
    texts = write_texts(tmp_path / "in.jsonl")
    (model / "vocab" / "strings.json").unlink()
    code, output = run(model, texts, tmp_path / "out.jsonl", "--workers", "2")
    assert code == 1 and "model can't be loaded: it is incomplete or damaged" in output
    assert "Traceback" not in output and not (tmp_path / "out.jsonl").exists()


def test_a_worker_that_dies(model, tmp_path):
    texts = write_texts(tmp_path / "in.jsonl")
    arguments = texts, tmp_path / "out.jsonl", "--workers", 2
    process = subprocess.Popen(
        command(model, *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    wait_until((tmp_path / "out.jsonl").exists)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    workers = [
        int(child)
        for child in children
        if "spawn_main" in Path(f"/proc/{child}/cmdline").read_text()
    ]
    assert len(workers) == 2
    os.kill(workers[0], signal.SIGKILL)
    output = " ".join(process.communicate()[0].split())
    assert process.returncode == 1 and "A worker has died" in output
    assert "Traceback" not in output
    wait_until(lambda: not members(process.pid))
    assert run(model, *arguments)[0] == 1
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == N_TEXTS


def test_workers_need_a_name_and_no_gpu(trained, model, tmp_path):
    texts = write_texts(tmp_path / "in.jsonl")
    with pytest.raises(ValueError, match="Give its name or its path"):
        predict(trained, texts, tmp_path / "out.jsonl", workers=2)
    code, output = run(model, texts, tmp_path / "out.jsonl", "--workers", "2", "--gpu-id", "0")
    assert code == 1 and "Workers are for the CPU" in output
