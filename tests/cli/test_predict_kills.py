"""Killed at any time and run again, `predict` has every text once, whole, and its own."""

import os
import random

import pytest

from .kills import READERS, kill_predict

N_TEXTS = int(os.environ.get("TEST_KILL_TEXTS", "50"))
"""More of them are more kills: one in about five texts."""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("output_format", list(READERS))
def test_kills(trained, tmp_path, output_format):
    assert kill_predict(trained, tmp_path, output_format, random.Random(0), N_TEXTS) >= 5
