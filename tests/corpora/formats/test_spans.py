import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_bilstm_crf.corpora.annotated import AnnotatedSpan, AnnotatedText, FormatError
from spacy_bilstm_crf.corpora.formats.spans import Offsets, SpanReader, check_known

from .span_texts import characters

TEXT = "Zoë 😀 met Ana"
PLACE = "a.jsonl, line 3"


@pytest.mark.parametrize(
    "unit, start, end", [("characters", 10, 13), ("utf-16", 11, 14), ("bytes", 14, 17)]
)
def test_offsets_of_each_unit(unit, start, end):
    span = SpanReader(TEXT, PLACE, unit).make(start, end, "PER", surface="Ana", confidence=1)
    assert span == AnnotatedSpan(10, 13, "PER", PLACE, 1.0)


@pytest.mark.parametrize(
    "item",
    [
        [0, 3, "PER"],
        {"start": 0, "end": 3, "label": "PER"},
        {"start_offset": 0, "end_offset": 3, "label": "PER", "id": 7, "text": "Zoë"},
    ],
)
def test_kinds_of_spans(item):
    assert SpanReader(TEXT, PLACE).read(item) == AnnotatedSpan(0, 3, "PER", PLACE)


@pytest.mark.parametrize(
    "item, message",
    [
        ([0, 3], "expected a span, .* found \\[0, 3\\]"),
        ("PER", "expected a span"),
        ([0, 3, ""], "from 0 to 3 has an empty label"),
        ([0, 3, " "], "empty label"),
        ([0, 3, 5], "the label of a span must be a text, found 5"),
        ({"start": 0, "end": 3}, "the label of a span must be a text, found None"),
        ([0, 3, "\ud83d"], "half a surrogate pair"),
        (["0", 3, "PER"], "must be whole numbers, found '0' and 3"),
        ([0, 3.0, "PER"], "must be whole numbers"),
        ([False, True, "PER"], "must be whole numbers"),
        ({"label": "PER"}, "must be whole numbers, found None and None"),
        ([3, 3, "PER"], r"ends \(3\) before it starts \(3\)"),
        ([-1, 3, "PER"], "goes from -1 to 3, the text to 13. Was the text changed"),
        ([12, 15, "PER"], "the text to 13. They fit if offsets count bytes: --offsets bytes"),
        ([11, 14, "PER"], "They fit if offsets count utf-16: --offsets utf-16"),
        ({"start": 0, "end": 3, "label": "PER", "score": 2}, "from 0 to 1, found 2"),
        ({"start": 0, "end": 3, "label": "PER", "score": float("nan")}, "from 0 to 1, found nan"),
        ({"start": 0, "end": 3, "label": "PER", "score": "1"}, "from 0 to 1"),
        ({"start": 0, "end": 3, "label": "PER", "score": True}, "from 0 to 1"),
        ({"start": 0, "end": 3, "label": "PER", "text": 3}, "the text of a span must be a text"),
        (
            {"start": 0, "end": 3, "label": "PER", "text": "Ana"},
            "the text has 'Zoë' from 0 to 3, the annotation 'Ana'. Was the text changed",
        ),
        (
            {"start": 11, "end": 14, "label": "PER", "text": "Ana"},
            "the text to 13. The text fits if offsets count utf-16: --offsets utf-16",
        ),
    ],
)
def test_bad_spans(item, message):
    with pytest.raises(FormatError, match=f"{PLACE}: .*{message}"):
        SpanReader(TEXT, PLACE).read(item)


def test_surface_that_fits_in_another_unit():
    reader = SpanReader("é Ana left", PLACE)
    with pytest.raises(FormatError, match="'na ' from 3 to 6.*--offsets bytes"):
        reader.make(3, 6, "PER", surface="Ana")


def test_border_inside_a_character():
    with pytest.raises(FormatError, match="from 4 to 5 has a border inside a character"):
        SpanReader(TEXT, PLACE, "utf-16").make(4, 5, "X")


def test_white_space_of_the_surface_may_be_folded_or_escaped():
    reader = SpanReader("New\r\n York", PLACE)
    for surface in ("New York", r"New\n York", "New\nYork"):
        assert reader.make(0, 10, "LOC", surface=surface)[:2] == (0, 10)


def test_unknown_unit():
    with pytest.raises(ValueError, match="must be one of .* got 'runes'"):
        SpanReader(TEXT, PLACE, "runes")


def test_check_known():
    text = AnnotatedText("abc", unknown=[(0, 3)], place=PLACE)
    with pytest.raises(FormatError, match=f"{PLACE}: .* from 0 to 3, and doccano can't say so"):
        check_known(text, "doccano")


@given(st.text(characters))
def test_offsets_count_the_encoded_text(text):
    for unit, encoding, width in [("utf-16", "utf-16-le", 2), ("bytes", "utf-8", 1)]:
        offsets = Offsets(text, unit)
        for index in range(len(text) + 1):
            offset = len(text[:index].encode(encoding)) // width
            assert offsets.from_characters(index) == offset
            assert offsets.to_characters(offset) == index
