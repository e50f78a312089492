"""Whether confidences are right as often as they say."""

import pytest

from spacy_bilstm_crf.evaluation import calibration


def test_calibration_by_hand():
    assert calibration([]) is None
    found = calibration([(0.95, True), (0.91, False), (0.15, False), (1.0, True)])
    assert found["entities"] == 4 and found["precision"] == 0.5
    assert [row["entities"] for row in found["bins"]] == [1, 3]
    expected = (abs(0.15 - 0) + 3 * abs((0.95 + 0.91 + 1.0) / 3 - 2 / 3)) / 4
    assert found["expected_calibration_error"] == pytest.approx(expected, abs=1e-4)
