"""Texts redacted into folders and lines, whole, apart from the originals, and not twice."""

import gzip
import json
import warnings

import pytest
import spacy

from spacy_bilstm_crf.redaction import Mask, Masks
from spacy_bilstm_crf.redaction.redact_texts import redact_texts
from spacy_bilstm_crf.tagging.predict import predict

TEXTS = {
    "one": "Anna Smith lives in Paris .",
    "sub/two": "Nobody saw Jordan",
    "none": "It rained all day .\r\n",
    "whole": "Paris",
    "empty": "",
}
REDACTED = {
    "one": "[PER] lives in [LOC] .",
    "sub/two": "Nobody saw [PER]",
    "none": "It rained all day .\r\n",
    "whole": "[LOC]",
    "empty": "",
}


@pytest.fixture
def folder(tmp_path):
    for name, text in TEXTS.items():
        path = tmp_path / "texts" / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return tmp_path / "texts"


@pytest.fixture
def lines(tmp_path):
    path = tmp_path / "in.jsonl"
    records = [{"id": name, "text": text, "by": "Anna"} for name, text in TEXTS.items()]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def texts_of(folder):
    return {
        path.relative_to(folder).with_suffix("").as_posix(): path.read_bytes().decode()
        for path in folder.rglob("*.txt")
    }


def records_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_folder(trained, folder, tmp_path):
    out = tmp_path / "out"
    assert redact_texts(trained, folder, out) == (5, [], 0, 0)
    assert texts_of(out) == REDACTED
    assert records_of(out / "none.jsonl") == records_of(out / "empty.jsonl") == []
    log = records_of(out / "one.jsonl")
    assert [list(entry.values())[:6] for entry in log] == [
        ["one", 0, 10, 0, 5, "PER"],
        ["one", 20, 25, 15, 20, "LOC"],
    ]
    assert all(0.5 < e["probability"] <= 1 and e["reason"] == "entity" for e in log)
    hidden = ("Anna", "Smith", "Paris", "Jordan")
    for path in out.rglob("*"):
        assert path.is_dir() or not any(name in path.read_text() for name in hidden), path
    assert redact_texts(trained, folder, out) == (0, [], 5, 0)


def test_lines(trained, lines, tmp_path):
    out = tmp_path / "out.jsonl"
    assert redact_texts(trained, lines, out, with_text=True) == (5, [], 0, 0)
    records = records_of(out)
    assert {record["name"]: record["text"] for record in records} == REDACTED
    assert list(records[0]) == ["name", "text", "redacted"]  # and no other field
    for record in records:
        for entry in record["redacted"]:
            own = TEXTS[record["name"]][entry["start"] : entry["end"]]
            assert entry["text"] == own
    assert redact_texts(trained, lines, out, with_text=True) == (0, [], 5, 0)
    packed = tmp_path / "out.jsonl.gz"
    redact_texts(trained, lines, packed, with_text=True)
    assert gzip.decompress(packed.read_bytes()) == out.read_bytes()
    assert redact_texts(trained, lines, packed, with_text=True) == (0, [], 5, 0)


def test_hidden_strings_that_break_lines(tmp_path):
    nlp = spacy.blank("xx")
    text = "a\u2028\x85b\nc"
    pattern = [{"ORTH": token.text} for token in nlp(text)]
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "X", "pattern": pattern}])
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_bytes(text.encode())
    for _ in range(2):
        assert redact_texts(nlp, tmp_path / "texts", tmp_path / "out", with_text=True)[1] == []
    (line,) = (tmp_path / "out" / "a.jsonl").read_bytes().splitlines()
    assert json.loads(line)["text"] == text and (tmp_path / "out" / "a.txt").read_text() == "[X]"


def test_a_folder_into_lines(trained, folder, tmp_path):
    redact_texts(trained, folder, tmp_path / "out.jsonl", Masks(Mask.pseudonym))
    found = {record["name"]: record["text"] for record in records_of(tmp_path / "out.jsonl")}
    assert found["one"] == "PER_1 lives in LOC_1 ."


@pytest.mark.parametrize("kind", ["folder", "lines"])
def test_a_changed_text_is_noticed(trained, folder, lines, tmp_path, kind):
    source, out = {
        "folder": (folder, tmp_path / "out"),
        "lines": (lines, tmp_path / "out.jsonl"),
    }[kind]
    redact_texts(trained, source, out)
    for old, new in [("lives", "lived"), ("Anna Smith", "Anna Smythe")]:
        changed = folder / "one.txt" if kind == "folder" else lines
        before = changed.read_text()
        changed.write_text(before.replace(old, new))
        with pytest.raises(ValueError, match="another text than the input under the name 'one'"):
            redact_texts(trained, source, out)
        changed.write_text(before)
    assert redact_texts(trained, source, out, force=True)[:2] == (5, [])
    # What is to be hidden now might stand in what is there.
    with pytest.raises(ValueError, match=r"other options \(threshold None there, 0.05 here\)"):
        redact_texts(trained, source, out, threshold=0.05)
    assert redact_texts(trained, source, out, threshold=0.05, force=True)[:2] == (5, [])
    assert redact_texts(trained, source, out, threshold=0.05)[:3] == (0, [], 5)


