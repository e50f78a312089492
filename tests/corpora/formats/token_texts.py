"""Random texts with tokens, for the formats that have them."""

from bisect import bisect_right

from hypothesis import strategies as st

from spacy_bilstm_crf.corpora.annotated import AnnotatedSpan, AnnotatedText

LETTERS = "aZ#0-_*[]|;>\\é\u0301\U0001f600语\u00a0\x85\u2028"
LABELS = ["PER", "a b", "X-1", "_", "*", "a|b", "\\", "p[1]", "->", "語"]
WORDS = st.text(LETTERS, min_size=1, max_size=5).filter(lambda word: word.strip() == word)


@st.composite
def token_texts(draw, between=(" ", "", "  ", "\n", "\t", "\r\n", " \n"), overlapping=False):
    """Words with white space between, spans of whole words, and stretches that are not known."""
    words = draw(st.lists(WORDS, min_size=1, max_size=8))
    text = draw(st.sampled_from(["", " ", "\n", *between]))
    tokens = []
    for word in words:
        tokens.append((len(text), len(text) + len(word)))
        text += word + draw(st.sampled_from(between))
    firsts = (
        draw(st.sets(st.integers(1, len(words)).filter(lambda i: i < len(words)), max_size=2))
        if len(words) > 1
        else set()
    )
    sentences = [0, *sorted(tokens[i][0] for i in firsts)]
    spans, first = [], 0
    while first < len(words):
        last = draw(st.integers(first, min(first + 2, len(words) - 1)))
        start, end = tokens[first][0], tokens[last][1]
        is_one = bisect_right(sentences, start) == bisect_right(sentences, end - 1)
        if (is_one or overlapping) and draw(st.booleans()):
            spans.append(AnnotatedSpan(start, end, draw(st.sampled_from(LABELS))))
        first = first + 1 if overlapping else last + 1
    return AnnotatedText(text, spans, tokens=tokens, sentences=sentences)


def words_of(text):
    """The words, and the spans and sentences in words: what is the same however they are joined."""
    starts = [start for start, _ in text.tokens]
    places = {start: i for i, start in enumerate(starts)}
    ends = {end: i + 1 for i, (_, end) in enumerate(text.tokens)}
    return (
        [text.text[start:end] for start, end in text.tokens],
        sorted((places[s.start], ends[s.end], s.label) for s in text.spans),
        [(places[start], ends[end]) for start, end in text.unknown],
        [0, *(places[start] for start in text.sentences[1:])],
    )


def spans_of(text):
    return [tuple(span[:3]) for span in text.spans]
