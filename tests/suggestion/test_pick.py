import numpy as np
import pytest

from spacy_bilstm_crf.corpora.annotated import AnnotatedSpan, AnnotatedText
from spacy_bilstm_crf.pipeline.uncertainty import Uncertainty
from spacy_bilstm_crf.suggestion.known import Known
from spacy_bilstm_crf.suggestion.pick import RANDOM, Wish, pick
from spacy_bilstm_crf.suggestion.scan import Scan
from spacy_bilstm_crf.suggestion.score import Score

N = 40
TEXTS = [f"Text {i} says that May is a {i}th month" for i in range(N)]
MAY = AnnotatedSpan(17, 20, "PER", confidence=0.5)


def scanned(errors, doubts=None):
    """N texts of 10 tokens with so many errors to be expected."""
    zeros = np.zeros(N)
    unsure = Uncertainty(
        np.full(N, 10), zeros, zeros - np.inf, zeros, np.array(errors, dtype=float)
    )
    return Scan(list(range(N)), unsure, doubts or [[]] * N)


NOTHING = Known.of([])
RISING = scanned(range(N))


def wish(**settings):
    return Wish(**{"score": Score.errors, "random_share": 0.0, "diversity": 1.0, **settings})


def test_texts_by_score():
    picks, n_left = pick(RISING, TEXTS, NOTHING, wish(n=3))
    assert [own.number for own in picks] == [39, 38, 37] and n_left == N
    assert {(own.by, own.span) for own in picks} == {("errors", None)}
    assert picks[0].score == pytest.approx(3.9)
    picks, _ = pick(RISING, TEXTS, NOTHING, wish(words=45))
    assert [own.number for own in picks] == [39, 38, 37, 36, 35]
    picks, _ = pick(RISING, TEXTS, NOTHING, wish(n=1000))
    assert len(picks) == N


def test_a_share_is_drawn_at_random():
    picks, _ = pick(RISING, TEXTS, NOTHING, wish(n=20, random_share=0.4))
    drawn = [own.number for own in picks if own.by == RANDOM]
    others = [own.number for own in picks if own.by != RANDOM]
    assert (len(drawn), len(others)) == (8, 12)
    assert [own.by for own in picks] == ["errors"] * 12 + [RANDOM] * 8
    assert others == sorted(set(range(N)) - set(drawn), reverse=True)[:12]
    again, _ = pick(RISING, TEXTS, NOTHING, wish(n=20, random_share=0.4))
    assert again == picks
    other, _ = pick(RISING, TEXTS, NOTHING, wish(n=20, random_share=0.4, seed=1))
    assert other != picks
    # It does not depend on the scores.
    falling, _ = pick(scanned(range(N, 0, -1)), TEXTS, NOTHING, wish(n=20, random_share=0.4))
    assert [own.number for own in falling if own.by == RANDOM] == drawn
    picks, _ = pick(RISING, TEXTS, NOTHING, wish(words=100, random_share=1.0))
    assert [own.by for own in picks] == [RANDOM] * 10
    # Of a pool with fewer texts, a share of those.
    picks, _ = pick(RISING, TEXTS, NOTHING, wish(n=1000, random_share=0.1))
    assert [own.by for own in picks] == ["errors"] * 36 + [RANDOM] * 4


def test_what_is_known_is_left_out():
    known = Known.of([AnnotatedText(TEXTS[39]), AnnotatedText("Another text altogether")])
    picks, n_left = pick(RISING, TEXTS, known, wish(n=2))
    assert [own.number for own in picks] == [38, 37] and n_left == N - 1
    # Of a text that is known in part, more can be asked.
    known = Known.of([AnnotatedText(TEXTS[39], wrong=[MAY], unknown=[(0, 38)])])
    picks, n_left = pick(RISING, TEXTS, known, wish(n=1))
    assert picks[0].number == 39 and n_left == N
    # An entity of which the borders do not fit makes no such text.
    known = Known.of([AnnotatedText(TEXTS[39], [MAY], unknown=[(0, 7)])])
    assert pick(RISING, TEXTS, known, wish(n=1))[0][0].number == 38


def test_near_duplicates_are_taken_once():
    texts = [*TEXTS[:-2], TEXTS[0], TEXTS[1] + " indeed"]
    for diversity, expected in ((1.0, [39, 38, 37]), (0.5, [39, 38, 37])):
        picks, _ = pick(RISING, texts, NOTHING, wish(n=N, diversity=diversity))
        numbers = [own.number for own in picks]
        assert numbers[:3] == expected and 0 not in numbers  # equal to 38
        assert (1 in numbers) == (diversity == 1.0)


def test_questions_about_spans():
    jordan = AnnotatedSpan(0, 4, "LOC", confidence=0.9)
    doubts = [[] for _ in range(N)]
    doubts[3] = [jordan, MAY]
    doubts[5] = [MAY._replace(confidence=0.4)]
    doubts[7] = [MAY._replace(confidence=0.75)]
    found = scanned(range(N), doubts)
    asked = wish(questions=True, n=3)
    picks, _ = pick(found, TEXTS, NOTHING, asked)
    assert [(own.number, own.by, own.score) for own in picks] == [
        (3, "doubt", 0.5),
        (5, "doubt", 0.4),
        (7, "doubt", 0.25),
    ]
    assert picks[0].span == MAY
    # The same string again counts for less, whatever the text.
    picks, _ = pick(found, TEXTS, NOTHING, wish(questions=True, n=4, diversity=0.1))
    assert [(own.number, own.span.label) for own in picks] == [
        (3, "PER"),
        (3, "LOC"),
        (5, "PER"),
        (7, "PER"),
    ]
    # What was answered is not asked again.
    known = Known.of([AnnotatedText(TEXTS[3], [MAY], unknown=[(0, 38)])])
    picks, _ = pick(found, TEXTS, known, wish(questions=True, n=9))
    assert [own.number for own in picks] == [5, 7, 3] and picks[-1].span == jordan


def test_questions_about_equal_texts_are_asked_once():
    texts = [*TEXTS[:-2], TEXTS[3], TEXTS[3] + " indeed"]
    found = scanned(range(N), [[MAY] if i in (3, N - 2, N - 1) else [] for i in range(N)])
    for diversity, expected in ((1.0, [3, N - 1]), (0.5, [3])):
        picks, _ = pick(found, texts, NOTHING, wish(questions=True, n=9, diversity=diversity))
        assert [own.number for own in picks] == expected
    # Nor is what was answered about a copy.
    known = Known.of([AnnotatedText(texts[-1], [MAY], unknown=[(0, len(texts[-1]))])])
    assert pick(found, texts, known, wish(questions=True, n=9, diversity=0.5))[0] == []


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"n": 0}, "At least one"),
        ({"words": 0}, "At least one"),
        ({"random_share": 1.5}, "from 0 to 1"),
        ({"diversity": -0.1}, "from 0 to 1"),
        ({"least_doubt": 0.6}, "from 0.01 to 0.5"),
        ({"questions": True, "words": 10}, "not by words"),
    ],
)
def test_bad_wishes(settings, message):
    with pytest.raises(ValueError, match=message):
        Wish(**settings)
