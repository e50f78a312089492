import io
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spacy_bilstm_crf.corpora.annotated import (
    AnnotatedSpan,
    AnnotatedText,
    FormatError,
    ReadOptions,
)
from spacy_bilstm_crf.corpora.formats import columns

from ...conftest import corpus_folder
from .token_texts import spans_of, token_texts, words_of

# Our own sentences in CoNLL's format: IOB1, where B- only parts neighbours of one type.
TEXT = """-DOCSTART- -X- O O

Maria NNP I-NP I-PER
Holt NNP I-NP I-PER
left VBD I-VP O
Oslo NNP I-NP I-LOC
Bergen NNP I-NP B-LOC
. . O O

It PRP I-NP O
rained VBD I-VP O

-DOCSTART- -X- O O

Bergen NNP I-NP I-LOC
"""

UNER = """# newdoc id = one
# sent_id = one-1
# text = Maria left "Oslo".
1\tMaria\tB-PER\tB-PER#O\ts
2\tleft\tO\tO#O\ts
3\t"\tO\tO#O\ts
4\tOslo\tB-LOC\tB-LOC#O\ts
5\t"\tO\tO#O\ts
6\t.\tO\tO#O\ts

# sent_id = one-2
# text = It rained
1\tIt\tO\tO#O\ts
2\trained\tO\tO#O\ts

# newdoc id = two
# sent_id = two-1
# text = Bergen
1\tBergen\tB-LOC\tB-LOC#O\ts
"""


def conllu(*rows):
    """Rows of (id, form, misc)."""
    lines = [[i, form, "_", "X", "_", "_", "0", "dep", "_", misc] for i, form, misc in rows]
    return "".join("\t".join(line) + "\n" for line in lines) + "\n"


@pytest.fixture
def read(tmp_path):
    def read(text, encoding="utf-8", **options):
        path = tmp_path / "corpus.txt"
        path.write_bytes(text.encode(encoding))
        return list(columns.read(path, ReadOptions(**options)))

    return read


def written(*texts):
    file = io.StringIO()
    columns.write(texts, file)
    return file.getvalue()


def labelled(text):
    return [(text.text[s.start : s.end], s.label) for s in text.spans]


def words(text):
    return [text.text[start:end] for start, end in text.tokens]


def test_by_sentence(read):
    texts = read(TEXT, unit="sentence")
    assert [text.text for text in texts] == ["Maria Holt left Oslo Bergen .", "It rained", "Bergen"]
    assert spans_of(texts[0]) == [(0, 10, "PER"), (16, 20, "LOC"), (21, 27, "LOC")]
    assert texts[0].spans[1].place.endswith("corpus.txt, line 6")
    assert texts[1].place.endswith("corpus.txt, line 10")
    assert texts[1].tokens == [(0, 2), (3, 9)]
    assert [text.source for text in texts] == ["1", "1", "2"]
    assert not any(text.has_spaces for text in texts)


def test_by_document(read):
    texts = read(TEXT)
    assert [text.text for text in texts] == ["Maria Holt left Oslo Bergen . It rained", "Bergen"]
    assert [text.sentences for text in texts] == [[0, 30], [0]]
    assert read(TEXT, unit="document") == texts
    assert len(read(TEXT.replace("-DOCSTART- -X- O O", ""))) == 3


@pytest.mark.parametrize("change", [
    lambda text: text.replace(" ", "\t"),
    lambda text: text.replace("\n", "\r\n"),
    lambda text: "\ufeff" + text,
    lambda text: text.rstrip("\n"),
    lambda text: text.replace("I-LOC", "S-LOC").replace("B-LOC", "S-LOC"),
    lambda text: text.replace("I-LOC", "W-LOC").replace("B-LOC", "W-LOC"),
])  # fmt: skip
def test_tolerates_other_blanks_line_ends_and_schemes(read, change):
    texts = read(change(TEXT), unit="sentence")
    assert spans_of(texts[0]) == [(0, 10, "PER"), (16, 20, "LOC"), (21, 27, "LOC")]
    assert len(texts) == 3


