"""What is told of a corpus by looking at it."""

import pytest

from spacy_bilstm_crf.corpora.annotated import AnnotatedSpan, AnnotatedText
from spacy_bilstm_crf.corpora.facts import look_at

TEXTS = {
    "en": "The ship was in the harbour when we came, and she had not been there before.",
    "de": "Das Schiff lag im Hafen, als wir kamen, und es war vorher nicht da gewesen.",
    "ru": "Корабль был в гавани, когда мы пришли, и раньше его там не было, и не могло быть.",
    "da": "Skibet lå i havnen, da vi kom, og det havde ikke været der før, for det var nyt.",
}


@pytest.mark.parametrize("code", TEXTS)
def test_languages_are_known_by_their_stop_words(code):
    facts = look_at([AnnotatedText(TEXTS[code])])
    assert facts.language == code
    assert facts.script == ("CYRILLIC" if code == "ru" else "LATIN")


def test_a_language_that_spacy_does_not_have():
    facts = look_at([AnnotatedText("Zorba plim kratu vex dolanti, murgo shen tappa.")])
    assert facts.language is None
    assert look_at([AnnotatedText("船は港にいた。")]).script in ("HIRAGANA", "CJK")
    assert look_at([AnnotatedText("12 34")]).script == ""


def test_units_are_counted():
    sentences = AnnotatedText("a b c d", tokens=[(0, 1), (2, 3), (4, 5), (6, 7)], sentences=[0, 4])
    facts = look_at([sentences, AnnotatedText("Dr. X,\ny.\n")])
    assert (facts.n_texts, facts.n_words, facts.n_sentences, facts.n_lines) == (2, 10, 2, 2)
    assert facts.own_tokens and facts.sentences_per_text == 1.0


def marked(text, *surfaces):
    spans = [AnnotatedSpan(text.index(s), text.index(s) + len(s), "X") for s in surfaces]
    return AnnotatedText(text, spans)


def test_consistency_is_of_names_that_are_annotated_somewhere():
    both, one = marked("New Oslo and Old Bergen", "New Oslo", "Old Bergen"), marked("In New Oslo.")
    assert look_at([both] * 30).consistency == 1.0
    facts = look_at([both] * 30 + [one] * 20)
    assert facts.consistency == pytest.approx(60 / 80)
    assert look_at([both] * 10).consistency is None  # too few to tell
