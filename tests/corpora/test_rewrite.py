"""Files with some of their texts corrected: what else they say stays."""

import gzip
import json
from dataclasses import replace

import pytest
import spacy
from spacy.tokens import Doc, DocBin

from spacy_bilstm_crf.corpora.annotated import FormatError, ReadOptions
from spacy_bilstm_crf.corpora.export import ExportFormat, read_any
from spacy_bilstm_crf.corpora.formats import FORMATS

from ..audit.cases import ANNA, BERGEN, CORRECTED, KINDS, apply, found, record


def offsets(text, *spans):
    return [(text.index(words), text.index(words) + len(words), label) for words, label in spans]


GOLD = {
    ANNA: offsets(ANNA, ("Anna Smith", "ORG"), ("Oslo", "LOC")),
    BERGEN: offsets(BERGEN, ("Bergen", "LOC"), ("Oslo", "LOC"), ("slept", "PER")),
    "It rained": [],
}


def json_line(format, text, spans):
    named = [{"start": start, "end": end, "label": label} for start, end, label in spans]
    if format == "doccano":
        places = [{"id": 1, "label": s[2], "start_offset": s[0], "end_offset": s[1]} for s in spans]
        return {"id": 7, "text": text, "entities": places, "Comments": ["own"]}
    if format == "prodigy":
        meta = {"meta": {"page": 3}, "_input_hash": 12}
        return {"text": text, "spans": named, "answer": "accept", **meta}
    if format == "tokens":
        starts = {start: label for start, _, label in spans}
        tags, place, inside = [], 0, None
        for word in text.split():
            if place in starts:
                tags.append(f"B-{starts[place]}")
                inside = next(end for start, end, _ in spans if start == place)
            else:
                tags.append("O" if inside is None or place >= inside else "I-ORG")
            place += len(word) + 1
        return {"words": text.split(), "tags": tags, "own": 1}
    return {"name": "n", "text": text, "ents": named, "own": 1}


OWN = {
    "doccano": ("Comments", ["own"]),
    "prodigy": ("_input_hash", 12),
    "tokens": ("own", 1),
    "jsonl": ("own", 1),
}


@pytest.mark.parametrize("format", OWN)
def test_lines_of_json_keep_what_else_they_say(tmp_path, format):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    records = [json_line(format, text, spans) for text, spans in GOLD.items()]
    lines = [json.dumps(one, separators=(",", ":")) + "\n" for one in records]
    (corpus / "train.jsonl").write_text("".join(lines))
    findings = [one | {"file": "train.jsonl"} for one in KINDS]
    assert apply(tmp_path, corpus, findings).format == format
    output = tmp_path / "out" / "train.jsonl"
    texts = list(FORMATS[format].read(output, ReadOptions()))
    assert [found(text) for text in texts] == [*CORRECTED, []]
    written = output.read_text().splitlines(keepends=True)
    assert written[2] == lines[2]  # as it was, to the byte
    key, value = OWN[format]
    changed = json.loads(written[0])
    assert changed[key] == value
    assert "entities" not in changed and "tags" not in changed
    if format == "prodigy":
        assert changed["meta"]["page"] == 3


def test_compressed_lines(tmp_path):
    records = [json_line("jsonl", text, spans) for text, spans in GOLD.items()]
    data = "".join(json.dumps(one) + "\n" for one in records).encode()
    (tmp_path / "train.jsonl.gz").write_bytes(gzip.compress(data))
    findings = [one | {"file": "train.jsonl.gz"} for one in KINDS]
    apply(tmp_path, tmp_path / "train.jsonl.gz", findings)
    assert [found(t) for t in read_any(tmp_path / "out" / "train.jsonl")][:2] == CORRECTED


ANN = """T3\tORG 0 10\tAnna Smith
T5\tLOC 15 19\tOslo
R1\tLives Arg1:T3 Arg2:T5
#1\tAnnotatorNotes T5\tas T3 says
A1\tSure T3
T8\tX 0 4;15 19\tAnna Oslo
"""


