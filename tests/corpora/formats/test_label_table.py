import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_bilstm_crf.corpora.annotated import AnnotatedText, FormatError
from spacy_bilstm_crf.corpora.formats import detect_format, label_table

from .span_texts import characters, labels, read, write, write_file


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.csv"

    def make(text):
        path.write_text(text, encoding="utf-8", newline="")
        return path

    return make


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_columns(file, delimiter):
    header = delimiter.join(["ID", "Source", "Review", "Sentiment"])
    row = delimiter.join(["7", "diary", '"Fine,\nso; far\tas ""it"" goes"', " positive "])
    other = delimiter.join(["", "", "Poor.", "0"])
    path = file(f"{header}\n{row}\n\n{other}\n")
    assert detect_format(path) == "label-csv"
    assert read(label_table, path) == [
        AnnotatedText(
            'Fine,\nso; far\tas "it" goes',
            name="7",
            place=f"{path}, line 2",
            source="diary",
            cats={"positive": 1.0},
        ),
        AnnotatedText("Poor.", place=f"{path}, line 5", cats={"0": 1.0}),
    ]


def test_named_columns(file):
    path = file("text\tbody\tlabel\tstars\nx\tFine.\ty\t5\n")
    (text,) = read(label_table, path, text_field="body", label_field="stars")
    assert (text.text, text.cats) == ("Fine.", {"5": 1.0})


@pytest.mark.parametrize(
    "text, options, message",
    [
        ("text,tag\na,b\n", {}, "line 1: no column of label, .*Name it by --label-field"),
        ("words,label\na,b\n", {}, "line 1: no column of text, .*Name it by --text-field"),
        ("text,label\na,b\n", {"label_field": "stars"}, "line 1: no column named 'stars'"),
        ("text,label\n", {}, "holds no texts"),
        ("", {}, "holds no texts"),
        ("text,label\na,b,c\n", {}, "line 2: 3 fields, the header has 2"),
        ('text,label\n"a\nb",x\nc,\n', {}, "line 4: the label must be a text .*found ''"),
        ('text,label\na,x\n"b,x\n', {}, "line 3: no row of a table"),
    ],
)
def test_bad_tables(file, text, options, message):
    path = file(text)
    with pytest.raises(FormatError, match=f"{path}.*{message}"):
        read(label_table, path, **options)


@pytest.mark.parametrize(
    "head, expected",
    [
        ("text,label\nIt rained [again],weather\n", True),
        ('text,label\n"a\nb",\nc,x\n', True),  # the first label that there is
        ('text,label\na,"[[0, 1, ""X""]]"\n', False),  # spans
        ("text,label\na,\n", False),
        ("text,label", False),
        ("text,stars\na,5\n", False),
        ('{"text": "a", "label": "b"}\n{"text": "a", "label": "b"}\n', False),
        ("", False),
    ],
)
def test_what_is_detected(head, expected):
    assert label_table.detect(head) is expected


def test_write():
    assert write(label_table, [AnnotatedText('"Fine"', cats={"neg": 0.25, "pos": 0.75})]) == (
        '"text","label"\n"""Fine""","pos"\n'
    )
    with pytest.raises(FormatError, match="x: the text has no labels. Choose another format"):
        write(label_table, [AnnotatedText("a", name="x")])
    with pytest.raises(FormatError, match="x: a table holds one label a text, found a, b. The"):
        write(label_table, [AnnotatedText("a", place="x", cats={"a": 1.0, "b": 1.0})])
    with pytest.raises(FormatError, match="found none"):
        write(label_table, [AnnotatedText("a", cats={"a": 0.0})])
    with pytest.raises(FormatError, match="x: CSV can't hold the null character"):
        write(label_table, [AnnotatedText("\0", name="x", cats={"a": 1.0})])


@given(st.lists(st.tuples(st.text(characters, max_size=20), labels.map(str.strip)), min_size=1))
def test_round_trip(tmp_path_factory, pairs):
    written = [AnnotatedText(text, cats={label: 1.0}) for text, label in pairs]
    path = write_file(label_table, tmp_path_factory.getbasetemp() / "labels.csv", written)
    back = read(label_table, path)
    assert [(text.text, text.cats) for text in back] == [(t.text, t.cats) for t in written]
