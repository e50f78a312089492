import random
import re
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_bilstm_crf.corpora import split
from spacy_bilstm_crf.corpora.annotated import AnnotatedText
from spacy_bilstm_crf.corpora.split import folds, group_by_source, near_duplicates, set_aside


@pytest.fixture
def texts():
    random_ = random.Random(0)
    words = [f"w{i}" for i in range(500)]
    found = {
        f"{i}_2_part_{part}": random_.choices(words, k=60) for i in range(10) for part in (0, 1)
    }
    found["3_2"] = found["3_2_part_0"]  # a whole document, and its parts
    found["copy"] = found["5_2_part_1"][:55] + ["changed"]
    found["unlike"] = found["5_2_part_1"][:20] + random_.choices(words, k=40)
    found["empty"] = []
    return [AnnotatedText(" ".join(text), name=name) for name, text in found.items()]


def named(texts, groups):
    return [sorted(texts[i].name for i in group) for group in groups]


def test_parts_and_near_duplicates_are_one_source(texts):
    groups = named(texts, group_by_source(texts))
    assert len(groups) == 12
    assert ["3_2", "3_2_part_0", "3_2_part_1"] in groups
    assert ["5_2_part_0", "5_2_part_1", "copy"] in groups
    assert ["unlike"] in groups and ["empty"] in groups


def test_texts_whose_file_says_so_are_one_source():
    texts = [AnnotatedText(text, source=source) for text, source in ("ax", "by", "cx", ("d", None))]
    assert group_by_source(texts) == [[0, 2], [1], [3]]


