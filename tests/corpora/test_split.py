import random
import re
import tempfile
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_bilstm_crf.corpora import split
from spacy_bilstm_crf.corpora.brat import find_texts
from spacy_bilstm_crf.corpora.split import group_by_source, split_by_source


@pytest.fixture
def paths(tmp_path):
    random_ = random.Random(0)
    words = [f"w{i}" for i in range(500)]
    texts = {
        f"{i}_2_part_{part}": random_.choices(words, k=60) for i in range(10) for part in (0, 1)
    }
    texts["3_2"] = texts["3_2_part_0"]  # a whole document, and its parts
    texts["copy"] = texts["5_2_part_1"][:55] + ["changed"]
    texts["unlike"] = texts["5_2_part_1"][:20] + random_.choices(words, k=40)
    texts["empty"] = []
    for name, text in texts.items():
        (tmp_path / f"{name}.txt").write_text(" ".join(text))
    return find_texts(tmp_path)


def test_parts_and_near_duplicates_are_one_source(paths):
    groups = [sorted(path.stem for path in group) for group in group_by_source(paths)]
    assert len(groups) == 12
    assert ["3_2", "3_2_part_0", "3_2_part_1"] in groups
    assert ["5_2_part_0", "5_2_part_1", "copy"] in groups
    assert ["unlike"] in groups and ["empty"] in groups


@pytest.mark.parametrize("seed", range(4))
def test_no_source_is_on_both_sides(paths, seed):
    kept, aside = split_by_source(paths, 0.25, seed)
    assert sorted(kept + aside) == paths and kept and aside
    for group in group_by_source(paths):
        assert set(group) <= set(kept) or set(group) <= set(aside)
    assert sum(group[0] in aside for group in group_by_source(paths)) == 3
    assert split_by_source(paths, 0.25, seed) == (kept, aside)


def test_what_can_not_be_split(paths):
    with pytest.raises(ValueError, match="between 0 and 1"):
        split_by_source(paths, 1.0)
    with pytest.raises(ValueError, match="2 files of 1 source can't be split"):
        split_by_source([p for p in paths if p.stem.startswith("1_2")], 0.1)
    assert len(split_by_source(paths, 0.001)[1]) >= 1


def test_copies_in_other_folders(tmp_path):
    for name in ("a/x.txt", "b/y.txt", "c/z.txt"):
        path = tmp_path / name
        path.parent.mkdir()
        path.write_text("one two three four five six" if name != "c/z.txt" else "other")
    assert [len(group) for group in group_by_source(find_texts(tmp_path))] == [2, 1]


def test_short_and_namesake_texts(tmp_path):
    for name, text in (("a/x", "one two"), ("b/y", "one two"), ("c/x", "three"), ("d/x", "four")):
        path = tmp_path / f"{name}.txt"
        path.parent.mkdir()
        path.write_text(text)
    paths = find_texts(tmp_path)
    assert [len(group) for group in group_by_source(paths)] == [2, 1, 1]
    kept, aside = split_by_source(paths, 0.95)
    assert kept and aside


def by_definition(texts):
    """The groups of files, each pair compared: {path: text} to sets of paths."""

    def shingles(text):
        n = min(5, len(text))
        return {tuple(text[i : i + n]) for i in range(len(text) - n + 1)} if text else set()

    def are_one(a, b):
        plain = [re.sub(r"_part_\d+$", "", path.stem) for path in (a, b)]
        if plain[0] == plain[1] and plain != [a.stem, b.stem]:
            return True
        x, y = shingles(texts[a]), shingles(texts[b])
        return bool(x and y) and len(x & y) / len(x | y) >= 0.5

    groups = [{path} for path in texts]
    for a, b in combinations(texts, 2):
        if are_one(a, b):
            joined = [group for group in groups if a in group or b in group]
            groups = [group for group in groups if group not in joined] + [set.union(*joined)]
    return groups


names = st.sampled_from(["a", "b", "a_part_0", "a_part_1", "b_part_0", "c_part_0", "c", "d"])
folders = st.sampled_from(["", "x", "y"])
few_words = st.lists(st.sampled_from("uvw"), max_size=14)


@given(st.dictionaries(st.tuples(folders, names), few_words, max_size=12))
def test_groups_are_those_of_comparing_all_pairs(files):
    with tempfile.TemporaryDirectory() as folder:
        texts = {}
        for (within, name), words in files.items():
            path = Path(folder, within, f"{name}.txt")
            path.parent.mkdir(exist_ok=True)
            path.write_text(" ".join(words))
            texts[path] = words
        found = group_by_source(list(texts))
        assert sorted(map(sorted, found)) == sorted(map(sorted, by_definition(texts)))
        order = {path: i for i, path in enumerate(texts)}
        assert found == sorted((sorted(g, key=order.get) for g in found), key=lambda g: order[g[0]])


def test_unlike_files_are_not_compared(tmp_path, monkeypatch):
    """Numbers of common shingles are looked up for files that have any: few, not each with each."""
    n_files = 300
    for i in range(n_files):
        words = [f"w{i}x{j}" for j in range(30)] + ["the", "same", "six", "words", "in", "all"]
        (tmp_path / f"{i:03}.txt").write_text(" ".join(words))
    looked_up = []
    bincount = split.np.bincount
    monkeypatch.setattr(
        split.np, "bincount", lambda x, **more: looked_up.append(len(x)) or bincount(x, **more)
    )
    assert len(group_by_source(find_texts(tmp_path))) == n_files
    assert looked_up == [2 * n_files] * n_files  # two shingles that all have
