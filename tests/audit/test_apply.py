"""Corrected corpora: what was accepted is changed, in any format, and nothing else is."""

import gzip
import json
from dataclasses import replace

import pytest
import spacy
from spacy.tokens import Doc, DocBin

from spacy_bilstm_crf.audit.apply import apply_decisions
from spacy_bilstm_crf.audit.page import audit_id
from spacy_bilstm_crf.corpora.annotated import FormatError, ReadOptions
from spacy_bilstm_crf.corpora.export import ExportFormat, read_any
from spacy_bilstm_crf.corpora.formats import FORMATS

IOB1 = """-DOCSTART- -X- O O

Anna NNP I-NP I-ORG
Smith NNP I-NP I-ORG
saw VBD I-VP O
Oslo NNP I-NP I-LOC

-DOCSTART- -X- O O

Bergen NNP I-NP I-LOC
Oslo NNP I-NP B-LOC
slept VBD I-VP I-PER
"""


def record(number, kind, sentence, gold, other, place, other_place=None, **values):
    """A finding. place, other_place: what is annotated and what is suggested, as it stands in the
    sentence."""

    def offsets(words):
        start = sentence.index(words)
        return start, start + len(words)

    start, end = offsets(place)
    first, last = offsets(other_place) if other_place else (None, None)
    own = {"id": f"{number:04x}", "kind": kind, "group": "g", "file": "train.txt", "line": None}
    own |= {"split": "train", "document": None, "sentence": sentence, "sentence_start": 0}
    own |= {"start": start, "end": end, "gold_label": gold, "gold_probability": None}
    own |= {"suggested_start": first, "suggested_end": last, "suggested_label": other}
    own |= {"suggested_probability": None, "suspicion": 0.5, "note": ""}
    shift = values.pop("shift", 0)
    for name in ("start", "end", "suggested_start", "suggested_end", "sentence_start"):
        own[name] = None if own[name] is None else own[name] + shift
    return own | values


ANNA, BERGEN = "Anna Smith saw Oslo", "Bergen Oslo slept"
KINDS = [
    record(1, "label", ANNA, "ORG", "PER", "Anna Smith", "Anna Smith"),
    record(2, "border", BERGEN, "LOC", "LOC", "Bergen", "Bergen Oslo"),
    record(3, "spurious", BERGEN, "LOC", None, "Oslo"),
    record(4, "spurious", BERGEN, "PER", None, "slept"),
    record(5, "missing", ANNA, None, "EVENT", "saw", "saw"),
    record(6, "other", ANNA, None, None, "Oslo"),
]
CORRECTED = [
    [("Anna Smith", "PER"), ("saw", "EVENT"), ("Oslo", "LOC")],
    [("Bergen Oslo", "LOC")],
]


def apply(folder, corpus, findings, decided=None, output="out", nlp=None, **options):
    (folder / "findings.jsonl").write_text("".join(json.dumps(one) + "\n" for one in findings))
    ids = [one["id"] for one in findings]
    decided = dict.fromkeys(ids, "accept") if decided is None else decided
    decisions = {"audit": audit_id(ids), "decisions": decided}
    (folder / "decisions.json").write_text(json.dumps(decisions))
    paths = folder / "findings.jsonl", folder / "decisions.json", folder / output
    return apply_decisions(corpus, *paths, nlp or spacy.blank("xx"), **options)


def found(text):
    return [(text.text[s.start : s.end], s.label) for s in sorted(text.spans)]


def test_columns_keep_their_scheme_and_all_other_columns(tmp_path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "train.txt").write_text(IOB1)
    (corpus / "dev.txt").write_text(IOB1.replace("\n", "\r\n"))
    applied = apply(tmp_path, corpus, KINDS)
    assert applied[:4] == ("columns", 5, 2, 0)
    assert applied.left_out == [("train.txt, 'Oslo'", "suggests nothing")]
    expected = (
        IOB1.replace("Anna NNP I-NP I-ORG", "Anna NNP I-NP I-PER")
        .replace("Smith NNP I-NP I-ORG", "Smith NNP I-NP I-PER")
        .replace("saw VBD I-VP O", "saw VBD I-VP I-EVENT")
        .replace("Oslo NNP I-NP B-LOC", "Oslo NNP I-NP I-LOC")
        .replace("slept VBD I-VP I-PER", "slept VBD I-VP O")
    )
    assert (tmp_path / "out" / "train.txt").read_text() == expected
    # A file without findings is the same to the byte.
    assert (tmp_path / "out" / "dev.txt").read_bytes() == (corpus / "dev.txt").read_bytes()
    assert [found(text) for text in read_any(tmp_path / "out" / "train.txt")] == CORRECTED