def test_a_phrase_that_all_sources_share_does_not_join_them():
    own = [f"word{i}x{j} of note{i}n{j} is here{i}" for i in range(6) for j in range(5)]
    texts = [AnnotatedText(text, source=str(n // 5)) for n, text in enumerate(own)]
    phrase = "No known allergies were reported today."
    texts += [AnnotatedText(phrase, source=str(i)) for i in range(6)]
    assert len(group_by_source(texts)) == 6
    copies = [AnnotatedText(text, source="copy") for text in own[:5]]
    groups = group_by_source(texts + copies)  # source 0 stands there twice
    assert len(groups) == 6 and {0, len(texts)} <= set(groups[0])


@pytest.mark.parametrize("seed", range(4))
def test_no_source_is_on_both_sides(texts, seed):
    kept, aside = set_aside(texts, [0.25], seed)
    assert sorted(kept + aside) == list(range(len(texts))) and kept and aside
    for group in group_by_source(texts):
        assert set(group) <= set(kept) or set(group) <= set(aside)
    assert sum(group[0] in aside for group in group_by_source(texts)) == 3
    assert set_aside(texts, [0.25], seed) == [kept, aside]


def test_two_parts_are_set_aside_of_one_whole():
    texts = [AnnotatedText(f"w{i} " * (i + 1)) for i in range(100)]
    kept, dev, test = set_aside(texts, [0.1, 0.1], 3)
    assert sorted(kept + dev + test) == list(range(100))
    assert len(dev) == len(test) == 10 and dev != test
    assert max(dev) > 80 and min(dev) < 20 and max(test) > 80 and min(test) < 20


@pytest.mark.parametrize("k", [2, 5])
def test_folds_are_of_like_size_and_of_whole_sources(texts, k):
    parts = folds(texts, k, 1)
    assert sorted(i for part in parts for i in part) == list(range(len(texts)))
    for group in group_by_source(texts):
        assert sum(bool(set(group) & set(part)) for part in parts) == 1
    n_sources = [sum(group[0] in part for group in group_by_source(texts)) for part in parts]
    assert max(n_sources) - min(n_sources) <= 1
    with pytest.raises(ValueError, match="12 sources can't be divided into 13 folds"):
        folds(texts, 13)


def test_what_can_not_be_split(texts):
    with pytest.raises(ValueError, match="between 0 and 1"):
        set_aside(texts, [1.0])
    with pytest.raises(ValueError, match="2 texts of 1 source can't be split"):
        set_aside([text for text in texts if text.name.startswith("1_2")], [0.1])
    assert len(set_aside(texts, [0.001])[1]) >= 1


def test_short_and_namesake_texts():
    texts = [
        AnnotatedText(text, name=n)
        for n, text in (("x", "one two"), ("y", "one two"), ("x", "three"), ("x", "four"))
    ]
    assert [len(group) for group in group_by_source(texts)] == [2, 1, 1]
    kept, aside = set_aside(texts, [0.95])
    assert kept and aside


def test_of_much_text_only_equal_ones_are_found(monkeypatch):
    texts = [
        AnnotatedText("one two three four five six"),
        AnnotatedText("one two three four five"),
        AnnotatedText("one two three four five"),
    ]
    assert group_by_source(texts) == [[0, 1, 2]]
    monkeypatch.setattr(split, "MOST_COMPARED", 10)
    assert group_by_source(texts) == [[0], [1, 2]]


def shingles(text):
    words = text.split()
    n = min(5, len(words))
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)} if words else set()


def similarity(a, b):
    x, y = shingles(a.text), shingles(b.text)
    return len(x & y) / len(x | y) if x and y else 0.0


def joined(n, are_one):
    """The groups of n numbers, each pair compared."""
    groups = [{i} for i in range(n)]
    for a, b in combinations(range(n), 2):
        if are_one(a, b):
            both = [group for group in groups if a in group or b in group]
            groups = [group for group in groups if group not in both] + [set.union(*both)]
    return sorted(map(sorted, groups))


def by_definition(texts):
    """The groups of texts of which no file tells a source."""

    def are_one(a, b):
        names = [texts[a].name, texts[b].name]
        plain = [re.sub(r"_part_\d+$", "", name) for name in names]
        if plain[0] == plain[1] and plain != names:
            return True
        return similarity(texts[a], texts[b]) >= 0.5

    return joined(len(texts), are_one)


def by_told_sources(texts):
    """The groups of texts of which files tell the source of all or some."""
    told = {}
    for i, text in enumerate(texts):
        told.setdefault(text.source or i, []).append(i)
    sources = sorted(told.values(), key=len)

    def are_one(a, b):
        small, large = sources[a], sources[b]
        pairs = [(small, large)] + [(large, small)] * (len(small) == len(large))
        return any(
            2 * sum(any(similarity(texts[i], texts[j]) >= 0.5 for j in other) for i in own)
            >= len(own)
            for own, other in pairs
        )

    groups = joined(len(sources), are_one)
    return sorted(sorted(i for own in group for i in sources[own]) for group in groups)


names = st.sampled_from(["a", "b", "a_part_0", "a_part_1", "b_part_0", "c_part_0", "c", "d"])
few_words = st.lists(st.sampled_from("uvw"), max_size=14).map(" ".join)


@given(st.lists(st.builds(AnnotatedText, text=few_words, name=names), max_size=12))
def test_groups_are_those_of_comparing_all_pairs(texts):
    found = group_by_source(texts)
    assert found == by_definition(texts)


# Lines that are equal, nearly so, or neither.
lines = st.sampled_from(
    ["", "a", "a b", "c", "a b c d e f g", "a b c d e f g h", "h a b c d e f", "i j k l m n o"]
)


@given(
    st.lists(
        st.builds(AnnotatedText, text=lines, source=st.sampled_from([None, *"vwxyz"])), max_size=24
    )
)
def test_told_sources_are_one_where_half_of_the_smaller_is_in_the_other(texts):
    assert group_by_source(texts) == by_told_sources(texts)


def test_equal_texts_are_compared_once(monkeypatch):
    line, other = "the same line of a log again", "the same line of a log again today"
    texts = [AnnotatedText(text) for text in [line, "another line"] * 200 + [other]]
    compared = []
    unique = split.np.unique
    monkeypatch.setattr(
        split.np, "unique", lambda x, **more: compared.append(x) or unique(x, **more)
    )
    assert group_by_source(texts) == [[*range(0, 401, 2)], [*range(1, 400, 2)]]
    assert len(list(near_duplicates(texts))) == 2
    assert len(compared) == 4  # both times the two that have shingles in common


def test_a_line_of_all_sources_is_not_compared_source_by_source():
    n = 3000  # that each has a text with each other would be four million pairs
    texts = [
        AnnotatedText(text, source=str(i))
        for i in range(n)
        for text in ("seen and signed", f"a{i}", f"b{i}", f"c{i}")
    ]
    assert len(group_by_source(texts)) == n


def test_unlike_texts_are_not_compared(monkeypatch):
    """Numbers of common shingles are counted over texts that have any: few, not each with each."""
    common = ["the", "same", "six", "words", "in", "all"]
    texts = [AnnotatedText(" ".join([f"w{i}x{j}" for j in range(30)] + common)) for i in range(300)]
    counted = []
    unique = split.np.unique
    monkeypatch.setattr(
        split.np, "unique", lambda x, **more: counted.append(len(x)) or unique(x, **more)
    )
    assert len(group_by_source(texts)) == 300
    assert counted == [600] * 300  # two shingles that all have


def test_near_duplicates_have_their_similarity():
    words = [f"w{i}" for i in range(14)]
    texts = [" ".join(words), " ".join(words[:12]), " ".join(words[:5]), "W0 w1 w2, w3 w4", "a b"]
    found = list(near_duplicates([AnnotatedText(text) for text in texts]))
    # Ten shingles, of which eight are shared; texts of one shingle say too little.
    assert found == [([0, 1], pytest.approx(0.8))]


@given(st.lists(st.builds(AnnotatedText, text=lines), max_size=12))
def test_any_two_near_duplicates_are_together_with_their_similarity(texts):
    best = {}
    for alike, at_least in near_duplicates(texts):
        for pair in combinations(alike, 2):
            best[pair] = max(at_least, best.get(pair, 0.0))
    assert best == {
        (a, b): similarity(texts[a], texts[b])
        for a, b in combinations(range(len(texts)), 2)
        if min(len(shingles(texts[i].text)) for i in (a, b)) > 1
        and similarity(texts[a], texts[b]) >= 0.5
    }


def test_of_much_text_only_equal_ones_are_near_duplicates(monkeypatch):
    line = "one two three four five six"
    texts = [AnnotatedText(text) for text in (line, line + " seven", line, "one", "one")]
    assert list(near_duplicates(texts)) == [([0, 2], 1.0), ([0, 1, 2], pytest.approx(2 / 3))]
    monkeypatch.setattr(split, "MOST_COMPARED", 10)
    assert list(near_duplicates(texts)) == [([0, 2], 1.0)]
    assert group_by_source(texts) == [[0, 2], [1], [3, 4]]


def test_of_much_text_too_half_of_the_smaller_source_joins(monkeypatch):
    monkeypatch.setattr(split, "MOST_COMPARED", 10)
    held = {"large": "common 1 2 3 4 5", "b": "common own 6 7", "c": "common own 8 9"}
    told = [(text, source) for source, texts in held.items() for text in texts.split()]
    groups = group_by_source([AnnotatedText(text, source=source) for text, source in told])
    assert groups == [[*range(6)], [*range(6, 14)]]
