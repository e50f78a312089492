"""Scores of folders of brat files."""

from pathlib import Path

import pytest

from spacy_bilstm_crf.corpora.brat_score import score_folders


def test_score():
    here = Path(__file__).parent
    with pytest.raises(FileNotFoundError, match="has no .ann"):
        score_folders(here, here)


def test_score_counts_exact_entities_and_missing_files(tmp_path):
    gold, predicted = tmp_path / "gold", tmp_path / "predicted"
    gold.mkdir(), predicted.mkdir()
    (gold / "a.ann").write_text("T1\tA 0 4\tx\nT2\tB 5 8\tx\nT3\tA 9 12\tx\n")
    (gold / "b.ann").write_text("T1\tA 0 4\tx\n")
    with pytest.raises(FileNotFoundError, match="has none of the 2 files"):
        score_folders(gold, predicted)
    (predicted / "a.ann").write_text("T5\tA 0 4\tx\nT1\tA 5 8\tx\nR1\tX Arg1:T1 Arg2:T5\n")
    scores = score_folders(gold, predicted)
    assert scores["missing"] == ["b.ann"]
    assert scores["ents_p"] == pytest.approx(1 / 2)
    assert scores["ents_r"] == pytest.approx(1 / 4)
    assert scores["ents_f"] == pytest.approx(1 / 3)
    assert scores["ents_per_type"]["A"]["r"] == pytest.approx(1 / 3)
    assert scores["ents_per_type"]["B"] == {"p": None, "r": 0.0, "f": 0.0}


def test_score_equals_the_official_walk(tmp_path):
    """The shared task's script walks over both lists by start; for entities that do not overlap
    it counts what the sets say."""
    gold, predicted = tmp_path / "gold", tmp_path / "predicted"
    gold.mkdir(), predicted.mkdir()
    a = [("A", 0, 5), ("A", 5, 8), ("B", 9, 12), ("A", 14, 15)]
    b = [("A", 0, 2), ("A", 2, 5), ("A", 5, 8), ("A", 9, 12), ("A", 14, 15)]
    for folder, entities in ((gold, a), (predicted, b)):
        lines = [f"T{i}\t{label} {s} {e}\tx\n" for i, (label, s, e) in enumerate(entities)]
        (folder / "x.ann").write_text("".join(lines))
    tp, fp, fn = official_counts(a, b)
    assert (tp, fp, fn) == (2, 3, 2)
    scores = score_folders(gold, predicted)
    assert scores["ents_p"] == pytest.approx(tp / (tp + fp))
    assert scores["ents_r"] == pytest.approx(tp / (tp + fn))


def official_counts(gold, predicted):
    tp = fp = fn = i = j = 0
    while i < len(gold) and j < len(predicted):
        g, p = gold[i], predicted[j]
        if g == p:
            tp, i, j = tp + 1, i + 1, j + 1
        elif g[1] >= p[2] or (g[2] > p[1] and g[1] > p[1]):
            fp, j = fp + 1, j + 1
        elif g[2] <= p[1] or g[1] < p[1]:
            fn, i = fn + 1, i + 1
        else:
            fp, fn, i, j = fp + 1, fn + 1, i + 1, j + 1
    return tp, fp + len(predicted) - j, fn + len(gold) - i
