import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_bilstm_crf.corpora.annotated import AnnotatedSpan, AnnotatedText, FormatError
from spacy_bilstm_crf.corpora.formats import table

from .span_texts import plain, read, scored, texts, write, write_file


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.csv"

    def make(text):
        path.write_text(text, encoding="utf-8", newline="")
        return path

    return make


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_columns(file, delimiter):
    header = delimiter.join(["ID", "Document", "Content", "Entities"])
    row = delimiter.join(["7", "diary", '"Ana\nleft."', '"[[0, 3, ""PER""]]"'])
    other = delimiter.join(["", "", "It rained.", "[]"])
    path = file(f"{header}\n{row}\n\n{other}\n")
    assert table.detect(path.read_text())
    place = f"{path}, line 2"
    assert read(table, path) == [
        AnnotatedText(
            "Ana\nleft.", [AnnotatedSpan(0, 3, "PER", place)], name="7", place=place, source="diary"
        ),
        AnnotatedText("It rained.", place=f"{path}, line 5"),
    ]


def test_objects_and_a_document_as_the_text(file):
    path = file('document\tlabel\nAna left.\t[{"start": 0, "end": 3, "label": "PER", "score": 1}]')
    (text,) = read(table, path)
    assert (text.text, text.source, scored(text.spans)) == ("Ana left.", None, [(0, 3, "PER", 1)])


def test_named_columns(file):
    path = file('text;body;marks\nx;Ana left.;"[[0, 3, ""PER""]]"\n')
    (text,) = read(table, path, text_field="body", spans_field="marks")
    assert (text.text, plain(text.spans)) == ("Ana left.", [(0, 3, "PER")])


def test_long_text(file):
    (text,) = read(table, file(f'text,spans\n"{"a " * 200_000}",[]\n'))
    assert len(text.text) == 400_000


@pytest.mark.parametrize(
    "text, options, message",
    [
        ("text,tag\na,b\n", {}, "line 1: no column of spans, .* in .*Name it by --spans-field"),
        ("words,spans\na,[]\n", {}, "line 1: no column of text, .*Name it by --text-field"),
        ("text,spans\na,[]\n", {"text_field": "body"}, "line 1: no column named 'body'"),
        ("text,spans\n", {}, "holds no texts"),
        ("text,spans\na,b,[]\n", {}, "line 2: 3 fields, the header has 2"),
        ('text,spans\n"a\nb",\n', {}, r"line 2: the column 'spans' must hold spans as JSON \("),
        ("text,spans\na,PER\n", {}, "line 2: the column 'spans' .*found 'PER'"),
        ("text,spans\na,3\n", {}, "line 2: the field of spans must be a list, found 3"),
        ('text,spans\na,[]\n"b,[]\n', {}, "line 3: no row of a table"),
        ('text,spans\na,[]\n"b"c,[]\n', {}, "line 3: no row of a table"),
        ("text,spans\ra,[]\r", {}, "line 1: no row of a table"),
    ],
)
def test_bad_tables(file, text, options, message):
    path = file(text)
    with pytest.raises(FormatError, match=f"{path}.*{message}"):
        read(table, path, **options)


@pytest.mark.parametrize(
    "head",
    ["text,label\nIt rained [again],weather\n", "text,spans", "", '{"text": 1}\n[', "a b\nc d\n"],
)
def test_other_files_are_not_detected(head):
    assert not table.detect(head)


def test_write():
    ana = AnnotatedSpan(0, 3, "PER", confidence=0.5)
    assert write(table, [AnnotatedText('"Ana"', [ana])]) == (
        '"text","spans"\n'
        '"""Ana""","[{""start"": 0, ""end"": 3, ""label"": ""PER"", ""score"": 0.5}]"\n'
    )
    with pytest.raises(FormatError, match="a table can't say so"):
        write(table, [AnnotatedText("Ana", unknown=[(0, 3)])])
    with pytest.raises(FormatError, match="b.txt: CSV can't hold the null character"):
        write(table, [AnnotatedText("\0", name="b.txt")])


@given(st.lists(texts(has_scores=True), min_size=1, max_size=3))
def test_round_trip(tmp_path_factory, written):
    path = write_file(table, tmp_path_factory.getbasetemp() / "a.csv", written)
    back = read(table, path)
    assert [text.text for text in back] == [text.text for text in written]
    assert [scored(text.spans) for text in back] == [scored(text.spans) for text in written]