def test_words_keep_their_characters(read):
    (text,) = read("a\u00a0b O\n\u2028 O\nc\x85 B-X\n")
    assert words(text) == ["a\u00a0b", "\u2028", "c\x85"]


def test_words_hold_blanks_where_tabs_part_fields(read):
    (text,) = read("New York\tB-LOC\nis \t\tO\n")
    assert words(text) == ["New York", "is"]


def test_unknown_tags_stay_unknown(read):
    (text,) = read("a -\nb -\nc O\nd B-X\ne -\n")
    assert text.unknown == [(0, 3), (8, 9)]
    assert labelled(text) == [("d", "X")]


def test_uner(read):
    texts = read(UNER, unit="sentence")
    assert [text.text for text in texts] == ['Maria left "Oslo".', "It rained", "Bergen"]
    assert labelled(texts[0]) == [("Maria", "PER"), ("Oslo", "LOC")]
    assert [text.name for text in texts] == ["one-1", "one-2", "two-1"]
    assert [text.source for text in texts] == ["one", "one", "two"]
    assert all(text.has_spaces for text in texts)
    one, two = read(UNER)
    assert one.text == 'Maria left "Oslo". It rained'
    assert (one.name, one.sentences, one.has_spaces) == ("one", [0, 19], True)
    assert two.name == "two"


def test_a_text_whose_white_space_differs(read):
    (text,) = read("# text = It\u00a0costs 10 000.\nIt O\ncosts O\n10000 B-X\n. O\n")
    assert labelled(text) == [("10 000", "X")]


def test_spaces_of_a_text_are_all_known_or_none(read):
    (text,) = read("-DOCSTART-\tO\n\n# text = Oslo.\nOslo\tB-LOC\n.\tO\n\nAna\tB-PER\nleft\tO\n")
    assert text.text == "Oslo . Ana left" and not text.has_spaces
    assert spans_of(text) == [(0, 4, "LOC"), (7, 10, "PER")]


def test_a_text_of_other_words_is_an_error(read):
    match = "line 1: the words of the sentence, which begins on line 2, are not those"
    for told in ("It rains", "It really rained", "It rained."):
        with pytest.raises(FormatError, match=match):
            read(f"# text = {told}\nIt O\nrained B-X\n")


def test_comments_and_words_that_look_like_them(read):
    texts = read("# A licence of three words\n# key = O\nSee O\n# O\n#tag B-X\n# B-Y\n\n#wie O\n")
    assert [words(text) for text in texts] == [["See", "#", "#tag", "#"], ["#wie"]]
    assert labelled(texts[0]) == [("#tag", "X"), ("#", "Y")]
    assert [words(text) for text in read("# Licence\n#x O\n#y B-X\n")] == [["#x", "#y"]]
    with pytest.raises(FormatError, match="line 2: tag 'X-PER'"):
        read("a O\n#b X-PER\n")


def test_conllu_with_keys_on_entities_only(read):
    text = conllu(
        ("1", "Maria", "NER=B-PER|SpaceAfter=No"),
        ("2", ",", "_"),
        ("3-4", "au", "SpaceAfter=No"),
        ("3", "à", "_"),
        ("4", "Caire", "NER=B-LOC"),
        ("4.1", "goes", "_"),
        ("5", ".", "SpaceAfter=Yes"),
    )
    (read_text,) = read(text)
    assert read_text.text == "Maria, au."
    assert labelled(read_text) == [("Maria", "PER"), ("au", "LOC")]
    assert read_text.has_spaces and read_text.unknown == []


def test_a_missing_key_is_unknown_where_outside_is_said(read):
    (text,) = read(conllu(("1", "a", "Name=O"), ("2", "b", "_"), ("3", "c", "Name=B-X")))
    assert text.unknown == [(2, 3)]


def test_coreference_is_no_entity(read):
    with pytest.raises(FormatError, match="line 1: no column holds tags.*--tag-column"):
        read(conllu(("1", "a", "Entity=(e1"), ("2", "b", "Entity=e1)")))


