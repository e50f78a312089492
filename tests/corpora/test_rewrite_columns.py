"""Column files with corrected tags: scheme, other columns and comments stay."""

import pytest

from spacy_bilstm_crf.corpora.annotated import ReadOptions
from spacy_bilstm_crf.corpora.export import read_any

from ..audit.cases import ANNA, BERGEN, CORRECTED, IOB1, KINDS, apply, found, record


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


def test_a_stray_tag_makes_no_other_scheme(tmp_path):
    text = "Anna\tB-ORG\nSmith\tI-ORG\nsaw\tO\nOslo\tI-LOC\n"
    (tmp_path / "train.txt").write_text(text)
    apply(tmp_path, tmp_path / "train.txt", [KINDS[0], KINDS[4]])
    written = (tmp_path / "out" / "train.txt").read_text()
    assert written == text.replace("ORG", "PER").replace("saw\tO", "saw\tB-EVENT")


FIRST = "# sent_id = 1\n1\tAnna\tB-ORG\n2\tSmith\tI-ORG\n3\tsaw\tO\n4\tOslo\tB-LOC\n\n"
OTHER = "# sent_id = 2\n1\tBergen\tB-LOC\n2\tslept\tO\n\n"
NEXT = "# newdoc id = B\n# sent_id = 3\n1\tIda\tB-PER\n\n"
COLUMNS = "# global.columns = ID FORM NER\n"


@pytest.mark.parametrize(
    "before, header, after",
    [
        (OTHER, "# newdoc id = A\n# newpar\n", FIRST.replace("Anna", "Maria") + NEXT),
        ("", COLUMNS + "# newdoc id = A\n", OTHER),
        (OTHER, "# newdoc id = A\n", "# newpar\n" + OTHER),
    ],
)
def test_what_a_sentence_stands_under_stays(tmp_path, before, header, after):
    copy = record(1, "duplicate", ANNA, None, None, "Anna", document="1")
    read = ReadOptions(unit="sentence")
    after = after.replace("sent_id = 1", "sent_id = 9")
    before = before.replace("sent_id = 2", "sent_id = 8")
    (tmp_path / "train.txt").write_text(before + header + FIRST + after)
    assert apply(tmp_path, tmp_path / "train.txt", [copy], read=read).n_removed == 1
    assert (tmp_path / "out" / "train.txt").read_text() == before + header + after


@pytest.mark.parametrize("after", [NEXT, "", "-DOCSTART-\n\n" + OTHER])
def test_what_nothing_is_left_of_goes(tmp_path, after):
    copy = record(1, "duplicate", ANNA, None, None, "Anna", document="1")
    text = f"{COLUMNS}{OTHER}# newdoc id = A\n# newpar\n{FIRST}{after.replace('= 2', '= 8')}"
    (tmp_path / "train.txt").write_text(text)
    apply(tmp_path, tmp_path / "train.txt", [copy], read=ReadOptions(unit="sentence"))
    written = (tmp_path / "out" / "train.txt").read_text()
    assert written == COLUMNS + OTHER + after.replace("= 2", "= 8")
