"""What tests of formats with spans share: reading and writing in a line, and random texts."""

import io

from hypothesis import strategies as st

from spacy_bilstm_crf.corpora.annotated import AnnotatedSpan, AnnotatedText, ReadOptions


def read(module, path, **options):
    return list(module.read(path, ReadOptions(**options)))


def write(module, texts, **kwargs):
    file = io.StringIO(newline="")
    module.write(texts, file, **kwargs)
    return file.getvalue()


def write_file(module, path, texts):
    with path.open("w", encoding="utf-8", newline="") as file:
        module.write(texts, file)
    return path


def plain(spans):
    return [(span.start, span.end, span.label) for span in spans]


def scored(spans):
    return [(span.start, span.end, span.label, span.confidence) for span in spans]


characters = st.one_of(
    st.sampled_from("aB \n\r\t\"',;\\é\u0301\u2028\x85\ufeff\U0001f600\U00010348[]{}"),
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
)
labels = st.text(characters, min_size=1, max_size=5).filter(str.strip)


@st.composite
def texts(draw, has_scores=False):
    """A text with spans that may overlap."""
    text = draw(st.text(characters, max_size=20))
    confidences = st.none() | st.floats(0, 1) if has_scores else st.none()
    spans = [
        AnnotatedSpan(start, end, draw(labels), confidence=draw(confidences))
        for start, end in draw(borders(text))
    ]
    return AnnotatedText(text, spans)


@st.composite
def tokens(draw, text):
    """Tokens of a text, in order and apart."""
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)))
    return [pair for pair in zip(cuts, cuts[1:]) if draw(st.booleans())]


def borders(text):
    if not text:
        return st.just([])
    pair = st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))
    return st.lists(pair.filter(lambda pair: pair[0] < pair[1]), max_size=4)
