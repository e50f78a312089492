"""`export`: what `predict` and `convert` wrote, or others, in the formats of other tools."""

import json
import os

import pytest
import spacy
from spacy.tokens import DocBin
from typer.testing import CliRunner

from spacy_bilstm_crf.cli import cli
from spacy_bilstm_crf.corpora.annotated import ReadOptions
from spacy_bilstm_crf.corpora.formats import FORMATS, detect_format
from spacy_bilstm_crf.tagging.predict import predict

from .conftest import FOUND, TEXTS

ONE_FILE = ["columns", "csv", "doccano", "jsonl", "label-studio", "prodigy", "spacy2", "tokens"]
WITH_SCORES = ("csv", "jsonl", "label-studio", "prodigy")
RECORDS = [
    {"name": "a", "text": "In \U0001f600 Paris", "ents": [{"start": 5, "end": 10, "label": "LOC"}]},
    {"name": "b/c", "text": "Anna\nleft.", "ents": [{"start": 0, "end": 4, "label": "PER"}]},
]


def run(*arguments):
    """The exit code of `export`, and what it prints, in one line."""
    result = CliRunner().invoke(cli, ["export", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, " ".join(result.output.split())


def read(path, output_format):
    return list(FORMATS[output_format].read(path, ReadOptions()))


def entities(text):
    return [(span.start, span.end, span.label) for span in text.spans]


def files(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def lines(tmp_path):
    path = tmp_path / "in" / "texts.jsonl"
    path.parent.mkdir()
    path.write_text("".join(json.dumps(record) + "\n" for record in RECORDS))
    return path


@pytest.mark.parametrize("output_format", ONE_FILE)
@pytest.mark.parametrize("source", ["spacy", "jsonl"])
def test_what_predict_wrote(trained, folder, tmp_path, source, output_format):
    predicted = tmp_path / ("predicted" if source == "spacy" else "predicted.jsonl")
    predict(trained, folder, predicted, source)
    output = tmp_path / "out" / "file"
    code, printed = run(predicted, output, "-f", output_format, "--lang", "xx")
    assert code == 0 and "2 texts written to" in printed
    assert os.listdir(tmp_path / "out") == ["file"]
    assert detect_format(output) == output_format
    texts = read(output, output_format)
    assert [text.text for text in texts] == list(TEXTS.values())
    for name, text in zip(TEXTS, texts):
        assert {(label, start, end) for start, end, label in entities(text)} == FOUND[name]
        confidences = [span.confidence for span in text.spans]
        if output_format in WITH_SCORES:
            expected = [ent._.confidence for ent in trained(text.text).ents]
            assert confidences == pytest.approx(expected, rel=1e-5)
        else:
            assert confidences == [None] * len(confidences)
    if output_format in ("doccano", "jsonl", "label-studio", "prodigy", "tokens"):
        assert [text.name for text in texts] == list(TEXTS)


def test_confidences_of_a_docbin_need_no_component(trained, folder, tmp_path, monkeypatch):
    predict(trained, folder, tmp_path / "predicted", "spacy")
    expected = [[ent._.confidence for ent in trained(text).ents] for text in TEXTS.values()]
    monkeypatch.setattr("spacy.tokens.underscore.Underscore.span_extensions", {})
    run(tmp_path / "predicted", tmp_path / "out.jsonl", "-f", "prodigy")
    records = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    found = [[span["score"] for span in record["spans"]] for record in records]
    assert found == [pytest.approx(confidences, rel=1e-5) for confidences in expected]


def test_docbin_keeps_names_and_confidences(tmp_path):
    record = {"name": "x", "text": "In Paris", "ents": []}
    ent = {"start": 3, "end": 8, "label": "LOC", "text": "Paris", "confidence": 0.25}
    record["ents"].append(ent)
    (tmp_path / "in.jsonl").write_text(json.dumps(record) + "\n")
    assert run(tmp_path / "in.jsonl", tmp_path / "out.spacy", "-f", "spacy")[0] == 0
    (doc,) = DocBin().from_disk(tmp_path / "out.spacy").get_docs(spacy.blank("en").vocab)
    assert doc.user_data["name"] == "x"
    assert [(ent.text, ent.label_) for ent in doc.ents] == [("Paris", "LOC")]
    assert run(tmp_path / "out.spacy", tmp_path / "again.jsonl", "-f", "jsonl")[0] == 0
    assert json.loads((tmp_path / "again.jsonl").read_text()) == record


@pytest.mark.parametrize(
    "output_format, written",
    [
        ("brat", {"a.txt", "a.ann", "b/c.txt", "b/c.ann"}),
        ("webanno", {"a.tsv", "b/c.tsv"}),
    ],
)
def test_a_file_a_text(lines, tmp_path, output_format, written):
    out = tmp_path / "out"
    assert run(lines, out, "-f", output_format)[0] == 0
    assert set(files(out)) == written | {".export.json"}
    suffix = {"brat": ".txt", "webanno": ".tsv"}[output_format]
    for record in RECORDS:
        (text,) = read(out / f"{record['name']}{suffix}", output_format)
        assert text.text == record["text"]
        assert entities(text) == [tuple(ent.values()) for ent in record["ents"]]
    # A folder of them is an input, too.
    code, printed = run(out, tmp_path / "back.jsonl", "-f", "doccano")
    assert code == 0 and "2 texts written" in printed


def test_texts_without_names_are_numbered(tmp_path):
    (tmp_path / "in.conll").write_text("Anna\tB-PER\n\nParis\tB-LOC\n\n")
    assert run(tmp_path / "in.conll", tmp_path / "out", "-f", "brat")[0] == 0
    written = {"00001.ann": b"T1\tPER 0 4\tAnna\n", "00002.ann": b"T1\tLOC 0 5\tParis\n"}
    assert {**files(tmp_path / "out"), **written} == files(tmp_path / "out")


def test_model_version(lines, tmp_path):
    assert run(lines, tmp_path / "a.json", "-f", "label-studio")[0] == 0
    assert all("annotations" in task for task in json.loads((tmp_path / "a.json").read_text()))
    run(lines, tmp_path / "b.json", "-f", "label-studio", "--model-version", "en_m 1")
    tasks = json.loads((tmp_path / "b.json").read_text())
    assert [task["predictions"][0]["model_version"] for task in tasks] == ["en_m 1"] * 2
    code, printed = run(lines, tmp_path / "c.csv", "-f", "csv", "--model-version", "m")
    assert code == 1 and "csv has no place for a model version" in printed


@pytest.mark.parametrize("output_format, name", [("prodigy", "o.jsonl"), ("brat", "o")])
def test_what_is_there_is_replaced_only_if_forced(lines, tmp_path, output_format, name):
    command = [lines, tmp_path / name, "-f", output_format]
    assert run(*command)[0] == 0
    before = files(tmp_path)
    code, printed = run(*command)
    assert code == 1 and f"{name} is there already" in printed and "--force" in printed
    assert files(tmp_path) == before
    lines.write_text(json.dumps(RECORDS[0]) + "\n")
    code, printed = run(*command, "--force")
    assert code == 0 and "1 text written" in printed
    if output_format == "brat":
        assert set(files(tmp_path / "o")) == {".export.json", "a.txt", "a.ann"}


def test_files_of_others_are_never_replaced(lines, tmp_path):
    (tmp_path / "o").mkdir()
    (tmp_path / "o" / "a.ann").write_text("mine")
    before = files(tmp_path)
    code, printed = run(lines, tmp_path / "o", "-f", "brat", "--force")
    assert code == 1 and "a.ann is in the way" in printed
    assert files(tmp_path) == before
    code, printed = run(lines, lines, "-f", "jsonl", "--force")
    assert code == 1 and "must lie apart" in printed
    assert files(tmp_path) == before


@pytest.mark.parametrize(
    "record, output_format, message",
    [
        ({"name": "../x"}, "brat", "'../x' is no name for a file"),
        ({"name": "/x"}, "webanno", "'/x' is no name for a file"),
        ({"name": "a"}, "brat", "another text has the name 'a', too"),
        ({"ents": [{"start": 0, "end": 1, "label": "a b"}]}, "brat", "the label 'a b'"),
        ({"ents": [{"start": 0, "end": 1, "label": "L"}]}, "columns", "begin and end with tokens"),
        ({"ents": [{"start": 0, "end": 1, "label": "L"}]}, "spacy", "border inside a token"),
        ({"ents": [{"start": 0, "end": 9, "label": "L"}]}, "doccano", "goes from 0 to 9"),
        ({"text": "\0"}, "csv", "can't hold the null character"),
    ],
)
def test_a_text_that_the_format_cannot_hold(lines, tmp_path, record, output_format, message):
    bad = {"name": "bad", "text": "Paris", "ents": [], **record}
    lines.write_text(lines.read_text() + json.dumps(bad) + "\n")
    before = files(tmp_path)
    code, printed = run(lines, tmp_path / "out", "-f", output_format)
    assert code == 1 and message in printed and "texts.jsonl, line 3" in printed
    assert files(tmp_path) == before and not (tmp_path / "out").exists()


def test_impossible_inputs(tmp_path):
    (tmp_path / "empty.jsonl").write_text("")
    DocBin().to_disk(tmp_path / "none.spacy")
    (tmp_path / "notes.md").write_text("nothing")
    for name, message in [
        ("missing", "There is no file or folder"),
        ("empty.jsonl", "is empty"),
        ("none.spacy", "holds no texts"),
        ("notes.md", "is of none of the formats"),
    ]:
        code, printed = run(tmp_path / name, tmp_path / "out.jsonl", "-f", "jsonl")
        assert code == 1 and message in printed
        assert not (tmp_path / "out.jsonl").exists()
    code, printed = run(tmp_path / "notes.md", tmp_path / "x", "-f", "jsonl", "--lang", "zz")
    assert code == 1 and "The texts can't be exported" in printed


def test_rejected_texts_are_left_out_where_a_format_can_not_say_so(tmp_path):
    path = tmp_path / "prodigy.jsonl"
    records = [
        {"text": "In Paris", "spans": [{"start": 3, "end": 8, "label": "LOC"}]},
        {"text": "In Rome", "spans": [{"start": 0, "end": 2, "label": "LOC"}], "answer": "reject"},
    ]
    path.write_text("".join(json.dumps({"answer": "accept", **r}) + "\n" for r in records))
    code, output = run(path, tmp_path / "out.json", "--format", "label-studio")
    assert code == 0 and "nothing is known of them: 1 text" in output and "1 text written" in output
    assert [text.text for text in read(tmp_path / "out.json", "label-studio")] == ["In Paris"]
    code, output = run(path, tmp_path / "again.jsonl", "--format", "prodigy")
    assert code == 0 and "2 texts written" in output


@pytest.mark.parametrize("output_format", ["labels", "label-csv"])
def test_texts_with_labels(tmp_path, output_format):
    nlp = spacy.blank("en")
    docs = []
    for text, label in (("Fine", "pos"), ("Not so good.", "neg")):
        docs.append(nlp(text))
        docs[-1].cats = {"pos": 0.0, "neg": 0.0, label: 1.0}
    DocBin(docs=docs).to_disk(tmp_path / "in.spacy")
    code, printed = run(tmp_path / "in.spacy", tmp_path / "out", "-f", output_format)
    assert code == 0 and "2 texts written to" in printed
    assert detect_format(tmp_path / "out") == output_format
    texts = read(tmp_path / "out", output_format)
    assert [(text.text, text.cats) for text in texts] == [
        ("Fine", {"pos": 1.0}),
        ("Not so good.", {"neg": 1.0}),
    ]
    code, printed = run(tmp_path / "in.spacy", tmp_path / "spans", "-f", "csv")
    assert code == 1 and "its annotation is not known" in printed
