"""Random docs, written in each format, read, and made docs again: entities are what they were."""

import tempfile
from pathlib import Path

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc, DocBin, Span

from spacy_bilstm_crf.confidence import get_confidence, set_confidence
from spacy_bilstm_crf.corpora.annotated import ReadOptions
from spacy_bilstm_crf.corpora.export import ExportFormat, export
from spacy_bilstm_crf.corpora.formats import FORMATS, WRITABLE
from spacy_bilstm_crf.corpora.formats.token_tags import without_cuts
from spacy_bilstm_crf.corpora.make_doc import make_doc, read_back

from .token_texts import LABELS, WORDS

OF_TOKENS = ("columns", "tokens")
WITH_SCORES = ("csv", "jsonl", "label-studio", "prodigy")
WHITE = st.sampled_from(["\n", "\r\n", "\t", " ", "\n\n"])
nlp = spacy.blank("xx")


class OneByOne:
    """A tokenizer of characters, which fits all entities."""

    def __call__(self, text):
        return Doc(nlp.vocab, list(text), [False] * len(text))


characters = spacy.blank("xx")
characters.tokenizer = OneByOne()


@st.composite
def docs(draw):
    """Words and white space, some with blanks after them; sentences; entities of words, also across
    sentences and line ends; confidences of some."""
    words = draw(st.lists(WORDS | WHITE, min_size=1, max_size=8).filter(lambda w: any_word(w)))
    spaces = [draw(st.booleans()) for _ in words]
    starts = [i == 0 or draw(st.booleans()) for i in range(len(words))]
    doc = Doc(nlp.vocab, words, spaces, sent_starts=draw(st.sampled_from([starts, None])))
    ents, first = [], 0
    while first < len(words):
        last = draw(st.integers(first, min(first + 3, len(words) - 1)))
        if words[first].strip() and words[last].strip() and draw(st.booleans()):
            ents.append(Span(doc, first, last + 1, draw(st.sampled_from(LABELS))))
        first = last + 1
    doc.set_ents(ents)
    for ent in doc.ents:
        set_confidence(ent, draw(st.none() | st.floats(0, 1)))
    return doc


def any_word(words):
    return any(word.strip() for word in words)


def by_characters(doc):
    return [(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents]


def by_words(doc):
    """Entities by the numbers of tokens that are not white space."""
    number = [sum(not token.is_space for token in doc[:i]) for i in range(len(doc) + 1)]
    return [(number[ent.start], number[ent.end], ent.label_) for ent in doc.ents]


def real_words(doc):
    return [token.text for token in doc if not token.is_space]


def read_again(name, path):
    (text,) = FORMATS[name].read(path, ReadOptions())
    again, unfit = make_doc(text, characters)
    assert unfit == []
    return again


@pytest.mark.parametrize(
    "name", sorted(set(WRITABLE) - {"labels", "label-csv"})
)  # which hold no spans
@given(doc=docs())
@settings(deadline=None)
def test_formats_that_are_written(name, doc):
    text = read_back(doc, name="x")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x")
        with path.open("w", encoding="utf-8", newline="") as file:
            WRITABLE[name].write([without_cuts(text) if name in OF_TOKENS else text], file)
        again = read_again(name, path)
    if name in OF_TOKENS:
        assert by_words(again) == by_words(doc)
        assert real_words(again) == real_words(doc)
        return
    assert again.text == doc.text
    assert by_characters(again) == by_characters(doc)
    confidences = [get_confidence(ent) for ent in doc.ents]
    if name not in WITH_SCORES:
        confidences = [None] * len(doc.ents)
    assert [get_confidence(ent) for ent in again.ents] == confidences


@given(doc=docs())
@settings(deadline=None, max_examples=50)
def test_docbin_to_all_others(doc):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "in.spacy")
        DocBin(store_user_data=True, docs=[doc]).to_disk(path)
        export(path, Path(folder, "out.spacy"), ExportFormat.spacy, nlp)
        again = read_again("docbin", Path(folder, "out.spacy"))
        assert again.text == doc.text and by_characters(again) == by_characters(doc)
        before = [get_confidence(ent) for ent in doc.ents]
        assert [get_confidence(ent) for ent in again.ents] == before
        assert real_words(again) == real_words(doc)
        if not any(set(ent.label_) & set(" \t") for ent in doc.ents):
            export(path, Path(folder, "brat"), ExportFormat.brat, nlp)
            again = read_again("brat", Path(folder, "brat", "00001.txt"))
            assert again.text == doc.text and by_characters(again) == by_characters(doc)
