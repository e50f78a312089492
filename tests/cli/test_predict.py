import json

import spacy
from spacy.tokens import DocBin
from typer.testing import CliRunner

from spacy_bilstm_crf.cli import cli
from spacy_bilstm_crf.corpora.brat import read_entities
from spacy_bilstm_crf.tagging.predict import predict

from .conftest import FOUND, TEXTS

run = CliRunner().invoke


def brat(folder):
    return {name: read_entities(folder / f"{name}.ann") for name in FOUND}


def test_folder_to_brat(model, folder, tmp_path):
    result = run(cli, ["predict", model, str(folder), str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    assert brat(tmp_path / "out") == FOUND
    assert {p.name for p in (tmp_path / "out").iterdir()} == {".predict.jsonl", "one.ann", "sub"}


def test_what_is_done_is_not_done_again(model, folder, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "one.ann").write_text("T1\tX 0 4\tAnna\n")
    (tmp_path / "out" / "two.ann.unfinished").write_text("T1")
    result = run(cli, ["predict", model, str(folder), str(tmp_path / "out")])
    assert "1 text tagged" in result.output
    assert brat(tmp_path / "out") == {**FOUND, "one": {("X", 0, 4)}}
    assert "1 text had .ann files that this command has not written" in result.output
    (tmp_path / "out" / "one.ann").unlink()
    result = run(cli, ["predict", model, str(folder), str(tmp_path / "out")])
    assert "1 text tagged" in result.output
    result = run(cli, ["predict", model, str(folder), str(tmp_path / "out"), "--force"])
    assert "2 texts tagged" in result.output
    assert brat(tmp_path / "out") == FOUND


def test_one_bad_file_does_not_stop_the_rest(model, folder, tmp_path):
    (folder / "bad.txt").write_bytes(b"\xff\xfe\xff")
    result = run(cli, ["predict", model, str(folder), str(tmp_path / "out")])
    assert result.exit_code == 1
    output = " ".join(result.output.split())
    assert "bad failed" in output and "not UTF-8" in output and "1 text failed" in output
    assert brat(tmp_path / "out") == FOUND
    assert not (tmp_path / "out" / "bad.ann").exists()


def test_a_text_that_the_pipeline_refuses(trained, folder, tmp_path):
    trained.max_length = 20
    trained.to_disk(tmp_path / "model")
    assert predict(trained, folder, tmp_path / "out")[:2] == (1, ["one"])


def test_stream_to_json_lines(model, stream, tmp_path):
    output = tmp_path / "out.jsonl"
    stream.write_text("not json\n" + stream.read_text() + '{"no": "text"}\n\n')
    result = run(cli, ["predict", model, str(stream), str(output)])
    assert result.exit_code == 1
    assert "line 1 failed" in result.output and "line 4 failed" in result.output
    records = [json.loads(line) for line in output.read_text().splitlines()]
    assert [record["input"]["id"] for record in records] == list(TEXTS)
    assert [record["name"] for record in records] == list(TEXTS)
    for record in records:
        ents = {(ent["label"], ent["start"], ent["end"]) for ent in record["ents"]}
        assert ents == FOUND[record["input"]["id"]]
    # Cut short in the middle of a line, it goes on after the last whole one.
    whole = output.read_bytes()
    output.write_bytes(whole[:-9])
    run(cli, ["predict", model, str(stream), str(output)])
    assert output.read_bytes() == whole


def test_a_changed_input_is_not_mixed_up(model, stream, tmp_path):
    output = tmp_path / "out.jsonl"
    run(cli, ["predict", model, str(stream), str(output)])
    before = output.read_bytes()
    stream.write_text(stream.read_text().replace("Anna", "Oslo"))
    result = run(cli, ["predict", model, str(stream), str(output)])
    assert result.exit_code == 1
    assert "another text than the input under the name 'one'" in " ".join(result.output.split())
    assert output.read_bytes() == before
    assert run(cli, ["predict", model, str(stream), str(output), "--force"]).exit_code == 0
    assert len(output.read_text().splitlines()) == 2


def test_stream_to_brat_and_folder_to_json_lines(model, stream, folder, tmp_path):
    run(cli, ["predict", model, str(stream), str(tmp_path / "out"), "--format", "brat"])
    assert read_entities(tmp_path / "out" / "1.ann") == FOUND["one"]
    assert (tmp_path / "out" / "1.txt").read_text() == TEXTS["one"]
    run(cli, ["predict", model, str(folder), str(tmp_path / "x" / "o.jsonl"), "-f", "jsonl"])
    lines = (tmp_path / "x" / "o.jsonl").read_text().splitlines()
    assert [json.loads(line)["name"] for line in lines] == list(TEXTS)


def test_binary_format(model, folder, tmp_path, monkeypatch):
    monkeypatch.setattr("spacy_bilstm_crf.tagging.outputs._DOCS_IN_FILE", 1)
    command = ["predict", model, str(folder), str(tmp_path / "out"), "--format", "spacy"]
    assert run(cli, command).exit_code == 0
    vocab = spacy.blank("xx").vocab
    names = ["00000.spacy", "00001.spacy"]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == names
    docs = [doc for n in names for doc in DocBin().from_disk(tmp_path / "out" / n).get_docs(vocab)]
    found = {
        doc.user_data["name"]: {(e.label_, e.start_char, e.end_char) for e in doc.ents}
        for doc in docs
    }
    assert found == FOUND
    (tmp_path / "out" / "00001.spacy").unlink()
    assert "1 text tagged" in run(cli, command).output
    assert "0 texts tagged" in run(cli, command).output


def test_binary_files_are_numbered_on_and_whole(model, stream, tmp_path, monkeypatch):
    monkeypatch.setattr("spacy_bilstm_crf.tagging.outputs._DOCS_IN_FILE", 1)
    too_large = {"text": "Paris", "id": 10**30}
    stream.write_text(json.dumps(too_large) + "\n" + stream.read_text())
    command = ["predict", model, str(stream), str(tmp_path / "out"), "--format", "spacy"]
    result = run(cli, command)
    assert result.exit_code == 1 and f"{10**30} failed" in result.output
    (tmp_path / "out" / "00000.spacy").unlink()
    result = run(cli, command)
    assert "1 text tagged" in result.output
    names = ["00001.spacy", "00002.spacy"]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == names
    vocab = spacy.blank("xx").vocab
    docs = [doc for n in names for doc in DocBin().from_disk(tmp_path / "out" / n).get_docs(vocab)]
    assert {doc.user_data["input"]["id"] for doc in docs} == set(TEXTS)


def test_files_of_others_are_left_alone(model, folder, stream, tmp_path):
    report = tmp_path / "report.json"
    report.write_text('{"important": 1}')
    commands = [
        [str(folder), str(report), "-f", "jsonl"],
        [str(stream), str(stream)],
        [str(folder), str(report), "-f", "jsonl", "--force"],
        [str(stream), str(stream), "--force"],
    ]
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    for command in commands:
        result = run(cli, ["predict", model, *command])
        assert result.exit_code == 1, command
        assert "Traceback" not in result.output and result.exc_info[0] is SystemExit
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before
    out = tmp_path / "out"
    out.mkdir()
    (out / "notes.md").write_text("mine")
    run(cli, ["predict", model, str(folder), str(out), "--force"])
    assert (out / "notes.md").read_text() == "mine" and (out / "one.ann").exists()


def test_bad_lines_do_not_stop_the_rest(model, stream, tmp_path):
    bad = [b"\xff\xfe", b'{"text": "\\ud800"}', b"[" * 100_000, b'{"text": "Paris", "x": NaN}']
    stream.write_bytes(b"\xef\xbb\xbf" + stream.read_bytes() + b"\n".join(bad) + b"\n")
    result = run(cli, ["predict", model, str(stream), str(tmp_path / "o.jsonl")])
    assert result.exit_code == 1
    assert "4 texts failed" in " ".join(result.output.split())
    records = [json.loads(line) for line in (tmp_path / "o.jsonl").read_text().splitlines()]
    assert [record["input"]["id"] for record in records] == list(TEXTS)


def test_an_error_handler_does_not_shift_the_docs(trained, folder, tmp_path):
    @spacy.Language.component("fails_on_anna")
    def fails_on_anna(doc):
        if "Anna" in doc.text:
            raise ValueError("no")
        return doc

    trained.add_pipe("fails_on_anna")
    trained.set_error_handler(lambda *args: None)
    assert predict(trained, folder, tmp_path / "out")[:2] == (1, ["one"])
    assert read_entities(tmp_path / "out" / "sub" / "two.ann") == FOUND["sub/two"]


def test_impossible_arguments(model, folder, tmp_path):
    for command, message in [
        ([model, str(tmp_path / "nothing"), "out"], "does not exist"),
        ([model, str(folder / "one.txt"), "out"], "is one text"),
        ([str(tmp_path / "nothing"), str(folder), "out"], "Can't find model"),
    ]:
        result = run(cli, ["predict", *command])
        assert result.exit_code == 1
        assert message in " ".join(result.output.split())
    assert (folder / "one.txt").exists()
    (tmp_path / "empty").mkdir()
    result = run(cli, ["predict", model, str(tmp_path / "empty"), "out"])
    assert "has no .txt files" in " ".join(result.output.split())


def test_files_are_not_folders(model, folder, tmp_path):
    lines = str(tmp_path / "out.jsonl")
    result = run(cli, ["predict", model, str(folder), lines])
    assert result.exit_code == 1 and "say --format jsonl" in " ".join(result.output.split())
    result = run(cli, ["predict", model, str(folder), str(tmp_path), "--format", "jsonl"])
    assert result.exit_code == 1 and "go into a file" in " ".join(result.output.split())
    assert run(cli, ["predict", model, str(folder), lines, "--format", "jsonl"]).exit_code == 0
    again = run(cli, ["predict", model, str(folder), lines, "--format", "jsonl"])
    assert again.exit_code == 0 and "has all texts already" in again.output


def test_spans_and_least_confidence(model, stream, tmp_path):
    outputs = tmp_path / "all.jsonl", tmp_path / "none.jsonl"
    run(cli, ["predict", model, str(stream), str(outputs[0]), "--spans", "0.02"])
    run(cli, ["predict", model, str(stream), str(outputs[1]), "--min-confidence", "1"])
    found, none = ([json.loads(line) for line in p.read_text().splitlines()] for p in outputs)
    assert all(len(record["spans"]) >= len(record["ents"]) > 0 for record in found)
    assert all(record["ents"] == [] and "spans" not in record for record in none)