def test_global_columns_name_them(read):
    text = "# global.columns = ID FORM X:NE Y:NE\n1\tMaria\tB-PER\tO\n2\tleft\tO\tO\n\n"
    assert labelled(read(text)[0]) == []
    assert labelled(read(text, tag_column="X:NE")[0]) == [("Maria", "PER")]
    assert labelled(read(text, tag_column="3", word_column="FORM")[0]) == [("Maria", "PER")]
    with pytest.raises(FormatError, match="no tag column 'NE'.*4 columns, named ID, FORM"):
        read(text, tag_column="NE")
    with pytest.raises(FormatError, match="no word column '5'"):
        read(text, word_column="5")


def test_a_header_whose_names_are_told(read):
    text = "tag\ttoken\nB-PER\tMaria\nO\tleft\n"
    (found,) = read(text, word_column="token", tag_column="tag")
    assert found.text == "Maria left" and labelled(found) == [("Maria", "PER")]
    with pytest.raises(FormatError, match="corpus.txt, line 1"):
        read("token\ttag\nMaria\tB-PER\n" * 1)


def test_plain_labels(read):
    (text,) = read("Maria PER\nHolt PER\nleft O\nOslo LOC\nBergen CITY\nit -\n")
    assert labelled(text) == [("Maria Holt", "PER"), ("Oslo", "LOC"), ("Bergen", "CITY")]
    assert text.unknown == [(28, 30)]
    with pytest.raises(FormatError, match="line 2: tag 'B' is unknown"):
        read("a O\nb B\nc I\nd O\n")


@pytest.mark.parametrize("text,match", [
    ("a O\nb X-PER\n", r"corpus.txt, line 2: tag 'X-PER' is unknown"),
    ("a x O\n\nb O\n", r"corpus.txt, line 3: expected 3 columns.*found 2: 'b O'"),
    ("a O\nNew York B-LOC\n", r"corpus.txt, line 2: expected 2 columns.*found 3"),
    ("a\n", r"corpus.txt, line 1: expected 2 columns"),
    ("It rained\nIt snowed\n", r"corpus.txt, line 1: no column holds tags"),
    ("", r"corpus.txt: the file holds no tokens"),
    ("\n\n-DOCSTART- O\n\n", r"corpus.txt: the file holds no tokens"),
])  # fmt: skip
def test_errors_name_file_and_line(read, text, match):
    with pytest.raises(FormatError, match=match):
        read(text)


def test_documents_that_are_not_marked_are_not_guessed(read):
    with pytest.raises(FormatError, match="line 1: a token before any -DOCSTART-.*newdoc"):
        read("a O\n", unit="document")
    with pytest.raises(ValueError, match="unit"):
        read("a O\n", unit="page")


def test_other_encodings_are_an_error(read):
    with pytest.raises(FormatError, match="corpus.txt, line 2: not UTF-8"):
        read("Anna B-PER\nMüller I-PER\n", encoding="latin-1")


@pytest.mark.parametrize("head", [TEXT, UNER, "a\tO\nb\tB-", "a O", conllu(("1", "a", "_"))])
def test_detect(head):
    assert columns.detect(head)
    assert columns.detect("\ufeff" + head)


@pytest.mark.parametrize("head", [
    "",
    "It rained all day.\nMaria left.\n",
    "It rained.\n",
    'text,spans\nIt rained,"[{""start"": 0, ""end"": 2, ""label"": ""O""}]"\n',
    '{"text": "It", "spans": []}\n{"text": "B-X", "spans": []}\n',
    "T1\tPER 0 5\tMaria\nT2\tLOC 6 8\tIt\n",
    "#FORMAT=WebAnno TSV 3.3\n\n\n#Text=a b\n1-1\t0-1\ta\tO\n1-2\t2-3\tb\tB-X\n",
])  # fmt: skip
def test_detects_no_other_format(head):
    assert not columns.detect(head)


