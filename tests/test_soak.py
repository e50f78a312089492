"""Each activity of the soak does a step, and says what it tried."""

import os
import random

import pytest

from .soak.damage import damage
from .soak.fuzz import fuzz
from .soak.kills import kill_convert, kill_predict
from .soak.memory import Memory
from .soak.threads import call_from_threads

pytestmark = pytest.mark.slow


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize(
    "activity,n_steps",
    [(fuzz, 3), (kill_predict, 1), (kill_convert, 1), (call_from_threads, 1), (damage, 5)],
)
def test_a_step(trained, tmp_path, activity, n_steps):
    for step in range(n_steps):
        folder = tmp_path / str(step)
        folder.mkdir()
        assert activity(trained, random.Random(step), folder).total() > 0


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="needs Linux")
def test_memory(trained, tmp_path):
    with Memory(n_texts=50, warm_up=100) as memory:
        for step in range(2):
            memory(trained, random.Random(step), tmp_path)
        assert memory.last["zones"] > memory.last["tokenizer"] > 0
        assert "100 short texts with memory_zone: memory grew by" in memory.report()
