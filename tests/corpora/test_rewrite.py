"""Files with some of their texts corrected: what else they say stays."""

import gzip
import json

import pytest
import spacy
from spacy.tokens import Doc, DocBin, Span

from spacy_bilstm_crf.corpora import rewrite
from spacy_bilstm_crf.corpora.annotated import FormatError, ReadOptions
from spacy_bilstm_crf.corpora.brat_references import with_types, without_gone
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
    assert changed.keys() == records[0].keys()
    if format == "prodigy":
        assert changed["meta"] == {"page": 3}


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
E1\tORG:T3 At:T5
"""
PER_ANN = ANN.replace("T3\tORG", "T3\tPER").replace("E1\tORG", "E1\tPER")


def test_brat_keeps_ids_and_relations(tmp_path):
    folder = tmp_path / "corpus" / "train"
    folder.mkdir(parents=True)
    for name in ("a", "b"):
        (folder / f"{name}.txt").write_text(ANNA)
        (folder / f"{name}.ann").write_text(ANN)
    files = [one | {"file": "train/a.txt"} for one in (KINDS[0], KINDS[4])]
    apply(tmp_path, tmp_path / "corpus", files)
    output = tmp_path / "out" / "train"
    assert (output / "a.ann").read_text() == PER_ANN + "T1\tEVENT 11 14\tsaw\n"
    assert (output / "a.txt").read_text() == ANNA
    assert (output / "b.ann").read_text() == ANN
    # With an entity goes what names it, but for a mere text.
    gone = [record(1, "spurious", ANNA, "ORG", None, "Anna Smith", file="train/b.txt")]
    apply(tmp_path, tmp_path / "corpus", gone)
    lines = ANN.splitlines(keepends=True)
    assert (output / "b.ann").read_text() == lines[1] + lines[3] + lines[5]


def test_what_depends_on_what_is_gone_in_brat():
    lines = [
        "T1\tPER 0 4\tAnna",
        "T3\tLOC 15 19\tOslo",
        "R1\tin Arg1:T2 Arg2:T3",
        "A2\tSure R1",
        "#1\tAnnotatorNotes R1\tof R1 and T2",
        "#2\tAnnotatorNotes T1\tT2 is gone",
        "E1\tPER:T1 Ag:T2",
        "E2\tLOC:T2 Th:E1",
        "E3\tLOC:T3 Th:E2",
        "A3\tMod E2",
        "*\tEquiv T1 T2 T3",
        "*\tEquiv T2 T3",
    ]
    kept = [lines[0], lines[1], lines[5], "E1\tPER:T1", "E3\tLOC:T3", "*\tEquiv T1 T3"]
    assert without_gone(lines, {"T2"}) == kept
    assert without_gone(lines, {"T9"}) == lines


def test_events_have_the_type_of_their_trigger_in_brat():
    lines = ["T1\tA 0 4\tAnna", "E1\tB:T1 Ag:T11\tsure", "E2\tB:T1", "E3\tB:T11 Ag:T1", "R1\tB:T1"]
    wanted = [lines[0], "E1\tA:T1 Ag:T11\tsure", "E2\tA:T1", *lines[3:]]
    assert with_types(lines, {"T1": "A"}) == wanted


def test_line_ends_of_brat_stay(tmp_path):
    folder = tmp_path / "corpus" / "train"
    folder.mkdir(parents=True)
    (folder / "a.txt").write_text(ANNA)
    (folder / "a.ann").write_bytes(ANN.replace("\n", "\r\n").encode())
    apply(tmp_path, tmp_path / "corpus", [KINDS[0] | {"file": "train/a.txt"}])
    written = (tmp_path / "out" / "train" / "a.ann").read_bytes().decode()
    assert written == PER_ANN.replace("\n", "\r\n")


def test_docbins_keep_what_else_is_annotated(tmp_path):
    vocab = spacy.blank("xx").vocab
    docs = []
    for text, tags in [(ANNA, "B-ORG I-ORG O B-LOC"), (BERGEN, "B-LOC B-LOC B-PER")]:
        words = text.split()
        doc = Doc(vocab, words=words, ents=tags.split(), pos=["NOUN"] * len(words))
        doc.spans["own"] = [doc[:1]]
        doc.user_data["name"] = text[0]
        doc.set_ents([Span(doc, e.start, e.end, e.label_, kb_id="Q7") for e in doc.ents])
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
    assert [(ent.text, ent.kb_id_) for ent in after[0].ents if ent.kb_id_] == [("Oslo", "Q7")]
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
    monkeypatch.setattr(rewrite, "rewrite_lines", lambda path, *_: path.open())
    findings = [one | {"file": "train.jsonl"} for one in KINDS]
    with pytest.raises(FormatError, match=r"the format \(jsonl\) can't hold all"):
        apply(tmp_path, tmp_path / "train.jsonl", findings)
