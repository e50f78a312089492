"""Every format through the command: found or told, its entities exactly; and damaged."""

import gzip
import json
import re

import pytest
import spacy
from spacy.tokens import DocBin
from typer.testing import CliRunner

from spacy_bilstm_crf.cli import cli

TEXT = "Maria Holt left Oslo."
SPANS = [(0, 10, "PER"), (16, 20, "LOC")]
ENTITIES = [("Maria Holt", "PER"), ("Oslo", "LOC")]


def lines(*records):
    return "".join(json.dumps(record) + "\n" for record in records)


def columns(*rows):
    return "\n".join(rows) + "\n\n"


def result(start, end, label):
    value = {"start": start, "end": end, "text": TEXT[start:end], "labels": [label]}
    return {"type": "labels", "from_name": "label", "to_name": "text", "value": value}


OBJECTS = [{"start": start, "end": end, "label": label} for start, end, label in SPANS]
RESULTS = [result(*span) for span in SPANS]
TASK = {"id": 1, "annotations": [{"completed_by": 1, "result": RESULTS}], "data": {"text": TEXT}}
MARKED = [found["value"] for found in RESULTS]
MIN = {"id": 1, "text": TEXT, "label": MARKED, "annotator": 1, "annotation_id": 1}
PAIRS = [[TEXT, {"entities": SPANS}]]
CONLLU = """# text = Maria Holt left Oslo.
1\tMaria\t_\tPROPN\t_\t_\t3\tnsubj\t_\tNER=B-PER
2\tHolt\t_\tPROPN\t_\t_\t1\tflat\t_\tNER=I-PER
3\tleft\t_\tVERB\t_\t_\t0\troot\t_\t_
4\tOslo\t_\tPROPN\t_\t_\t3\tobj\t_\tNER=B-LOC|SpaceAfter=No
5\t.\t_\tPUNCT\t_\t_\t3\tpunct\t_\t_

"""
UNER = """# sent_id = s1
1\tMaria\tB-PER\t-\t-
2\tHolt\tI-PER\t-\t-
3\tleft\tO\t-\t-
4\tOslo\tB-LOC\t-\t-

"""
WEBANNO = """#FORMAT=WebAnno TSV 3.3
#T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|identifier|value


#Text=Maria Holt left Oslo.
1-1\t0-5\tMaria\t*[1]\tPER[1]\t
1-2\t6-10\tHolt\t*[1]\tPER[1]\t
1-3\t11-15\tleft\t_\t_\t
1-4\t16-20\tOslo\t*\tLOC\t
1-5\t20-21\t.\t_\t_\t
"""
IN_CSV = json.dumps(SPANS).replace('"', '""')
FILES = {
    "conll": ("columns", columns("Maria B-PER", "Holt I-PER", "left O", "Oslo B-LOC")),
    "io": ("columns", columns("Maria I-PER", "Holt I-PER", "left O", "Oslo I-LOC")),
    "bmes": ("columns", columns("Maria B-PER", "Holt E-PER", "left O", "Oslo S-LOC")),
    "plain": ("columns", columns("Maria PER", "Holt PER", "left O", "Oslo LOC")),
    "blanks": ("columns", columns("Maria Holt\tB-PER", "has left\tO", "Oslo\tB-LOC")),
    "index": ("columns", columns("1 Maria N B-PER", "2 Holt N I-PER", "3 x V O", "4 Oslo N B-LOC")),
    "from 0": ("columns", columns("0\tMaria\tB-PER", "1\tHolt\tI-PER", "2\tOslo\tB-LOC")),
    "through": (
        "columns",
        columns("1\tMaria\tB-PER", "2\tHolt\tI-PER", "", "3\tleft\tO", "4\tOslo\tB-LOC"),
    ),
    "conllu": ("columns", CONLLU),
    "uner": ("columns", UNER),
    "prodigy": ("prodigy", lines({"text": TEXT, "spans": OBJECTS, "answer": "accept"})),
    "doccano": ("doccano", lines({"id": 1, "text": TEXT, "label": SPANS})),
    "relations": (
        "doccano",
        lines(
            {
                "text": TEXT,
                "entities": [
                    {"id": i, "label": label, "start_offset": start, "end_offset": end}
                    for i, (start, end, label) in enumerate(SPANS)
                ],
            }
        ),
    ),
    "label-studio": ("label-studio", json.dumps([TASK])),
    "pretty": ("label-studio", json.dumps([TASK], indent=2)),
    "json-min": ("label-studio", json.dumps([MIN])),
    "spacy2": ("spacy2", json.dumps(PAIRS)),
    "annotator": ("spacy2", json.dumps({"classes": ["PER"], "annotations": PAIRS}, indent=1)),
    "tokens": (
        "tokens",
        lines(
            {
                "tokens": ["Maria", "Holt", "left\u2028", "Oslo"],
                "ner_tags": ["B-PER", "I-PER", "O", "B-LOC"],
            }
        ),
    ),
    "csv": ("csv", f'text,spans\n{TEXT},"{IN_CSV}"\n'),
    "semicolons": ("csv", f'id;text;spans\n1;{TEXT};"{IN_CSV}"\n'),
    "tsv": ("csv", f"text\tspans\n{TEXT}\t{json.dumps(SPANS)}\n"),
    "studio's csv": (
        "csv",
        'text,id,label\n{},1,"{}"\n'.format(TEXT, json.dumps(MARKED).replace('"', '""')),
    ),
    "webanno": ("webanno", WEBANNO),
}
NAMES = sorted(FILES)
WHOLE = ["--dev-share", "0", "--test-share", "0", "--lang", "xx"]  # the fastest tokenizer to make


