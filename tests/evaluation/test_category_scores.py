"""Scores of text classification, beside scikit-learn's."""

import numpy as np
import pytest
import spacy
from sklearn import metrics
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import registry

from spacy_bilstm_crf.evaluation.category_scores import average_precision, category_scores

VOCAB = spacy.blank("xx").vocab
LABELS = ["neg", "pos"]


def example(found, gold):
    predicted, reference = Doc(VOCAB, words=["a"]), Doc(VOCAB, words=["a"])
    predicted.cats, reference.cats = found, gold
    return Example(predicted, reference)


def draw(n=200, seed=0):
    random = np.random.default_rng(seed)
    gold = random.random(n) < 0.3
    found = np.clip(0.35 * gold + random.random(n).round(2) * 0.6, 0.0, 1.0)
    return gold, found


def binary(gold, found):
    return [
        example({"pos": p, "neg": 1 - p}, {"pos": float(g), "neg": float(not g)})
        for g, p in zip(gold, found)
    ]


@pytest.mark.parametrize("beta", [0.5, 1.0, 2.0])
def test_two_exclusive_labels(beta):
    gold, found = draw()
    scores = category_scores(beta)(binary(gold, found), labels=LABELS, positive_label="pos")
    said = found > 0.5
    assert scores["cats_accuracy"] == pytest.approx(metrics.accuracy_score(gold, said))
    assert scores["cats_fbeta"] == pytest.approx(metrics.fbeta_score(gold, said, beta=beta))
    assert scores["cats_average_precision"] == pytest.approx(
        metrics.average_precision_score(gold, found)
    )
    assert scores["cats_log_loss"] == pytest.approx(metrics.log_loss(gold, found), abs=1e-6)
    assert scores["cats_macro_auc"] == pytest.approx(metrics.roc_auc_score(gold, found))
    confidence, right = np.maximum(found, 1 - found), said == gold
    bins = np.minimum((confidence * 10).astype(int), 9)
    error = sum(
        (bins == i).mean() * abs(confidence[bins == i].mean() - right[bins == i].mean())
        for i in range(10)
        if (bins == i).any()
    )
    assert scores["cats_calibration_error"] == pytest.approx(error, abs=1e-3)


def test_a_threshold_for_the_positive_label():
    gold, found = draw()
    score = category_scores()
    scores = score(binary(gold, found), labels=LABELS, positive_label="pos", threshold=0.2)
    assert scores["cats_fbeta"] == pytest.approx(metrics.fbeta_score(gold, found >= 0.2, beta=2))
    plain = score(binary(gold, found), labels=LABELS, positive_label="pos", threshold=0.0)
    assert plain["cats_fbeta"] == pytest.approx(metrics.fbeta_score(gold, found > 0.5, beta=2))


def test_labels_that_do_not_exclude_each_other():
    columns = [draw(seed=seed) for seed in (0, 1)]
    rows = zip(*(gold for gold, _ in columns), *(found for _, found in columns))
    examples = [example({"a": p, "b": q}, {"a": float(g), "b": float(h)}) for g, h, p, q in rows]
    scores = category_scores(multi_label=True)(examples, labels=["a", "b"], threshold=0.5)
    gold, found = (np.stack(part, axis=1) for part in zip(*columns))
    assert scores["cats_accuracy"] == pytest.approx(metrics.accuracy_score(gold, found >= 0.5))
    assert scores["cats_fbeta"] == pytest.approx(
        metrics.fbeta_score(gold, found >= 0.5, beta=2, average="macro")
    )
    expected = np.mean([metrics.log_loss(g, p, labels=[0, 1]) for g, p in columns])
    assert scores["cats_log_loss"] == pytest.approx(expected, abs=1e-6)


def test_average_precision_of_equal_probabilities():
    gold = np.array([True, False, True, False])
    assert average_precision(gold, np.array([0.5, 0.5, 0.5, 0.5])) == 0.5
    assert average_precision(np.zeros(3, dtype=bool), np.ones(3)) is None


def test_nothing_to_score():
    score = category_scores()
    assert "cats_accuracy" not in score([example({"a": 1.0}, {})], labels=["a"])
    assert "cats_accuracy" not in score([], labels=["a"])
    with pytest.raises(ValueError, match="above 0"):
        category_scores(0.0)


def test_it_is_registered():
    score = registry.resolve({"s": {"@scorers": "spacy_bilstm_crf.category_scores.v1"}})["s"]
    assert callable(score)