def test_write():
    text = AnnotatedText(
        "Maria Holt left. ",
        [AnnotatedSpan(0, 10, "PER")],
        tokens=[(0, 5), (6, 10), (11, 15), (15, 16), (16, 17)],
        unknown=[(15, 16)],
    )
    lines = ["# text = Maria Holt left. ", "Maria\tB-PER", "Holt\tI-PER", "left\tO", ".\t-", "", ""]
    assert written(text) == "\n".join(lines)


def test_write_documents():
    one = AnnotatedText("It rained", tokens=[(0, 2), (3, 9)], sentences=[0], has_spaces=False)
    two = AnnotatedText("Maria\nleft", tokens=[(0, 5), (6, 10)], sentences=[0, 6])
    assert written(one, two) == (
        "-DOCSTART-\tO\n\nIt\tO\nrained\tO\n\n"
        "-DOCSTART-\tO\n\n# text = Maria\nMaria\tO\n\n# text = left\nleft\tO\n\n"
    )


@pytest.mark.parametrize("change,match", [
    ({"tokens": None}, "a, line 1: it has no tokens.*Tokenize"),
    ({"tokens": [(0, 10)]}, r"'Maria' \(PER\) does not begin and end with tokens"),
    ({"spans": [AnnotatedSpan(0, 5, "PER"), AnnotatedSpan(0, 10, "X")]}, "overlaps another"),
    ({"spans": [AnnotatedSpan(0, 10, "X")], "sentences": [0, 6]}, "reaches into the next"),
    ({"spans": [AnnotatedSpan(0, 5, "a\tb")]}, "can't stand in a line"),
    ({"tokens": [(0, 10)], "text": "-DOCSTART-", "spans": []}, "can't stand in a line"),
    ({"tokens": [(0, 10)], "text": "# key = ab", "spans": []}, "can't stand in a line"),
    ({"tokens": [(0, 10)], "text": "Maria\nleft", "spans": []}, "can't stand in a line"),
])  # fmt: skip
def test_what_columns_can_not_hold(change, match):
    text = {"text": "Maria left", "spans": [AnnotatedSpan(0, 5, "PER")], "place": "a, line 1"}
    with pytest.raises(FormatError, match=match):
        written(AnnotatedText(**{**text, "tokens": [(0, 5), (6, 10)], **change}))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(token_texts(), min_size=1, max_size=3))
def test_round_trip_of_words_tags_and_sentences(read, texts):
    found = read(written(*texts))
    assert [words_of(text) for text in found] == [words_of(text) for text in texts]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(token_texts(between=(" ", "", "  ", "\t", "\u3000")))
def test_round_trip_of_true_spaces(read, text):
    sentence = AnnotatedText(text.text, tokens=text.tokens)
    (found,) = read(written(sentence))
    assert found.has_spaces == ("\n" not in text.text.strip())
    if "\n" not in text.text:
        assert (found.text, found.tokens) == (text.text, text.tokens)


@pytest.mark.parametrize(
    "name,sentences,spans", [("train", 14041, 23499), ("dev", 3250, 5942), ("test", 3453, 5648)]
)
def test_conll2003_has_its_published_sizes(name, sentences, spans):
    path = corpus_folder("conll2003") / f"{name}.txt"
    texts = list(columns.read(path, ReadOptions(unit="sentence")))
    assert len(texts) == sentences
    labels = Counter(span.label for text in texts for span in text.spans)
    assert labels.total() == spans
    assert set(labels) == {"PER", "LOC", "ORG", "MISC"}


@pytest.mark.parametrize(
    "name,labels",
    [
        ("masakhaner_amharic/dev.txt", {"LOC": 143, "PER": 83, "DATE": 59, "ORG": 43}),
        ("ncbi_disease/test.tsv", {"Disease": 960}),
        ("uner_danish/da_ddt-ud-dev.iob2", {"PER": 166, "LOC": 107, "ORG": 106}),
    ],
)
def test_corpora_of_others_need_nothing_told(name, labels):
    path = corpus_folder("stranger") / name
    with path.open(encoding="utf-8") as file:
        assert columns.detect(file.read(2**16))
    texts = list(columns.read(path, ReadOptions()))
    assert Counter(span.label for text in texts for span in text.spans) == labels