def convert(source, *options):
    """RETURNS: the entities of each text, None if the command failed; and what it said."""
    target = source.with_name("out")
    found = CliRunner().invoke(cli, ["convert", str(source), str(target), *WHOLE, *options])
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    said = " ".join(found.output.split())
    if found.exit_code:
        assert not target.exists(), "half-written"
        return None, said
    docs = DocBin().from_disk(target / "train.spacy").get_docs(spacy.blank("xx").vocab)
    return [[(ent.text, ent.label_) for ent in doc.ents] for doc in docs], said


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def written_otherwise(data):
    yield "as it is", data.encode()
    yield "CRLF", data.replace("\n", "\r\n").encode()
    yield "BOM", b"\xef\xbb\xbf" + data.encode()
    yield "gz", gzip.compress(data.encode())
    yield "an empty line first", b"\n" + data.encode()
    yield "no line end last", data.rstrip("\n").encode()


@pytest.mark.parametrize("name", NAMES)
def test_found_and_told_with_entities_exactly(tmp_path, name):
    format, data = FILES[name]
    for number, (how, content) in enumerate(written_otherwise(data)):
        path = write(tmp_path / str(number) / "corpus", content)
        found, said = convert(path)
        assert found is not None and f"Format: {format}, by its content" in said, (how, said)
        assert [ent for ents in found for ent in ents] == ENTITIES, how
    path = write(tmp_path / "told" / "corpus", data)
    found, said = convert(path, "--format", format)
    assert [ent for ents in found or [] for ent in ents] == ENTITIES and "as told" in said


