"""What `predict` does with outputs that are odd, full, of others or in use."""

import json
import os
import resource
import signal
import tracemalloc

import pytest
import spacy
from spacy.tokens import DocBin
from typer.testing import CliRunner
from wasabi import msg

from spacy_bilstm_crf.cli import cli
from spacy_bilstm_crf.corpora.brat import read_entities
from spacy_bilstm_crf.tagging.predict import predict

from .conftest import FOUND, TEXTS

FORMATS = {
    "brat": "out",
    "jsonl": "out.jsonl",
    "spacy": "out",
    "label-studio": "out",
    "prodigy": "out.jsonl",
}
by_format = pytest.mark.parametrize("output_format", FORMATS)


def run(model, *arguments):
    """The exit code of `predict`, and what it prints, in one line."""
    result = CliRunner().invoke(cli, ["predict", model, *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, " ".join(result.output.split())


def files(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def read_docs(folder):
    vocab = spacy.blank("xx").vocab
    binaries = [DocBin().from_disk(path) for path in sorted(folder.glob("*.spacy"))]
    return [doc for binary in binaries for doc in binary.get_docs(vocab)]


def test_a_doc_that_docbin_cannot_hold_fails_alone(model, stream, tmp_path):
    bad = '{"text": "Paris is cold", "id": "\\ud800"}\n'
    stream.write_text(bad + stream.read_text() + bad)
    code, output = run(model, stream, tmp_path / "out", "-f", "spacy")
    assert code == 1 and "2 texts tagged" in output and "2 texts failed" in output
    docs = read_docs(tmp_path / "out")
    assert [doc.text for doc in docs] == list(TEXTS.values())
    for doc in docs:
        name = doc.user_data["input"]["id"]
        assert {(e.label_, e.start_char, e.end_char) for e in doc.ents} == FOUND[name]


def test_what_a_component_leaves_on_a_doc_fails_alone(trained, folder, tmp_path):
    @spacy.Language.component("leaves_a_set")
    def leaves_a_set(doc):
        if "Anna" in doc.text:
            doc.user_data["seen"] = {1}
        return doc

    trained.add_pipe("leaves_a_set")
    assert predict(trained, folder, tmp_path / "out", "spacy")[:2] == (1, ["one"])
    assert [doc.text for doc in read_docs(tmp_path / "out")] == [TEXTS["sub/two"]]


@by_format
def test_file_names_that_are_no_text(model, folder, tmp_path, output_format):
    (folder / os.fsdecode(b"caf\xe9.txt")).write_text("Paris")
    output_path = tmp_path / FORMATS[output_format]
    code, output = run(model, folder, output_path, "-f", output_format)
    assert "\\udce9" in output or output_format == "brat"
    assert code == (0 if output_format == "brat" else 1)
    again = run(model, folder, output_path, "-f", output_format)
    assert "0 texts tagged" in again[1] and again[0] == code
    if output_format == "spacy":
        assert {doc.user_data["name"] for doc in read_docs(output_path)} == set(TEXTS)


def test_two_runs_into_one_output(trained, folder, tmp_path):
    second = spacy.blank("xx")
    refused = []

    @spacy.Language.component("runs_again")
    def runs_again(doc):
        with pytest.raises(ValueError, match="Another run is writing to"):
            predict(second, folder, output_path, output_format)
        refused.append(doc.text)
        return doc

    trained.add_pipe("runs_again")
    for output_format, name in FORMATS.items():
        output_path = tmp_path / output_format / name
        assert predict(trained, folder, output_path, output_format)[:2] == (2, [])
        assert predict(second, folder, output_path, output_format)[:2] == (0, [])
    assert len(refused) == 2 * len(FORMATS)
    assert not list(tmp_path.rglob("*.lock")) and not list(tmp_path.rglob("*unfinished"))


def test_two_texts_of_one_name(model, folder, tmp_path):
    (folder / "one.TXT").write_text("Paris")
    code, output = run(model, folder, tmp_path / "out")
    assert code == 1 and "one.txt" in output and "one.TXT" in output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["1.txt", "2.ann", "7.TXT"])
def test_files_in_the_way_of_a_stream(model, stream, tmp_path, name):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).write_text("mine")
    before = files(tmp_path / "out")
    for force in [[], ["--force"]]:
        code, output = run(model, stream, tmp_path / "out", "-f", "brat", *force)
        assert code == 1 and name in output
        assert files(tmp_path / "out") == before


def test_gold_beside_the_texts(model, folder, tmp_path):
    (folder / "one.ann").write_text("T1\tX 0 4\tAnna\n")
    before = files(folder)
    code, output = run(model, folder, folder, "--force")
    assert code == 1 and "one.ann was not written by this command" in output
    assert files(folder) == before
    code, output = run(model, folder, folder)
    assert code == 0 and "1 text tagged" in output and "1 text had .ann files" in output
    after = files(folder)
    assert {name: after[name] for name in before} == before
    assert read_entities(folder / "sub" / "two.ann") == FOUND["sub/two"]


def test_force_removes_what_it_has_written_and_nothing_else(model, folder, tmp_path):
    out = tmp_path / "out"
    run(model, folder, out)
    (folder / "one.txt").unlink()
    assert run(model, folder, out, "--force")[0] == 0
    assert not (out / "one.ann").exists() and (out / "sub" / "two.ann").exists()
    (out / "sub" / "two.ann").write_text("T1\tLOC 11 17\tJordan\n")  # by a person
    before = files(out)
    code, output = run(model, folder, out, "--force")
    assert code == 1 and "was changed since" in output and files(out) == before
    assert "1 text tagged" not in run(model, folder, out)[1]
    assert read_entities(out / "sub" / "two.ann") == {("LOC", 11, 17)}


def test_force_on_a_stream(model, stream, tmp_path):
    out = tmp_path / "out"
    run(model, stream, out, "-f", "brat")
    stream.write_text('{"text": "Paris"}\n')
    code, output = run(model, stream, out, "-f", "brat")
    assert code == 1 and "another text than the input under the name '1'" in output
    assert run(model, stream, out, "-f", "brat", "--force")[0] == 0
    assert {p.name for p in out.iterdir()} == {".predict.jsonl", "1.txt", "1.ann"}
    assert (out / "1.txt").read_text() == "Paris"


@by_format
def test_a_changed_text(model, folder, tmp_path, output_format):
    output_path = tmp_path / FORMATS[output_format]
    run(model, folder, output_path, "-f", output_format)
    (folder / "one.txt").write_text("Paris")
    before = files(tmp_path)
    code, output = run(model, folder, output_path, "-f", output_format)
    assert code == 1 and "another text than the input under the name 'one'" in output
    assert files(tmp_path) == before
    assert run(model, folder, output_path, "-f", output_format, "--force")[0] == 0


def test_binary_files_of_others(model, folder, tmp_path):
    (tmp_path / "out").mkdir()
    DocBin(docs=[spacy.blank("xx")("Paris")]).to_disk(tmp_path / "out" / "0.spacy")
    DocBin().to_disk(tmp_path / "out" / "2024-train.spacy")
    before = files(tmp_path / "out")
    code, output = run(model, folder, tmp_path / "out", "-f", "spacy", "--force")
    assert code == 1 and "0.spacy: not a file that this command" in output
    assert files(tmp_path / "out") == before
    (tmp_path / "out" / "0.spacy").unlink()
    assert run(model, folder, tmp_path / "out", "-f", "spacy", "--force")[0] == 0
    assert (tmp_path / "out" / "2024-train.spacy").exists()


@pytest.mark.parametrize(
    "content",
    [
        '{"name": "Bob", "age": 3}',
        '{"name": "Bob", "text": "whole", "age": 3}',
        '{"name": "Bob", "text": "cut',
        '{"name": "Bob", "age": 3',
        "[1]\n",
    ],
)
def test_json_of_others(model, folder, tmp_path, content):
    path = tmp_path / "out.jsonl"
    path.write_text(content)
    code, output = run(model, folder, path, "-f", "jsonl")
    is_ours = content.endswith("cut")
    assert code == (0 if is_ours else 1)
    if not is_ours:
        assert "line 1: not a line that this command has written" in output
        assert path.read_text() == content


def test_outputs_that_are_no_files(model, folder, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in ["/dev/null", "/dev/full", tmp_path / "pipe"]:
        code, output = run(model, folder, path, "-f", "jsonl")
        assert code == 1 and "is not a regular file" in output
        assert run(model, folder, path, "-f", "spacy")[0] == 1


def test_a_huge_file_is_not_read(trained, folder, tmp_path):
    with (tmp_path / "out.jsonl").open("wb") as file:
        file.truncate(100_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="not a line that this command"):
            predict(trained, folder, tmp_path / "out.jsonl", "jsonl")
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_texts_of_the_output_are_not_kept(trained, tmp_path):
    long = "Paris " + " " * 1_000_000
    path = tmp_path / "out.jsonl"
    lines = [json.dumps({"name": str(n), "text": long, "ents": []}) for n in range(1, 21)]
    path.write_text("".join(f"{line}\n" for line in lines))
    (tmp_path / "in.jsonl").write_text(json.dumps({"text": long}) + "\n")
    tracemalloc.start()
    try:
        assert predict(trained, tmp_path / "in.jsonl", path)[:2] == (0, [])
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


@by_format
def test_a_full_disk_ends_the_run(model, folder, tmp_path, output_format):
    for number in range(20):
        (folder / f"{number:02}.txt").write_text(TEXTS["one"])
    output_path = tmp_path / FORMATS[output_format]
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, limits[1]))  # a longer file can't be written
    try:
        code, output = run(model, folder, output_path, "-f", output_format)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert code == 1 and output.count("File too large") == 1 and "can't be written" in output
    if output_format == "jsonl":
        lines = output_path.read_text().splitlines(keepends=True)
        assert 0 < len(lines) < 22 and all(json.loads(line) and line[-1] == "\n" for line in lines)
    if output_format == "spacy":
        assert not list(output_path.iterdir())
    assert run(model, folder, output_path, "-f", output_format)[0] == 0
    assert "0 texts tagged" in run(model, folder, output_path, "-f", output_format)[1]


