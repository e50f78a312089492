"""Promises of thresholds: the bounds by hand, and that they are kept."""

import math

import numpy as np
import pytest

from spacy_bilstm_crf.evaluation.promise import (
    THRESHOLDS,
    documents_needed,
    greatest_loss,
    threshold_for_precision,
    threshold_for_recall,
    wrong_shares,
)


def test_the_expected_loss_by_conformal_risk_control():
    n, allowed = 200, 0.05
    loss = greatest_loss(n, allowed, None)
    assert n / (n + 1) * loss + 1 / (n + 1) == pytest.approx(allowed)
    assert documents_needed(0.0, 0.01, None) == 99
    assert greatest_loss(98, 0.01, None) < 0 <= greatest_loss(99, 0.01, None)


def test_the_loss_with_a_confidence_by_hoeffding():
    n, allowed = 500, 0.1
    loss = greatest_loss(n, allowed, 0.95)
    divergence = loss * math.log(loss / allowed) + (1 - loss) * math.log((1 - loss) / 0.9)
    assert 0 < loss < allowed and math.exp(-n * divergence) == pytest.approx(0.05, rel=1e-4)
    # Without any loss, the bound is that of the binomial distribution: 0.99 ** 299 < 0.05.
    assert documents_needed(0.0, 0.01, 0.95) == 299
    assert (
        greatest_loss(298, 0.01, 0.95)
        < 0
        == pytest.approx(greatest_loss(299, 0.01, 0.95), abs=1e-4)
    )
    enough = documents_needed(0.04, 0.05, 0.95)
    assert greatest_loss(enough - 1, 0.05, 0.95) < 0.04 <= greatest_loss(enough, 0.05, 0.95)
    assert documents_needed(0.05, 0.05, 0.95) is None


def test_the_threshold_is_the_greatest_that_is_allowed():
    # Nine documents of one entity, and one of two, found at 0.1, 0.2, ..., 0.9, and 0.05 and 0.95.
    found_at = [np.array([i / 10]) for i in range(1, 10)] + [np.array([0.05, 0.95])]
    # (10 R + 1) / 11 <= 0.3 allows 0.23: half of the last, and one of the others, are missed.
    found = threshold_for_recall(found_at, 0.7, None)
    assert found.threshold == 0.2 and found.documents == 10
    assert found.loss == pytest.approx(0.15)


def test_a_threshold_is_not_rounded_above_what_it_has_to_find():
    found = threshold_for_recall([np.array([0.12345678])] * 99, 0.99, None)
    assert found.threshold == 0.123456 and found.loss == 0.0


@pytest.mark.parametrize("confidence", [None, 0.9])
def test_promises_are_kept(confidence):
    """Documents of two kinds, easy and hard, from a source of which all is known."""
    chance = np.random.default_rng(0)

    def draw(n):
        hard = chance.random(n) < 0.2
        return [chance.beta(2 if is_hard else 20, 1, chance.integers(1, 8)) for is_hard in hard]

    # The share that is missed below t: t**2 of hard documents' entities, t**20 of others'.
    losses = []
    for _ in range(300):
        t = threshold_for_recall(draw(150), 0.9, confidence).threshold
        losses.append(0.2 * t**2 + 0.8 * t**20)
    if confidence is None:
        assert np.mean(losses) <= 0.1 and np.mean(losses) > 0.08
    else:
        assert np.mean(np.array(losses) > 0.1) <= 0.1


def test_wrong_shares():
    wrong = wrong_shares(
        [np.array([0.5, 0.9]), np.zeros(0)], [np.array([False, True]), np.zeros(0, bool)]
    )
    expected = np.select([THRESHOLDS <= 0.5, THRESHOLDS <= 0.9], [0.5, 0.0], np.nan)
    np.testing.assert_array_equal(wrong, [expected, np.full(len(THRESHOLDS), np.nan)])
    assert THRESHOLDS[0] == pytest.approx(0.01) and THRESHOLDS[0] >= 0.01


def test_precision_is_tested_from_the_top():
    n = 400
    wrong = np.tile(np.where(THRESHOLDS < 0.6, 0.5, 0.0), (n, 1))
    found = threshold_for_precision(wrong, 0.9, 0.95)
    assert found.threshold == pytest.approx(THRESHOLDS[THRESHOLDS >= 0.6][0], abs=1e-6)
    # What is better again below a threshold that fails is not tried.
    wrong[:, THRESHOLDS < 0.3] = 0.0
    assert threshold_for_precision(wrong, 0.9, 0.95) == found


def test_documents_without_finds_do_not_vouch_for_others():
    wrong = np.full((400, len(THRESHOLDS)), np.nan)
    wrong[:30] = 0.5
    with pytest.raises(ValueError, match="no threshold for precision 0.9"):
        threshold_for_precision(wrong, 0.9, 0.95)
    wrong[:] = np.nan
    wrong[:200] = 0.0
    assert threshold_for_precision(wrong, 0.9, 0.95).documents == 200


def test_as_much_lost_as_is_allowed():
    # 1 - 0.95 is above 0.05 by a rounding.
    found_at = [np.array([0.9])] * 19 + [np.array([0.0])]
    for confidence in (None, 0.95):
        with pytest.raises(ValueError, match="no threshold for recall 0.95"):
            threshold_for_recall(found_at, 0.95, confidence)


@pytest.mark.parametrize(
    "n, value, recall, confidence, message",
    [
        (20, 0.9, 0.99, None, "20 documents are too few to promise recall 0.99.*: 99 with"),
        (20, 0.9, 0.99, 0.95, "20 documents are too few to promise recall 0.99.*: 299 with"),
        (500, 0.0, 0.9, None, "no threshold for recall 0.9: .* 100.00% is missed at 0.01"),
    ],
)
def test_what_can_not_be_promised_is_told(n, value, recall, confidence, message):
    with pytest.raises(ValueError, match=message):
        threshold_for_recall([np.array([value])] * n, recall, confidence)
