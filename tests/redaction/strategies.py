"""Texts with spans, for hypothesis: overlapping, adjoining, whole, of astral characters."""

from hypothesis import strategies as st

from spacy_bilstm_crf.redaction import Found

# Few characters, so that strings come again; one of four bytes, and one of two with a mark.
TEXTS = st.text(alphabet="abAB \n[]_1\N{PILE OF POO}e\u0301", min_size=1, max_size=40)
LABELS = st.sampled_from(["PER", "LOC", "a b"])
PROBABILITIES = st.none() | st.floats(0, 1)


@st.composite
def texts_and_spans(draw):
    text = draw(TEXTS)
    found = []
    for _ in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, len(text) - 1))
        end = draw(st.integers(start + 1, len(text)))
        found.append(Found(start, end, draw(LABELS), draw(PROBABILITIES)))
    return text, found