def test_a_threshold_hides_more(trained, lines, tmp_path):
    ner = trained.get_pipe("ner")
    output = ner.model.get_ref("output_layer")
    output.set_param("W", output.get_param("W") * 0.4)  # so that it is less sure
    cfg, before = ner.cfg, dict(ner.cfg)
    redact_texts(trained, lines, tmp_path / "some.jsonl")
    redact_texts(trained, lines, tmp_path / "more.jsonl", threshold=0.01)
    assert dict(cfg) == before
    some, more = (records_of(tmp_path / f"{name}.jsonl") for name in ("some", "more"))
    n_some, n_more = (sum(len(record["redacted"]) for record in own) for own in (some, more))
    assert n_more > n_some
    reasons = {entry["reason"] for record in more for entry in record["redacted"]}
    assert reasons == {"entity", "probable span"}
    cfg["threshold"] = 0.01  # as a component is tuned
    redact_texts(trained, lines, tmp_path / "tuned.jsonl")
    hidden = [[(e["start"], e["end"]) for e in record["redacted"]] for record in more]
    tuned = records_of(tmp_path / "tuned.jsonl")
    assert [[(e["start"], e["end"]) for e in record["redacted"]] for record in tuned] == hidden


def test_without_probabilities(lines, tmp_path):
    nlp = spacy.blank("xx")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "LOC", "pattern": "Paris"}])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        redact_texts(nlp, lines, tmp_path / "out.jsonl")
    assert ["no probabilities" in str(warning.message) for warning in caught].count(True) == 1
    assert records_of(tmp_path / "out.jsonl")[3]["redacted"] == [
        {
            "start": 0,
            "end": 5,
            "new_start": 0,
            "new_end": 5,
            "label": "LOC",
            "probability": None,
            "reason": "entity",
        }
    ]


def test_without_entities(folder, lines, tmp_path):
    for source, out in [(folder, "out"), (lines, "out.jsonl")]:
        with pytest.raises(ValueError, match="No component of this pipeline finds entities"):
            redact_texts(spacy.blank("xx"), source, tmp_path / out)
        assert not (tmp_path / out).exists()


def test_ids_that_are_not_strings(trained, tmp_path):
    source, failed = tmp_path / "in.jsonl", []
    ids = [7, 7.5, "7", None, [1], True, ""]
    source.write_text("".join(json.dumps({"id": i, "text": "Paris"}) + "\n" for i in ids))
    redact_texts(trained, source, tmp_path / "out.jsonl", on_error=lambda *own: failed.append(own))
    names = [record["name"] for record in records_of(tmp_path / "out.jsonl")]
    assert names == ["7", "7.5", "4", "5", "6"]
    assert [name for name, _ in failed] == ["line 3", "line 7"]
    assert all("has the name '7' already" in reason for _, reason in failed)


def test_texts_that_are_not_redacted_may_not_be_there(trained, folder, lines, tmp_path):
    before = texts_of(folder)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "one.txt").write_text("Anna")
    predict(trained, lines, tmp_path / "tagged", "brat")  # has the original texts, as 1.txt
    for out, message in [
        (folder, "stay apart"),
        (folder / "out", "stay apart"),
        (tmp_path, "stay apart"),
        (tmp_path / "other", "would stand among redacted texts"),
        (tmp_path / "tagged", "would stand among redacted texts"),
    ]:
        with pytest.raises(ValueError, match=message):
            redact_texts(trained, folder, out)
    assert texts_of(folder) == before


def test_impossible_arguments(trained, folder, lines, tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "mine.jsonl").write_text('{"name": "one", "text": "x", "redacted": [1]}\n')
    for source, out, settings, message in [
        (tmp_path / "nothing", tmp_path / "out", {}, "does not exist"),
        (folder / "one.txt", tmp_path / "out", {}, "is one text"),
        (lines, tmp_path / "out", {}, "not named like one"),
        (folder, tmp_path / "file", {}, "is a file"),
        (lines, tmp_path / "out.parquet", {}, "go into JSON lines"),
        (lines, lines, {}, "is the input"),
        (lines, tmp_path / "mine.jsonl", {}, "line of 'one'"),
        (lines, tmp_path / "out.jsonl", {"threshold": 0.001}, "from 0.01 to 1"),
        (lines, tmp_path / "out.jsonl", {"threshold": float("nan")}, "from 0.01 to 1"),
    ]:
        with pytest.raises((ValueError, OSError), match=message):
            redact_texts(trained, source, out, **settings)
    assert (tmp_path / "file").read_text() == "mine"
    assert not (tmp_path / "out").exists() and not (tmp_path / "out.jsonl").exists()
