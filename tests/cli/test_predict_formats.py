"""What `predict` writes for other tools: it reads back as annotated texts, and each text is there
once, however many runs it took."""

import json

import pytest
import spacy
from spacy.tokens import Doc
from typer.testing import CliRunner

from spacy_bilstm_crf.cli import cli
from spacy_bilstm_crf.corpora.annotated import ReadOptions
from spacy_bilstm_crf.corpora.formats import FORMATS, detect_format
from spacy_bilstm_crf.tagging.predict import predict

from .conftest import FOUND, TEXTS

LINES = ("doccano", "jsonl", "prodigy")
SUFFIXES = {"label-studio": ".json", "spacy": ".spacy", "webanno": ".tsv", "columns": ".conll"}
WITH_SCORES = ("jsonl", "label-studio", "prodigy", "spacy")
OWN_NAMES = {"spacy": "docbin"}
by_format = pytest.mark.parametrize("output_format", [*LINES, *SUFFIXES])


def output_of(tmp_path, output_format):
    return tmp_path / ("out.jsonl" if output_format in LINES else "out")


def read(path, output_format):
    """The texts of an output, by name."""
    found = []
    files = [path] if path.is_file() else sorted(path.rglob(f"*{SUFFIXES[output_format]}"))
    for file in files:
        assert detect_format(file) == OWN_NAMES.get(output_format, output_format)
        for text in FORMATS[OWN_NAMES.get(output_format, output_format)].read(file, ReadOptions()):
            is_named = output_format not in ("columns", "webanno")
            name = text.name if is_named else file.relative_to(path).with_suffix("").as_posix()
            found.append((name, text))
    assert len(dict(found)) == len(found)
    return dict(found)


def entities(text):
    return {(span.label, span.start, span.end) for span in text.spans}


@by_format
def test_formats_read_back_and_go_on(model, folder, tmp_path, output_format):
    output = output_of(tmp_path, output_format)
    command = ["predict", model, str(folder), str(output), "--format", output_format]
    assert "2 texts tagged" in CliRunner().invoke(cli, command).output
    found = read(output, output_format)
    assert {name: entities(text) for name, text in found.items()} == FOUND
    assert {name: text.text for name, text in found.items()} == TEXTS
    nlp = spacy.load(model)
    for name, text in found.items():
        confidences = [span.confidence for span in text.spans]
        if output_format in WITH_SCORES:
            expected = [ent._.confidence for ent in nlp(TEXTS[name]).ents]
            assert confidences == pytest.approx(expected, rel=1e-5)
        else:
            assert confidences == [None] * len(confidences)
    (folder / "more.txt").write_text("Paris is far")
    result = CliRunner().invoke(cli, command)
    assert result.exit_code == 0 and "1 text tagged" in result.output
    found = read(output, output_format)
    assert {name: text.text for name, text in found.items()} == {**TEXTS, "more": "Paris is far"}
    assert "0 texts tagged" in CliRunner().invoke(cli, command).output
    assert "3 texts tagged" in CliRunner().invoke(cli, [*command, "--force"]).output
    assert len(read(output, output_format)) == 3


@by_format
def test_a_stream(model, stream, tmp_path, output_format):
    output = output_of(tmp_path, output_format)
    command = ["predict", model, str(stream), str(output), "--format", output_format]
    assert CliRunner().invoke(cli, command).exit_code == 0
    found = read(output, output_format)
    # Files are named by numbers: an id may be no name of a file.
    is_own = output_format not in ("columns", "webanno")
    assert [(name, entities(text)) for name, text in found.items()] == [
        ("one" if is_own else "1", FOUND["one"]),
        ("sub/two" if is_own else "2", FOUND["sub/two"]),
    ]


def test_lines_begin_with_name_and_text_and_keep_the_input(model, stream, tmp_path):
    for output_format in LINES:
        path = tmp_path / f"{output_format}.jsonl"
        CliRunner().invoke(cli, ["predict", model, str(stream), str(path), "-f", output_format])
        records = [json.loads(line) for line in path.read_text().splitlines()]
        assert [list(record)[:2] for record in records] == [["name", "text"]] * 2
        assert [record["input"] for record in records] == [{"id": "one"}, {"id": "sub/two"}]


def rule_nlp():
    """A pipeline without confidences: every "Paris" is a LOC, "A. B." a PER of two sentences."""
    nlp = spacy.blank("en")
    nlp.meta.update(name="rules", version="1.2")
    nlp.add_pipe("entity_ruler").add_patterns(
        [
            {"label": "LOC", "pattern": "Paris"},
            {"label": "PER", "pattern": [{"TEXT": "Ann"}, {"TEXT": "!"}, {"TEXT": "Bo"}]},
        ]
    )
    nlp.add_pipe("sentencizer")
    return nlp


def write_texts(tmp_path, *texts):
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    return path