@pytest.mark.parametrize("content", ["", "\n\n"])
def test_no_texts(model, tmp_path, content):
    (tmp_path / "in.jsonl").write_text(content)
    code, output = run(model, tmp_path / "in.jsonl", tmp_path / "out.jsonl")
    assert code == 0 and "in.jsonl has no texts" in output and "already" not in output
    assert (tmp_path / "out.jsonl").read_text() == ""


@pytest.mark.parametrize("name", [".unfinished", ".predict.jsonl", ".predict.lock", "one.ann"])
def test_links_are_not_written_through(model, folder, tmp_path, name):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).symlink_to(tmp_path / "victim")
    if name != "one.ann":
        (tmp_path / "victim").write_text("")
    before = files(tmp_path)
    run(model, folder, tmp_path / "out")
    assert {p: v for p, v in files(tmp_path).items() if not p.startswith("out")} == {
        p: v for p, v in before.items() if not p.startswith("out")
    }


def test_names_do_not_command_the_terminal(model, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(msg, "show_color", False)
    for name in ("\x1b]0;title\x07", "\u202egpj", "\x9b31m", "a\nb"):
        (folder / f"{name}.txt").write_bytes(b"\xff")
    code, output = run(model, folder, tmp_path / "out")
    assert code == 1
    assert not set("\x1b\x07\u202e\x9b") & set(output)
    for shown in (
        r"\x1b]0;title\x07 failed",
        r"\u202egpj failed",
        r"\x9b31m failed",
        r"a\nb failed",
    ):
        assert shown in output


def test_long_texts(model, folder, tmp_path):
    (folder / "long.txt").write_text(TEXTS["one"] + " " * 1_000_000)
    assert run(model, folder, tmp_path / "out")[0] == 0
    assert read_entities(tmp_path / "out" / "long.ann") == FOUND["one"]


def test_long_texts_and_components_that_need_the_limit(folder, tmp_path):
    nlp = spacy.blank("xx")
    nlp.add_pipe("ner").add_label("PER")
    nlp.initialize()
    (folder / "long.txt").write_text(TEXTS["one"] + " " * 1_000_000)
    assert predict(nlp, folder, tmp_path / "out").failed == ["long"]
