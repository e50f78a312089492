import itertools

import numpy as np
import pytest

from spacy_bilstm_crf.suggestion.choose import choose, group_near_duplicates


def test_the_highest_scores_within_the_budget():
    scores, sizes = [0.1, 0.9, 0.5, 0.9], [5, 4, 3, 2]
    assert choose(scores, [1] * 4, 3) == [1, 3, 2]
    assert choose(scores, sizes, 6) == [1, 3]
    assert choose(scores, sizes, 7) == [1, 3, 2]  # the last one may go over it
    assert choose(scores, sizes, 100) == [1, 3, 2, 0]
    assert choose(scores, sizes, 0) == choose([], [], 5) == []


def test_the_same_name_counts_less_each_time():
    scores = [1.0, 0.9, 0.8, 0.3]
    doubts = [{"may": 0.5}, {"may": 0.4}, {"jordan": 0.1}, {}]
    assert choose(scores, [1] * 4, 4, doubts=doubts, diversity=1.0) == [0, 1, 2, 3]
    assert choose(scores, [1] * 4, 4, doubts=doubts, diversity=0.5) == [0, 2, 1, 3]
    assert choose(scores, [1] * 4, 4, doubts=doubts, diversity=0.0) == [0, 2, 3, 1]


def test_what_is_new_counts_by_how_doubtful_it_is():
    # Of the second half of the doubt is new, of the third nearly all.
    doubts = [{"may": 0.5}, {"may": 0.3, "paris": 0.3}, {"may": 0.01, "rome": 0.5}]
    assert choose([1.0, 0.9, 0.6], [1] * 3, 3, doubts=doubts, diversity=0.0) == [0, 2, 1]


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_greedy_choice(seed):
    chance = np.random.default_rng(seed)
    scores = chance.random(12).tolist()
    names = [dict(zip(chance.choice(list("abcd"), 2), chance.random(2))) for _ in scores]
    groups = chance.integers(0, 9, 12).tolist()
    seen = dict.fromkeys("abcd", 0)
    left, expected = set(range(12)), []
    while left:

        def value(i):
            total = sum(names[i].values())
            return scores[i] * sum(d * 0.3 ** seen[s] for s, d in names[i].items()) / total

        best = max(left, key=value)
        expected.append(best)
        left = {i for i in left if groups[i] != groups[best]}
        for name in names[best]:
            seen[name] += 1
    chosen = choose(scores, [1] * 12, 12, doubts=names, diversity=0.3, groups=groups)
    assert chosen == expected


def test_one_of_a_group_and_none_of_those_taken():
    assert choose([3.0, 2.0, 1.0, 0.5], [1] * 4, 4, groups=[0, 0, 1, 2], taken={1}) == [0, 3]


def test_near_duplicates():
    text = "The minister of trade flew from Oslo to Bergen on Monday morning"
    groups = group_near_duplicates(
        [text, "It rained.", text + " again", "It rained.", "It snowed."]
    )
    pairs = [(a, b) for a, b in itertools.combinations(range(5), 2) if groups[a] == groups[b]]
    assert pairs == [(0, 2), (1, 3)]
