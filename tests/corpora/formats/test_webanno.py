import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spacy_bilstm_crf.corpora.annotated import (
    AnnotatedSpan,
    AnnotatedText,
    FormatError,
    ReadOptions,
)
from spacy_bilstm_crf.corpora.formats import webanno

from .token_texts import LABELS, spans_of, token_texts

TEXT = """#FORMAT=WebAnno TSV 3.3
#T_SP=de.tudarmstadt.ukp.dkpro.core.api.lexmorph.type.pos.POS|PosValue
#T_SP=webanno.custom.NamedEntity|identifier|value
#T_CH=webanno.custom.Coref|referenceType|referenceRelation
#T_RL=webanno.custom.Relation|kind|BT_webanno.custom.NamedEntity


#Sentence.id=s1
#Text=Maria Holt \U0001f600 left
#Text=Oslo\\tnow.
1-1\t0-5\tMaria\tNN\t*[1]|*[2]\tPER[1]|first\\_name[2]\t_\t_\t_\t_\t
1-2\t6-10\tHolt\tNN\t*[1]\tPER[1]\t_\t_\t_\t_\t
1-3\t11-13\t\U0001f600\t_\t_\t_\t_\t_\t_\t_\t
1-4\t14-18\tleft\t_\t_\t_\t_\t_\t_\t_\t
1-5\t19-23\tOslo\t_\t_\t_\t_\t_\t_\t_\t
1-5.1\t19-21\tOs\t_\tQ1\tLOC\t_\t_\t_\t_\t
1-6\t24-28\tnow.\t_\t*\t*\t_\t_\t_\t_\t

#Text=Rain
2-1\t29-33\tRain\t_\t_\t_\t_\t_\t_\t_\t
"""


@pytest.fixture
def read(tmp_path):
    def read(text, **options):
        path = tmp_path / "a.tsv"
        path.write_bytes(text.encode())
        (found,) = webanno.read(path, ReadOptions(**options))
        return found

    return read


def written(*texts):
    file = io.StringIO()
    webanno.write(texts, file)
    return file.getvalue()


def test_read(read):
    text = read(TEXT)
    assert text.text == "Maria Holt \U0001f600 left\nOslo\tnow.\nRain"
    assert spans_of(text) == [(0, 10, "PER"), (0, 5, "first_name"), (18, 20, "LOC")]
    assert text.spans[2].place.endswith("a.tsv, line 16")
    assert text.tokens == [(0, 5), (6, 10), (11, 12), (13, 17), (18, 22), (23, 27), (28, 32)]
    assert (text.sentences, text.unknown, text.name) == ([0, 28], [(23, 27)], "a")
    assert read(TEXT.replace("\n", "\r\n")) == text


def test_layers_and_features_that_are_told(read):
    assert [label for *_, label in spans_of(read(TEXT, tag_column="POS"))] == ["NN", "NN"]
    for told in ("identifier", "NamedEntity|identifier"):
        text = read(TEXT, tag_column=told)
        assert spans_of(text) == [(18, 20, "Q1")]
        assert len(text.unknown) == 3
    with pytest.raises(FormatError, match="no layer or feature 'NER'; there is: .*POS|PosValue"):
        read(TEXT, tag_column="NER")


def test_a_layer_without_features_is_the_label(read):
    text = "#FORMAT=WebAnno TSV 3.2\n#T_SP=webanno.custom.Gene|\n\n\n#Text=a b\n1-1\t0-1\ta\t*\t\n"
    assert spans_of(read(text)) == [(0, 1, "Gene")]


def test_escapes_of_old_versions(read):
    text = "#FORMAT=WebAnno TSV 3.1\n#T_SP=x.Y|v\n\n\n#Text=\\u00e9 \\ud83d\\ude00\n"
    text += "1-1\t0-1\té\t_\n1-2\t2-4\t\U0001f600\tX\n"
    assert spans_of(read(text)) == [(2, 3, "X")]