def damaged(data):
    content = data.encode()
    half = len(content) // 2
    packed = bytearray(gzip.compress(content))
    packed[len(packed) // 2] ^= 0xFF
    yield "empty", b"", r"corpus is empty"
    yield "PNG", b"\x89PNG\r\n\x1a\n\0\0", r"corpus, line 1: (not UTF-8|binary)"
    yield "UTF-16", data.encode("utf-16"), r"corpus, line 1: binary data, or UTF-16. Give"
    yield "null", content[:half] + b"\0" + content[half:], r"corpus, line \d+: binary data"
    latin = data.replace("Oslo", "\u00c5slo").encode("latin-1", "replace")
    yield "Latin-1", latin, r"corpus, line \d+: not UTF-8 .* Convert the file"
    yield "gz", bytes(packed), r"corpus: the compressed file is damaged .* again"
    cut = gzip.compress(content)[:-12]
    yield "cut gz", cut, r"corpus: the compressed file is damaged .* again"


@pytest.mark.parametrize("name", NAMES)
def test_damaged_bytes(tmp_path, name):
    format, data = FILES[name]
    for number, (how, content, expected) in enumerate(damaged(data)):
        found, said = convert(write(tmp_path / str(number) / "corpus", content))
        assert found is None and re.search(expected, said), (how, said)
        if how in ("empty", "null"):
            told, said = convert(tmp_path / str(number) / "corpus", "--format", format)
            assert told is None and "corpus" in said, (how, said)


@pytest.mark.parametrize("name", [name for name in NAMES if FILES[name][0] != "columns"])
def test_cut_off(tmp_path, name):
    format, data = FILES[name]
    found, said = convert(write(tmp_path / "corpus", data[: data.index("Oslo") + 3]), "-f", format)
    assert found is None and "corpus, line" in said, said


@pytest.mark.parametrize("format", sorted({format for format, _ in FILES.values()}))
def test_wrong_formats_told(tmp_path, format):
    # One of each: they are named as their format.
    for number, name in enumerate(NAMES):
        if name in ("conll", *(own for own, _ in FILES.values())) and FILES[name][0] != format:
            path = write(tmp_path / str(number) / "corpus", FILES[name][1])
            found, said = convert(path, "--format", format)
            assert found is None and str(path) in said, (name, said)


@pytest.mark.parametrize(
    "text",
    [
        "It was a dark night.\nNobody came.\n",
        "# A heading\n\nSome *text*.\n\n| a | O |\n|---|---|\n",
        "import os\n\n\ndef f(x):\n    return x\n",
        "MIT License\n\nPermission is hereby granted, free of charge, to any person\n",
        "a,b,c\n1,2,3\n",
        "<html>\n<body>O</body>\n</html>\n",
    ],
)
def test_what_is_no_corpus(tmp_path, text):
    found, said = convert(write(tmp_path / "corpus", text))
    assert found is None and "of none of the formats" in said and "--format" in said


@pytest.mark.parametrize("name", ["prodigy", "doccano", "label-studio", "json-min", "tokens"])
def test_records_longer_than_what_is_looked_at(tmp_path, name):
    format, data = FILES[name]
    more = " word" * 20_000
    data = data.replace(TEXT, TEXT + more).replace("left\\u2028", "left" + more.replace(" ", ""))
    found, said = convert(write(tmp_path / "corpus", data))
    assert found == [ENTITIES] and f"Format: {format}, by its content" in said


@pytest.mark.parametrize(
    "text,expected",
    [
        ('{"text": "a b", "spans": [{"start": 0, "end": 9, "label": "X"}]}', "0 to 9, the text to"),
        ('{"text": "a b", "spans": [{"start": 2, "end": 1, "label": "X"}]}', "ends (1) before it"),
        (
            '{"text": "\U0001f600 b", "spans": [{"start": 3, "end": 4, "label": "X"}]}',
            "utf-16: --offsets utf-16 reads",
        ),
        (
            '{"text": "\u00e9 b", "spans": [{"start": 3, "end": 4, "label": "X"}]}',
            "bytes: --offsets bytes reads",
        ),
        (
            '{"text": "a b", "tokens": [{"text": "a", "start": 0, "end": 1}], "spans": []}',
            "tokens are not all of the text. Correct them",
        ),
        ('{"tokens": ["a\\ud800"], "ner_tags": ["O"]}', "half a surrogate pair"),
        ('{"tokens": ["a"], "ner_tags": [1]}', "tags are numbers"),
        ('{"tokens": ["a"], "ner_tags": ["O", "O"]}', "1 tokens, but 2 tags"),
    ],
)
def test_damaged_records(tmp_path, text, expected):
    found, said = convert(write(tmp_path / "corpus", "\n" + text + "\n"))
    assert found is None and "corpus, line 2: " in said and expected in said, said


ANN = "T1\tPER 0 4\tAnna\n"
BRAT = {"a.txt": "Anna left Oslo.", "a.ann": ANN}


def folder(path, files):
    for name, data in files.items():
        write(path / name, data)
    return path


@pytest.mark.parametrize(
    "files,n_texts",
    [
        (BRAT, 1),
        ({**BRAT, "README.txt": "About", "README.md": "About", "annotation.conf": "[x]\n"}, 1),
        ({"test_0.txt": "Anna left", "test_0.ann": ANN, "val.txt": "Anna", "val.ann": ANN}, 2),
        ({"train/a.txt": "Anna", "train/a.ann": ANN, "valid/b.txt": "Anna", "valid/b.ann": ANN}, 1),
    ],
)
def test_brat(tmp_path, files, n_texts):
    found, said = convert(folder(tmp_path / "corpus", files))
    assert found == [[("Anna", "PER")]] * n_texts and "Format: brat" in said
    assert ("dev.spacy" in said) == ("valid/b.txt" in files)


@pytest.mark.parametrize("name", ["a.txt", "a.ann"])
def test_a_file_of_brat(tmp_path, name):
    found, said = convert(folder(tmp_path / "corpus", BRAT) / name)
    assert found == [[("Anna", "PER")]] and "Format: brat" in said


@pytest.mark.parametrize(
    "files,options,expected",
    [
        ({"a.ann": "T1\tPER 0 99\tAnna\n"}, [], "a.ann, line 1: the entity ends at 99"),
        ({"a.ann": ANN + ANN}, [], "a.ann, line 2: the id T1 occurs twice"),
        ({"a.ann": "T1\tPER 0 4;90 94\tx\n"}, [], "a.ann, line 1: a part of the entity is empty"),
        ({"a.ann": f"T1\tPER 0 {'9' * 5000}\tx\n"}, [], "a.ann, line 1: expected an entity"),
        ({"a.ann": "T1\tPER 0"}, [], "a.ann, line 1: expected an entity"),
        ({"a.txt": b"\xc5nna left"}, [], "a.txt: not UTF-8"),
        ({"b.txt": "Nobody"}, [], "b.ann is missing: it holds the annotations"),
        ({"b.ann": ""}, [], "b.ann has no text"),
        ({}, ["--offsets", "utf-16"], "a.txt: brat's offsets count characters"),
        ({"more.jsonl": FILES["prodigy"][1]}, [], "files of several formats"),
    ],
)
def test_damaged_brat(tmp_path, files, options, expected):
    found, said = convert(folder(tmp_path / "corpus", {**BRAT, **files}), *options)
    assert found is None and expected in said, said


CONLL = FILES["conll"][1]


@pytest.mark.parametrize(
    "names,about",
    [
        (["eng.train", "eng.testa", "eng.testb"], ["README"]),
        (["x-ud-train.conllu", "x-ud-dev.conllu", "x-ud-test.conllu"], ["LICENSE.txt"]),
        (
            ["train/a.conllu", "dev/a.conllu", "test/x/a.conllu"],
            ["train/README.md", "test/LICENSE"],
        ),
        (["trainset.txt", "devset.txt", "testset.txt"], ["stats.xml"]),
        (["Train/a", "Validation/a", "Test/a"], ["CITATION"]),
    ],
)
def test_folders_with_what_is_about_them(tmp_path, names, about):
    files = {**dict.fromkeys(names, CONLL), **dict.fromkeys(about, "Some text.\n")}
    found, said = convert(folder(tmp_path / "corpus", files))
    assert found == [ENTITIES], said
    for split in ("train", "dev", "test"):
        assert f"{split}.spacy: 1 doc," in said
    for name in about:
        assert f"{name} is left out" in said


@pytest.mark.parametrize(
    "files,expected",
    [
        ({"train.txt": CONLL, "dev.jsonl": FILES["prodigy"][1]}, "files of several formats"),
        ({"train/a.txt": CONLL, "train/b.txt": ""}, "b.txt: the file holds no tokens"),
        ({"dev.txt": CONLL}, "nothing to train on"),
        ({"train.txt": CONLL, "dev.txt": b"\0"}, "dev.txt, line 1: binary data"),
    ],
)
def test_damaged_folders(tmp_path, files, expected):
    found, said = convert(folder(tmp_path / "corpus", files))
    assert found is None and expected in said, said


def test_what_does_not_fit_is_unknown_and_listed(tmp_path):
    spans = [{"start": 0, "end": 2, "label": "X"}, {"start": 5, "end": 6, "label": "X"}]
    text = lines({"text": "Anna  left", "spans": spans}, {"text": "a", "spans": []})
    text += lines({"text": "Anna left", "spans": spans[:1], "answer": "reject"})
    path = write(tmp_path / "corpus", text)
    found, said = convert(path)
    assert found == [[], [], []]
    assert f"border inside a token): {path}, line 1" in said
    assert f"known to be wrong, border inside a token): {path}, line 3" in said
    docs = DocBin().from_disk(tmp_path / "out" / "train.spacy").get_docs(spacy.blank("xx").vocab)
    assert ["".join(t.ent_iob_ or "-" for t in doc) for doc in docs] == ["--O", "O", "--"]


def test_tokens_with_white_space_are_entities(tmp_path):
    path = write(tmp_path / "corpus", "\u00a0Maria\tB-PER\nHolt\u00a0\tI-PER\nleft\tO\n")
    found, _ = convert(path)
    assert found == [[("\u00a0Maria Holt\u00a0", "PER")]]
