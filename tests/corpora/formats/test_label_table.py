"""Tables of texts and labels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_bilstm_crf.corpora.annotated import AnnotatedText, FormatError, ReadOptions
from spacy_bilstm_crf.corpora.formats import detect_format, label_table


def read(path, **options):
    return list(label_table.read(path, ReadOptions(**options)))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_columns_are_found_by_name(tmp_path, delimiter):
    path = tmp_path / "a.csv"
    rows = [["id", "Sentiment", "Text"], ["7", "pos", '"Good, he said; ""so"""'], ["8", "0", "no"]]
    path.write_text("".join(f"{delimiter.join(row)}\n" for row in rows))
    assert detect_format(path) == "label-csv"
    texts = read(path)
    assert [(t.name, t.text, t.cats) for t in texts] == [
        ("7", 'Good, he said; "so"', {"pos": 1.0}),
        ("8", "no", {"0": 1.0}),
    ]
    assert texts[1].place.endswith("a.csv, line 3")


def test_columns_that_are_named(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("stars,words\n5,good\n")
    assert detect_format(path) is None
    assert read(path, text_field="words", label_field="stars")[0].cats == {"5": 1.0}
    with pytest.raises(FormatError, match=r"line 1: no column of label.*Name it by --label-field"):
        read(path)


@pytest.mark.parametrize(
    "rows, message",
    [
        ("good,pos\nbad,\n", "line 3: the label must be a text"),
        ("good,pos\nbad\n", "line 3: 1 fields, the header has 2"),
        ("", "no texts"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, rows, message):
    path = tmp_path / "a.csv"
    path.write_text(f"text,label\n{rows}")
    with pytest.raises(FormatError, match=message):
        read(path)


def test_a_table_of_spans_is_none(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('text,label\nOslo,"[[0, 4, ""LOC""]]"\n')
    assert detect_format(path) == "csv"


@pytest.mark.parametrize("cats", [None, {}, {"a": 1.0, "b": 1.0}])
def test_a_text_with_not_one_label_is_not_written(tmp_path, cats):
    with (
        (tmp_path / "a.csv").open("w", newline="") as file,
        pytest.raises(FormatError, match="one"),
    ):
        label_table.write([AnnotatedText("good", cats=cats)], file)


text = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


@given(st.lists(st.tuples(text, st.sampled_from(["pos", "neg", "a b", 'q"'])), min_size=1))
def test_round_trip(tmp_path_factory, pairs):
    path = tmp_path_factory.mktemp("t") / "a.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        label_table.write([AnnotatedText(t, cats={label: 1.0}) for t, label in pairs], file)
    assert [(t.text, t.cats) for t in read(path)] == [(t, {label: 1.0}) for t, label in pairs]
