import random

import pytest

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