SCHEMES = {
    "IOB2": "B I O B|B B B|B I O",
    "BIOES": "B E O S|S S S|B E O",
    "BILUO": "B L O U|U U U|B L O",
    "BMES": "B E O S|S S S|B E O",
    "BMEWO": "B E O W|W W W|B E O",
}
LONG = [("Anna Maria Smith", "ORG")]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_schemes_of_columns(tmp_path, scheme):
    labels = iter(["ORG", "ORG", "LOC", "LOC", "LOC", "PER"])
    first, second, _ = [part.split() for part in SCHEMES[scheme].split("|")]
    marks = [*first, *second]
    tags = [mark if mark == "O" else f"{mark}-{next(labels)}" for mark in marks]
    words = [*ANNA.split(), *BERGEN.split()]
    inside = {"BMES": "M", "BMEWO": "M"}.get(scheme, "I")
    last = SCHEMES[scheme].split("|")[2].split()[1]
    long = f"Ida\tB-X\nvan\t{inside}-X\nDam\t{last}-X\n\n"
    lines = [f"{word}\t{tag}\n" for word, tag in zip(words, tags)]
    (tmp_path / "train.txt").write_text(long + "".join([*lines[:4], "\n", *lines[4:]]))
    apply(tmp_path, tmp_path / "train.txt", KINDS)
    written = (tmp_path / "out" / "train.txt").read_text()
    assert [found(text) for text in read_any(tmp_path / "out")][1:] == CORRECTED
    single = next(tag for tag in tags if tag.endswith("LOC"))[0]
    assert written.startswith(long) and f"saw\t{single}-EVENT\n" in written
    assert f"Bergen\tB-LOC\nOslo\t{last}-LOC\nslept\tO\n" in written


def test_columns_that_are_plain_or_have_keys(tmp_path):
    plain = "Anna\tORG\nSmith\tORG\nsaw\tO\nOslo\tLOC\n\nIt\tO\n"
    (tmp_path / "train.txt").write_text(plain)
    apply(tmp_path, tmp_path / "train.txt", [KINDS[0], KINDS[4]])
    assert (tmp_path / "out" / "train.txt").read_text() == (
        "Anna\tPER\nSmith\tPER\nsaw\tEVENT\nOslo\tLOC\n\nIt\tO\n"
    )
    keys = ["Gloss=x|NER=B-ORG", "NER=I-ORG", "_", "SpaceAfter=No|NER=B-LOC"]
    rows = [
        f"{i}\t{word}" + "\t_" * 7 + f"\t{key}\n"
        for i, (word, key) in enumerate(zip(ANNA.split(), keys), 1)
    ]
    (tmp_path / "train.conllu").write_text(f"# text = {ANNA}\n{''.join(rows)}\n")
    findings = [*(one | {"file": "train.conllu"} for one in (KINDS[0], KINDS[4]))]
    findings.append(record(9, "spurious", ANNA, "LOC", None, "Oslo", file="train.conllu"))
    apply(tmp_path, tmp_path / "train.conllu", findings)
    written = (tmp_path / "out" / "train.conllu").read_text().splitlines()
    assert [line.split("\t")[-1] for line in written[1:5]] == [
        "Gloss=x|NER=B-PER",
        "NER=I-PER",
        "NER=B-EVENT",
        "SpaceAfter=No",
    ]


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


@pytest.mark.parametrize("output_format", list(ExportFormat))
def test_other_formats_to_write(tmp_path, output_format):
    if output_format in (ExportFormat.labels, ExportFormat.label_csv):
        pytest.skip("holds no entities")
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "train.txt").write_text(IOB1)
    (corpus / "dev.txt").write_text(IOB1.replace("slept", "sleeps"))
    apply(tmp_path, corpus, KINDS, output_format=output_format)
    (tmp_path / "out" / ".audit.json").unlink()
    suffixes = {path.suffix for path in (tmp_path / "out").rglob("*") if path.is_file()}
    texts = [found(text) for text in read_any(tmp_path / "out")]
    assert all(own in texts for own in CORRECTED) and len(texts) == 4 and len(suffixes) <= 2


def test_skipped_and_kept_findings_change_nothing(tmp_path):
    (tmp_path / "train.txt").write_text(IOB1)
    decided = {"0001": "keep", "0004": "accept"}
    applied = apply(tmp_path, tmp_path / "train.txt", KINDS, decided)
    assert applied[:4] == ("columns", 1, 1, 0)
    expected = IOB1.replace("slept VBD I-VP I-PER", "slept VBD I-VP O")
    assert (tmp_path / "out" / "train.txt").read_text() == expected
    # Again, with other decisions, into the same folder.
    apply(tmp_path, tmp_path / "train.txt", KINDS, {})
    assert (tmp_path / "out" / "train.txt").read_text() == IOB1


def test_decisions_that_contradict_each_other_are_told(tmp_path):
    (tmp_path / "train.txt").write_text(IOB1)
    other = record(7, "label", ANNA, "ORG", "LOC", "Anna Smith", "Anna Smith", line=3)
    applied = apply(tmp_path, tmp_path / "train.txt", [KINDS[0], other, KINDS[1]])
    assert applied.n_changed == 1
    assert applied.left_out == [
        ("train.txt, line 3, 'Anna Smith'", "another decision has changed the entity"),
        ("train.txt, 'Bergen'", "overlaps the LOC 'Oslo'"),
    ]


