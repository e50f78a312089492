"""Texts with labels of the whole: JSON lines, and folders of texts."""

import json

import pytest
import spacy
from spacy.tokens import DocBin

from spacy_bilstm_crf.corpora.annotated import FormatError, ReadOptions
from spacy_bilstm_crf.corpora.convert import ConvertOptions, convert_corpus
from spacy_bilstm_crf.corpora.formats import detect_format, labelled
from spacy_bilstm_crf.corpora.inputs import find_inputs


def lines(path, *records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def read(path, **options):
    return list(labelled.read(path, ReadOptions(**options)))


@pytest.mark.parametrize(
    "record, expected",
    [
        ({"text": "good", "label": "pos"}, {"pos": 1.0}),
        ({"text": "good", "label": 1}, {"1": 1.0}),
        ({"text": "good", "label": True}, {"true": 1.0}),
        ({"review": "good", "sentiment": "pos"}, {"pos": 1.0}),
        ({"text": "good", "labels": ["a", "b"]}, {"a": 1.0, "b": 1.0}),
    ],
)
def test_labels_of_each_kind(tmp_path, record, expected):
    path = lines(tmp_path / "a.jsonl", record)
    assert detect_format(path) == "labels"
    (text,) = read(path)
    assert text.text == "good" and text.cats == expected


def test_fields_of_other_names(tmp_path):
    path = lines(tmp_path / "a.jsonl", {"body": "good", "stars": 5})
    assert detect_format(path) is None
    (text,) = read(path, text_field="body", label_field="stars")
    assert text.cats == {"5": 1.0}
    with pytest.raises(FormatError, match=r"line 1: there is no field of the text.*--text-field"):
        read(path)


@pytest.mark.parametrize("label", [None, "", 0.5, ["a", None], {"a": 1}])
def test_what_is_no_label(tmp_path, label):
    path = lines(tmp_path / "a.jsonl", {"text": "x", "label": "pos"}, {"text": "y", "label": label})
    with pytest.raises(FormatError, match="a.jsonl, line 2: the label must be"):
        read(path)


def test_spans_are_no_labels(tmp_path):
    spans = [[0, 4, "X"]]
    assert detect_format(lines(tmp_path / "a", {"text": "good", "label": spans})) == "doccano"


def test_what_is_written_is_read(tmp_path):
    records = [{"text": "a", "label": "x"}, {"text": "b", "label": []}, {"text": "c", "label": "y"}]
    given = read(lines(tmp_path / "a.jsonl", *records))
    with (tmp_path / "b.jsonl").open("w") as file:
        labelled.write(given, file)
    assert [(t.text, t.cats) for t in read(tmp_path / "b.jsonl")] == [
        (t.text, t.cats) for t in given
    ]


def test_docs_say_which_labels_they_have_not(tmp_path):
    for split in ("train", "dev", "test"):
        lines(
            tmp_path / f"{split}.jsonl",
            {"text": "good", "label": "pos"},
            {"text": "bad", "label": "neg"},
        )
    found = convert_corpus(tmp_path, tmp_path.with_name("out"), spacy.blank("xx"), ConvertOptions())
    assert found.splits["dev"]["cats"] == {"neg": 1, "pos": 1}
    docs = DocBin().from_disk(tmp_path.with_name("out") / "dev.spacy")
    assert [doc.cats for doc in docs.get_docs(spacy.blank("xx").vocab)] == [
        {"pos": 1.0, "neg": 0.0},
        {"neg": 1.0, "pos": 0.0},
    ]


def test_folders_of_labels(tmp_path):
    for split in ("train", "test"):
        for label in ("pos", "neg", "unsup"):
            (tmp_path / split / label).mkdir(parents=True)
            (tmp_path / split / label / "1_7.txt").write_text(f"{split} {label}")
    (tmp_path / "README").write_text("About it.")
    inputs = find_inputs(tmp_path)
    assert inputs.format == "label-folders" and list(inputs.files) == ["train", "test"]
    assert [path.parent.name for path in inputs.files["train"]] == ["neg", "pos"]
    assert list(find_inputs(tmp_path / "train").files) == ["train"]