def test_other_pipelines_have_no_confidence(tmp_path):
    path = write_texts(tmp_path, "In Paris")
    predict(rule_nlp(), path, tmp_path / "out.jsonl", "jsonl")
    ents = [{"start": 3, "end": 8, "label": "LOC", "text": "Paris"}]
    expected = {"name": "1", "text": "In Paris", "ents": ents}
    assert json.loads((tmp_path / "out.jsonl").read_text()) == expected


def test_tasks_of_label_studio_are_predictions(tmp_path, monkeypatch):
    monkeypatch.setattr("spacy_bilstm_crf.tagging.outputs._DOCS_IN_FILE", 2)
    path = write_texts(tmp_path, "\U0001f600 Paris", "nothing", "Paris")
    assert predict(rule_nlp(), path, tmp_path / "out", "label-studio")[:2] == (3, [])
    first, last = (tmp_path / "out" / name for name in ("00000.json", "00001.json"))
    value = {"start": 3, "end": 8, "text": "Paris", "labels": ["LOC"]}
    named = {"type": "labels", "from_name": "label", "to_name": "text"}
    assert json.loads(first.read_text()) == [
        {
            "data": {"text": "\U0001f600 Paris", "name": "1"},
            "predictions": [
                {
                    "model_version": "en_rules 1.2",
                    "result": [{"id": "1-1", **named, "value": value}],
                }
            ],
        },
        {
            "data": {"text": "nothing", "name": "2"},
            "predictions": [{"model_version": "en_rules 1.2", "result": []}],
        },
    ]
    (task,) = json.loads(last.read_text())
    assert [result["id"] for result in task["predictions"][0]["result"]] == ["3-1"]


def test_tasks_that_someone_has_annotated_are_not_replaced(tmp_path):
    path = write_texts(tmp_path, "Paris")
    predict(rule_nlp(), path, tmp_path / "out", "label-studio")
    file = tmp_path / "out" / "00000.json"
    (task,) = json.loads(file.read_text())
    file.write_text(json.dumps([{**task, "annotations": []}]))
    before = file.read_bytes()
    with pytest.raises(ValueError, match="00000.json: not a file that this command has written"):
        predict(rule_nlp(), path, tmp_path / "out", "label-studio", force=True)
    assert file.read_bytes() == before


def test_columns_of_an_entity_of_two_sentences(tmp_path):
    path = write_texts(tmp_path, "Ann! Bo left.", "Go! Paris.")
    assert predict(rule_nlp(), path, tmp_path / "out", "columns")[:2] == (2, [])
    assert (tmp_path / "out" / "1.conll").read_text() == (
        "# text = Ann! Bo left.\nAnn\tB-PER\n!\tI-PER\nBo\tI-PER\nleft\tO\n.\tO\n\n"
    )
    assert (tmp_path / "out" / "2.conll").read_text() == (
        "-DOCSTART-\tO\n\n# text = Go!\nGo\tO\n!\tO\n\n# text = Paris.\nParis\tB-LOC\n.\tO\n\n"
    )


@pytest.mark.parametrize("output_format", [*LINES[::2], "label-studio", "webanno", "columns"])
def test_a_pipeline_that_finds_nothing_and_one_that_changes_a_text(tmp_path, output_format):
    class Tokenizer:
        def __call__(self, text):
            words = text.split()
            return Doc(nlp.vocab, words, [word != words[-1] for word in words])

    nlp = spacy.blank("xx")
    nlp.tokenizer = Tokenizer()
    path = write_texts(tmp_path, "In Paris", "a\tb")
    failures = []
    output = output_of(tmp_path, output_format)
    outcome = predict(
        nlp, path, output, output_format, on_error=lambda *seen: failures.append(seen)
    )
    assert outcome[:2] == (1, ["2"])
    assert "the tokenizer changes the text" in str(failures[0][1])
    assert [entities(text) for text in read(output, output_format).values()] == [set()]


@pytest.mark.parametrize("output_format", ["columns", "webanno"])
def test_files_of_others(tmp_path, output_format):
    suffix = SUFFIXES[output_format]
    (tmp_path / "out").mkdir()
    file = tmp_path / "out" / f"1{suffix}"
    file.write_text("mine")
    path = write_texts(tmp_path, "Paris")
    with pytest.raises(ValueError, match="was not written by this command"):
        predict(rule_nlp(), path, tmp_path / "out", output_format)
    assert file.read_text() == "mine"


def test_files_of_others_of_a_folder_are_counted(model, folder, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "one.tsv").write_text("mine")
    command = ["predict", model, str(folder), str(tmp_path / "out"), "-f", "webanno"]
    output = " ".join(CliRunner().invoke(cli, command).output.split())
    assert "1 text had .tsv files that this command has not written" in output
    assert (tmp_path / "out" / "one.tsv").read_text() == "mine"
