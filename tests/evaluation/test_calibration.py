"""Whether confidences are right as often as they say."""

import math

import pytest

from spacy_bilstm_crf.evaluation import calibration


def test_calibration_by_hand():
    assert calibration([]) is None
    found = calibration([(0.95, True), (0.91, False), (0.15, False), (1.0, True)])
    assert found["entities"] == 4 and found["precision"] == 0.5
    assert [row["entities"] for row in found["bins"]] == [1, 3]
    expected = (abs(0.15 - 0) + 3 * abs((0.95 + 0.91 + 1.0) / 3 - 2 / 3)) / 4
    assert found["expected_calibration_error"] == pytest.approx(expected, abs=1e-4)
    squares = (0.05**2 + 0.91**2 + 0.15**2 + 0) / 4
    assert found["brier_score"] == pytest.approx(squares, abs=1e-4)
    nats = -(math.log(0.95) + math.log(0.09) + math.log(0.85)) / 4
    assert found["log_loss"] == pytest.approx(nats, abs=1e-4)


def test_certain_and_wrong_is_finite():
    assert calibration([(1.0, False)])["log_loss"] == pytest.approx(16.1181, abs=1e-3)