@pytest.mark.parametrize("old,new,match", [
    ("#FORMAT=WebAnno TSV 3.3", "#FORMAT=WebAnno TSV 2", "line 1: expected '#FORMAT=WebAnno TSV 3"),
    ("24-28\tnow.", "24-29\tnow.", r"line 17: 24-29 is not in its sentence"),
    ("6-10\tHolt", "6-10\tHolz", "line 12: the text has 'Holt' from 6 to 10, the line 'Holz'"),
    ("11-13\t\U0001f600", "11-12\t\ufffd", "line 13: 11-12 begins or ends in a character"),
    ("2-1\t29-33\tRain\t_\t", "2-1\t29-33\tRain\t", "line 20: expected .* 7 values"),
    ("2-1\t29-33", "2-1\t20-24", "line 20: the sentence begins at 20, but the one before ends at"),
    ("2-1\t29-33\tRain\t_\t_\t_\t_\t_\t_\t_\t\n", "", "ends before the tokens of 'Rain'"),
    ("#Text=Rain\n", "#Text=Rain\n\n", "line 20: a sentence without tokens: 'Rain'"),
    ("\n\n\n#Sent", "\n#Sent", "line 6: expected a layer or a blank line"),
])  # fmt: skip
def test_errors_name_file_and_line(read, old, new, match):
    assert old in TEXT
    with pytest.raises(FormatError, match=match):
        read(TEXT.replace(old, new))


def test_no_span_layer_is_an_error(read):
    with pytest.raises(FormatError, match="no span layer"):
        read("#FORMAT=WebAnno TSV 3.3\n\n\n#Text=a\n1-1\t0-1\ta\t\n")
    with pytest.raises(FormatError, match="ends in its header"):
        read("#FORMAT=WebAnno TSV 3.3\n")


def test_detect():
    assert webanno.detect(TEXT[:30]) and webanno.detect("\ufeff" + TEXT)
    assert not webanno.detect("") and not webanno.detect(TEXT[1:])


def test_write():
    text = AnnotatedText(
        "Maria Holt\nleft",
        [AnnotatedSpan(0, 10, "PER"), AnnotatedSpan(0, 5, "a_b"), AnnotatedSpan(12, 14, "X")],
        tokens=[(0, 5), (6, 10), (11, 15)],
        sentences=[0, 11],
    )
    layer = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|value"
    assert written(text) == (
        f"#FORMAT=WebAnno TSV 3.3\n#T_SP={layer}\n\n\n#Text=Maria Holt\n"
        "1-1\t0-5\tMaria\tPER[1]|a\\_b[2]\t\n1-2\t6-10\tHolt\tPER[1]\t\n"
        "\n#Text=left\n2-1\t11-15\tleft\t_\t\n2-1.1\t12-14\tef\tX\t\n"
    )


@pytest.mark.parametrize("texts,match", [
    ([], "no text to write"),
    ([AnnotatedText("a", tokens=[(0, 1)])] * 2, "holds one document"),
    ([AnnotatedText("a", place="b, line 1")], "b, line 1: it has no tokens"),
    ([AnnotatedText("a", [AnnotatedSpan(0, 1, "")], tokens=[(0, 1)])], "without a label"),
])  # fmt: skip
def test_what_can_not_be_written(texts, match):
    with pytest.raises(FormatError, match=match):
        written(*texts)


@st.composite
def any_spans(draw):
    """A text with spans anywhere, also in tokens, in white space, and over one another."""
    text = draw(token_texts())
    spans = []
    for _ in range(draw(st.integers(0, 5))):
        start = draw(st.integers(0, len(text.text) - 1))
        end = draw(st.integers(start + 1, len(text.text)))
        spans.append(AnnotatedSpan(start, end, draw(st.sampled_from(LABELS))))
    return AnnotatedText(text.text, spans, tokens=text.tokens, sentences=text.sentences)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(any_spans())
def test_round_trip(read, text):
    found = read(written(text))
    assert found.text == text.text
    assert sorted(spans_of(found)) == sorted(spans_of(text))
    assert (found.tokens, found.sentences) == (text.tokens, text.sentences)
