import json
import os
import random
from unittest.mock import patch

import pytest
import spacy
from typer.testing import CliRunner

from spacy_bilstm_crf.cli import cli
from spacy_bilstm_crf.redaction import Mask, Masks
from spacy_bilstm_crf.redaction.redact_texts import redact_texts

from .conftest import TEXTS
from .kills import kill_until_done, texts

run = CliRunner().invoke

N_KILLS = 10


def test_options_are_passed_on(model, folder, stream, tmp_path):
    out = tmp_path / "out.jsonl"
    options = ["-m", "pseudonym", "--keep-case", "--keep-length", "--with-text"]
    result = run(cli, ["redact", model, str(stream), str(out), *options])
    assert result.exit_code == 0 and "2 texts redacted" in result.output, result.output
    records = [json.loads(line) for line in out.read_text().splitlines()]
    assert records[0]["text"] == "Per_1_____ lives in Loc_1 ."
    assert [entry["text"] for entry in records[0]["redacted"]] == ["Anna Smith", "Paris"]
    result = run(cli, ["redact", model, str(folder), str(tmp_path / "out"), "--mask", "box"])
    assert (tmp_path / "out" / "one.txt").read_text() == "██████████ lives in █████ ."
    result = run(cli, ["redact", model, str(folder), str(tmp_path / "out"), "--mask", "box"])
    assert "has all texts already" in " ".join(result.output.split())
    result = run(cli, ["redact", model, str(folder), str(tmp_path / "out"), "--force"])
    assert (tmp_path / "out" / "one.txt").read_text() == "[PER] lives in [LOC] ."


def test_errors_are_one_line(model, folder, tmp_path):
    (folder / "bad.txt").write_bytes(b"\xff")
    result = run(cli, ["redact", model, str(folder), str(tmp_path / "out")])
    assert result.exit_code == 1 and "1 text failed, such as bad" in " ".join(result.output.split())
    assert not (tmp_path / "out" / "bad.txt").exists()
    assert len(list((tmp_path / "out").rglob("*.txt"))) == len(TEXTS)
    for options, message in [
        (["--keep-case"], "kept by pseudonyms"),
        (["--threshold", "0"], "must be from 0.01 to 1"),
        (["--workers", "2", "--gpu-id", "0"], "Workers are for the CPU"),
    ]:
        result = run(cli, ["redact", model, str(folder), str(tmp_path / "new"), *options])
        assert result.exit_code == 1 and message in " ".join(result.output.split()), options
        assert "Traceback" not in result.output and not (tmp_path / "new").exists()


def content(path):
    found = sorted(path.rglob("*")) if path.is_dir() else [path]
    return {str(own.relative_to(path)): own.read_bytes() for own in found if own.is_file()}


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("output, most", [("out", 900), ("out.jsonl", 600)])
@patch("spacy_bilstm_crf.tagging.parts._PART_CHARS", 100)
def test_killed_at_random_it_goes_on(trained, tmp_path, output, most):
    """Files are, to the byte, those of a run that was not killed; so is the line of each file in
    the manifest, which may have it twice."""
    for name, text in texts(60).items():
        path = tmp_path / "texts" / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def redact_into(path):
        masks = Masks(Mask.pseudonym)
        found = redact_texts(trained, tmp_path / "texts", path, masks, threshold=0.02)
        assert found.failed == []

    at_once, killed = tmp_path / "1" / output, tmp_path / "2" / output
    redact_into(at_once)
    rng = random.Random(0)
    assert kill_until_done(lambda: redact_into(killed), killed, rng, most) >= N_KILLS
    first, second = content(at_once), content(killed)
    lines = [set(own.pop(".predict.jsonl", b"").splitlines()) for own in (first, second)]
    assert first == second and lines[0] == lines[1]
    redact_into(killed)
    assert content(killed).keys() - {".predict.jsonl"} == first.keys()


@pytest.mark.slow
def test_workers_write_the_same(model, folder, tmp_path):
    outs = [tmp_path / n for n in "12"]
    for out, workers in zip(outs, "12"):
        result = run(cli, ["redact", model, str(folder), str(out), "--workers", workers])
        assert result.exit_code == 0, result.output
    assert content(outs[0]) == content(outs[1])


@pytest.mark.slow
def test_workers_warn_once_and_refuse_as_one_process_does(trained, folder, tmp_path):
    trained.get_pipe("ner").cfg["confidence"] = "off"
    trained.to_disk(tmp_path / "unsure")
    with pytest.warns(UserWarning, match="gives no probabilities") as warned:
        redact_texts(tmp_path / "unsure", folder, tmp_path / "out", workers=2)
    assert ["no probabilities" in str(own.message) for own in warned].count(True) == 1
    log = (tmp_path / "out" / "one.jsonl").read_text().splitlines()
    assert [json.loads(line)["probability"] for line in log] == [None, None]
    spacy.blank("xx").to_disk(tmp_path / "blank")
    with pytest.raises(ValueError, match="No component of this pipeline finds entities"):
        redact_texts(tmp_path / "blank", folder, tmp_path / "none", workers=2)
