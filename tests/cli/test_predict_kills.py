"""Killed at any time and run again, `predict` has every text once, whole, and its own."""

import json
import os
import random

import pytest
import spacy
from spacy.tokens import DocBin

from spacy_bilstm_crf.cli.predict import predict
from spacy_bilstm_crf.corpora.brat import read_doc

from .kills import kill_until_done

N_TEXTS = int(os.environ.get("TEST_KILL_TEXTS", "50"))
"""More of them are more kills: one in about five texts."""


def texts():
    names = ["Anna Smith", "Jordan", "nobody", "Paris"]
    return {
        f"{n % 7}/{n}": f"{names[n % 4]} lives in Paris . " + f"Number {n} . " * (n % 5)
        for n in range(N_TEXTS)
    }


def read_brat(path):
    nlp = spacy.blank("en")
    for file in sorted(path.rglob("*.ann")):
        # `read_doc` compares the text of each entity with the text that it is of.
        source = path.parent / "texts" / file.relative_to(path).with_suffix(".txt")
        file.with_suffix(".txt").write_bytes(source.read_bytes())
        doc, unfit = read_doc(file.with_suffix(".txt"), nlp)
        assert not unfit
        name = file.relative_to(path).with_suffix("").as_posix()
        yield name, doc.text, [(e.start_char, e.end_char, e.label_) for e in doc.ents]


def read_jsonl(path):
    for line in path.read_text().splitlines():
        record = json.loads(line)
        ents = [(ent["start"], ent["end"], ent["label"]) for ent in record["ents"]]
        yield record["name"], record["text"], ents


def read_spacy(path):
    for file in sorted(path.glob("*.spacy")):
        for doc in DocBin().from_disk(file).get_docs(spacy.blank("en").vocab):
            ents = [(e.start_char, e.end_char, e.label_) for e in doc.ents]
            yield doc.user_data["name"], doc.text, ents


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize(
    "output_format,most,read",
    [("brat", 1000, read_brat), ("jsonl", 1000, read_jsonl), ("spacy", 1500, read_spacy)],
)
def test_kills(trained, tmp_path, monkeypatch, output_format, most, read):
    monkeypatch.setattr("spacy_bilstm_crf.tagging.tag_texts._BATCH_CHARS", 100)
    monkeypatch.setattr("spacy_bilstm_crf.tagging.outputs._DOCS_IN_FILE", 3)
    for name, text in texts().items():
        path = tmp_path / "texts" / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    output = tmp_path / "out"

    def action():
        assert predict(trained, tmp_path / "texts", output, output_format)[1] == []

    n_killed = kill_until_done(action, output, random.Random(0), most)
    assert n_killed >= 5
    expected = {}
    for name, text in texts().items():
        doc = trained(text)
        expected[name] = text, [(e.start_char, e.end_char, e.label_) for e in doc.ents]
    found = list(read(output))
    assert len(found) == N_TEXTS
    assert {name: (text, ents) for name, text, ents in found} == expected
    assert predict(trained, tmp_path / "texts", output, output_format) == (0, [])
    assert not list(tmp_path.rglob("*.unfinished")) and not list(tmp_path.rglob("*.lock"))