def test_brat_keeps_ids_and_relations(tmp_path):
    folder = tmp_path / "corpus" / "train"
    folder.mkdir(parents=True)
    for name in ("a", "b"):
        (folder / f"{name}.txt").write_text(ANNA)
        (folder / f"{name}.ann").write_text(ANN)
    files = [one | {"file": "train/a.txt"} for one in (KINDS[0], KINDS[4])]
    apply(tmp_path, tmp_path / "corpus", files)
    output = tmp_path / "out" / "train"
    assert (output / "a.ann").read_text() == (
        ANN.replace("T3\tORG", "T3\tPER") + "T1\tEVENT 11 14\tsaw\n"
    )
    assert (output / "a.txt").read_text() == ANNA
    assert (output / "b.ann").read_text() == ANN
    # With an entity goes what names it, but for a mere text.
    gone = [record(1, "spurious", ANNA, "ORG", None, "Anna Smith", file="train/b.txt")]
    apply(tmp_path, tmp_path / "corpus", gone)
    lines = ANN.splitlines(keepends=True)
    assert (output / "b.ann").read_text() == lines[1] + lines[3] + lines[5]


def test_docbins_keep_what_else_is_annotated(tmp_path):
    vocab = spacy.blank("xx").vocab
    docs = []
    for text, tags in [(ANNA, "B-ORG I-ORG O B-LOC"), (BERGEN, "B-LOC B-LOC B-PER")]:
        words = text.split()
        doc = Doc(vocab, words=words, ents=tags.split(), pos=["NOUN"] * len(words))
        doc.spans["own"] = [doc[:1]]
        doc.user_data["name"] = text[0]
        docs.append(doc)
    docs.append(Doc(vocab, words=["Oslo", "slept"], ents=["", ""]))
    (tmp_path / "corpus").mkdir()
    DocBin(docs=docs, store_user_data=True).to_disk(tmp_path / "corpus" / "train.spacy")
    findings = [one | {"file": "train.spacy"} for one in KINDS]
    missing = record(9, "missing", "Oslo slept", None, "LOC", "Oslo", "Oslo", file="train.spacy")
    assert apply(tmp_path, tmp_path / "corpus", [*findings, missing]).format == "docbin"
    assert [found(text) for text in read_any(tmp_path / "out")] == [*CORRECTED, [("Oslo", "LOC")]]
    after = list(DocBin().from_disk(tmp_path / "out" / "train.spacy").get_docs(vocab))
    assert [token.pos_ for token in after[0]] == ["NOUN"] * 4
    assert after[0].spans["own"][0].text == "Anna" and after[0].user_data["name"] == "A"
    assert [token.ent_iob_ for token in after[1]] == ["B", "I", "O"]
    assert [token.ent_iob_ for token in after[2]] == ["B", ""]  # what was unknown stays so


def test_what_a_format_can_not_hold(tmp_path):
    rows = [("1-2", "du", "_"), ("1", "de", "_"), ("2", "le", "NER=B-X"), ("3", "lac", "NER=O")]
    lines = [f"{index}\t{word}" + 7 * "\t_" + f"\t{misc}\n" for index, word, misc in rows]
    (tmp_path / "train.txt").write_text("".join(lines))
    finding = record(1, "label", "du lac", "X", "Y", "du", "du")
    with pytest.raises(FormatError, match="can't hold all that is corrected. Give another format"):
        apply(tmp_path, tmp_path / "train.txt", [finding])
    assert not (tmp_path / "out").exists()
    apply(tmp_path, tmp_path / "train.txt", [finding], output_format=ExportFormat.jsonl)
    assert found(next(read_any(tmp_path / "out" / "train.jsonl"))) == [("du", "Y")]


def test_spans_are_compared_after_writing(tmp_path, monkeypatch):
    """A writer that does not write what it should is found out."""
    records = [json_line("jsonl", text, spans) for text, spans in GOLD.items()]
    (tmp_path / "train.jsonl").write_text("".join(json.dumps(one) + "\n" for one in records))
    write = FORMATS["jsonl"].write

    def wrong(texts, file):
        write((replace(text, spans=text.spans[:1]) for text in texts), file)

    monkeypatch.setattr(FORMATS["jsonl"], "write", wrong)
    findings = [one | {"file": "train.jsonl"} for one in KINDS]
    with pytest.raises(FormatError, match=r"the format \(jsonl\) can't hold all"):
        apply(tmp_path, tmp_path / "train.jsonl", findings)