def test_equal_sentences_are_told_apart_by_line_or_taken_in_turn(tmp_path):
    sentence = "Anna\tB-ORG\nSmith\tI-ORG\nsaw\tO\nOslo\tB-LOC\n\n"
    (tmp_path / "train.txt").write_text(3 * sentence)
    by_line = [KINDS[0] | {"line": 11}]
    apply(tmp_path, tmp_path / "train.txt", by_line)
    written = (tmp_path / "out" / "train.txt").read_text()
    assert written == 2 * sentence + sentence.replace("ORG", "PER")
    apply(tmp_path, tmp_path / "train.txt", [KINDS[0] | {"document": "line 6"}])
    assert (tmp_path / "out" / "train.txt").read_text() == (
        sentence + sentence.replace("ORG", "PER") + sentence
    )
    in_turn = [KINDS[0], KINDS[0] | {"id": "0009"}]
    apply(tmp_path, tmp_path / "train.txt", in_turn)
    assert (tmp_path / "out" / "train.txt").read_text() == (
        2 * sentence.replace("ORG", "PER") + sentence
    )


def test_a_sentence_within_a_document(tmp_path):
    text = "-DOCSTART- O\n\nIt O\nrained O\n\nAnna B-ORG\nSmith I-ORG\nsaw O\nOslo B-LOC\n"
    (tmp_path / "train.txt").write_text(text)
    within = record(1, "label", ANNA, "ORG", "PER", "Anna Smith", "Anna Smith", shift=10, line=6)
    apply(tmp_path, tmp_path / "train.txt", [within])
    assert (tmp_path / "out" / "train.txt").read_text() == text.replace("ORG", "PER")


def test_duplicates(tmp_path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    sentence = "# id = 1\nAnna\tB-ORG\nSmith\tI-ORG\nsaw\tO\nOslo\tB-LOC\n\n"
    other = "Bergen\tB-LOC\nslept\tO\n"
    (corpus / "train.txt").write_text(sentence + other)
    (corpus / "dev.txt").write_text(sentence + other)
    copy = record(1, "duplicate", ANNA, None, None, "Anna", file="dev.txt", split="dev", line=2)
    assert apply(tmp_path, corpus, [copy]).n_removed == 1
    assert (tmp_path / "out" / "dev.txt").read_text() == other
    assert (tmp_path / "out" / "train.txt").read_text() == sentence + other
    (corpus / "dev.txt").write_text(sentence)
    with pytest.raises(FormatError, match="dev.txt: all of its texts would be removed"):
        apply(tmp_path, corpus, [copy])
    # Of a document, it is the whole one, and what else was accepted there goes with it.
    mark = "-DOCSTART-\tO\n\n"
    (corpus / "dev.txt").write_text(f"{mark}{sentence}{other}\n{mark}{other}")
    also = record(2, "spurious", ANNA, "LOC", None, "Oslo", file="dev.txt")
    applied = apply(tmp_path, corpus, [copy, also])
    assert applied.n_removed == 1
    assert applied.left_out == [("dev.txt, 'Oslo'", "its text is removed")]
    assert [t.text for t in read_any(tmp_path / "out" / "dev.txt")] == ["Bergen slept"]


def test_a_corpus_that_has_changed(tmp_path):
    (tmp_path / "train.txt").write_text(IOB1)
    apply(tmp_path, tmp_path / "train.txt", KINDS)
    before = (tmp_path / "out" / "train.txt").read_text()
    (tmp_path / "train.txt").write_text(IOB1.replace("I-ORG", "I-PER"))
    message = "1 accepted findings do not fit .*train.txt, such as train.txt, 'Anna Smith': the co"
    with pytest.raises(FormatError, match=message):
        apply(tmp_path, tmp_path / "train.txt", KINDS)
    assert (tmp_path / "out" / "train.txt").read_text() == before
    (tmp_path / "train.txt").write_text(IOB1.replace("saw", "met"))
    with pytest.raises(FormatError, match="3 accepted findings do not fit"):
        apply(tmp_path, tmp_path / "train.txt", KINDS, output="other")
    assert not (tmp_path / "other").exists()


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


def test_decisions_on_another_audit(tmp_path):
    (tmp_path / "train.txt").write_text(IOB1)
    for decided, message in [
        ({"ffff": "accept"}, "the decisions are on another audit"),
        ({"0001": "perhaps"}, "a decision is 'accept' or 'keep'"),
        ([], "no decisions of an audit"),
    ]:
        with pytest.raises(FormatError, match=f"decisions.json: .*{message}"):
            apply(tmp_path, tmp_path / "train.txt", KINDS, decided)
    broken = [KINDS[0] | {"start": "0"}]
    with pytest.raises(FormatError, match="findings.jsonl, line 1: no finding .*'start' is '0'"):
        apply(tmp_path, tmp_path / "train.txt", broken)
    with pytest.raises(ValueError, match="must lie apart"):
        apply(tmp_path, tmp_path, KINDS)


def test_nothing_was_found(tmp_path):
    (tmp_path / "train.txt").write_text(IOB1)
    assert apply(tmp_path, tmp_path / "train.txt", [])[1:] == (0, 0, 0, [])
    assert (tmp_path / "out" / "train.txt").read_text() == IOB1


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
