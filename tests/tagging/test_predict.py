"""What becomes of texts is returned, and told while it happens; nothing is printed. What is found
can be read without the pipeline."""

import json

import pytest
import spacy
from spacy.tokens import DocBin

from spacy_bilstm_crf.corpora.annotated import ReadOptions
from spacy_bilstm_crf.corpora.formats import detect_format, entity_lines
from spacy_bilstm_crf.tagging.formats import Format
from spacy_bilstm_crf.tagging.predict import predict


def test_the_outcome_counts_every_text(trained, tmp_path, capsys):
    texts, output = tmp_path / "texts", tmp_path / "out"
    texts.mkdir()
    output.mkdir()
    for name in ("new", "of_others", "done"):
        (texts / f"{name}.txt").write_text("Nobody saw Jordan")
    (texts / "bad.txt").write_bytes(b"\xff")
    (output / "of_others.ann").write_text("T1\tPER 11 17\tJordan\n")
    told = []

    def tell(name, reason):
        told.append((name, reason.split(":")[0]))

    (texts / "new.txt").rename(tmp_path / "aside.txt")
    assert predict(trained, texts, output, on_error=tell) == (1, ["bad"], 1, 1)
    (tmp_path / "aside.txt").rename(texts / "new.txt")
    assert predict(trained, texts, output, on_error=tell) == (1, ["bad"], 2, 1)
    assert predict(trained, texts, output) == (0, ["bad"], 3, 1)
    assert told == [("bad", "BratError")] * 2
    assert "bad" not in "".join(capsys.readouterr())


@pytest.fixture
def unsure(trained):
    """A pipeline that is less sure, and so gives more spans."""
    output = trained.get_pipe("ner").model.get_ref("output_layer")
    output.set_param("W", output.get_param("W") * 0.3)
    return trained


@pytest.fixture
def lines(tmp_path):
    path = tmp_path / "in.jsonl"
    texts = ["Anna Smith lives in Paris .", "Nobody saw Jordan"]
    path.write_text("".join(json.dumps({"text": text, "name": text[:4]}) + "\n" for text in texts))
    return path


def records_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_spans_on_request(unsure, lines, tmp_path):
    before = dict(unsure.get_pipe("ner").cfg)
    predict(unsure, lines, tmp_path / "out.jsonl", spans=0.02)
    assert dict(unsure.get_pipe("ner").cfg) == before
    unsure.get_pipe("ner").cfg.update(confidence="spans", spans_threshold=0.02)
    for record in records_of(tmp_path / "out.jsonl"):
        doc = unsure(record["text"])
        group = doc.spans["bilstm_crf_ner"]
        assert len(record["spans"]) == len(group) > len(record["ents"])
        for own, span, p in zip(record["spans"], group, group.attrs["scores"], strict=True):
            assert (own["start"], own["end"]) == (span.start_char, span.end_char)
            assert (own["label"], own["text"]) == (span.label_, span.text)
            assert own["confidence"] == pytest.approx(p, abs=1e-6)
    predict(unsure, lines, tmp_path / "out", Format.spacy, spans=0.02)
    docs = DocBin().from_disk(tmp_path / "out" / "00000.spacy").get_docs(spacy.blank("xx").vocab)
    for record, doc in zip(records_of(tmp_path / "out.jsonl"), docs, strict=True):
        found = doc.spans["bilstm_crf_ner"].attrs["scores"]
        assert [own["confidence"] for own in record["spans"]] == pytest.approx(list(found))


def test_spans_that_can_not_be(trained, lines, tmp_path):
    with pytest.raises(ValueError, match="The format brat can't hold spans that overlap"):
        predict(trained, lines, tmp_path / "out", Format.brat, spans=0.5)
    rules = spacy.blank("xx")
    rules.add_pipe("entity_ruler")
    with pytest.raises(ValueError, match="leave out --spans"):
        predict(rules, lines, tmp_path / "out.jsonl", spans=0.5)


def test_unlikely_entities_are_left_out(unsure, lines, tmp_path):
    unsure.add_pipe("entity_ruler", before="ner").add_patterns(
        [{"label": "WORD", "pattern": "saw"}]
    )
    predict(unsure, lines, tmp_path / "all.jsonl")
    every = [ent for record in records_of(tmp_path / "all.jsonl") for ent in record["ents"]]
    known = sorted(ent["confidence"] for ent in every if "confidence" in ent)
    least = (known[0] + known[-1]) / 2
    predict(unsure, lines, tmp_path / "some.jsonl", min_confidence=least)
    some = [ent for record in records_of(tmp_path / "some.jsonl") for ent in record["ents"]]
    assert some == [ent for ent in every if ent.get("confidence", 1.0) >= least]
    assert 0 < len(some) < len(every) and "WORD" in {ent["label"] for ent in some}
    predict(unsure, lines, tmp_path / "out", "spacy", min_confidence=least)
    docs = DocBin().from_disk(tmp_path / "out" / "00000.spacy").get_docs(spacy.blank("xx").vocab)
    assert [ent.text for doc in docs for ent in doc.ents] == [ent["text"] for ent in some]


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz", "out.parquet"])
def test_what_is_written_can_be_read_without_the_pipeline(trained, lines, tmp_path, name):
    if name == "out.parquet":
        parquet = pytest.importorskip("pyarrow.parquet")
    predict(trained, lines, tmp_path / name, spans=0.02)
    predict(trained, lines, tmp_path / "plain.jsonl", spans=0.02)
    plain = records_of(tmp_path / "plain.jsonl")
    if name == "out.parquet":
        rows = parquet.read_table(tmp_path / name).to_pylist()
        assert [row["spans"] for row in rows] == [record["spans"] for record in plain]
        return
    assert detect_format(tmp_path / name) == "jsonl"
    read = list(entity_lines.read(tmp_path / name, ReadOptions()))
    assert [text.name for text in read] == ["Anna", "Nobo"]
    assert [text.text for text in read] == [record["text"] for record in plain]
    assert [[span.confidence for span in text.spans] for text in read] == [
        [ent["confidence"] for ent in record["ents"]] for record in plain
    ]
