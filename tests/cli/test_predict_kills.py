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
    # How many kills hit a run before it ends is up to the machine: another output then, from anew.
    rng, n_killed = random.Random(0), 0
    for n in range(10):
        n_killed += kill_predict(trained, tmp_path / str(n), output_format, rng, N_TEXTS)
        if n_killed >= 5:
            return
    pytest.fail(f"only {n_killed} kills hit a run")
