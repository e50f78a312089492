"""What is computed of a word is kept, as long as it holds."""

import copy
import os
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from torch import nn

from spacy_bilstm_crf.nn import type_cache
from spacy_bilstm_crf.nn.type_cache import TypeCache, clear_caches


class Doubler(nn.Module):
    """Rows are the keys, times a weight."""

    def __init__(self, width=4):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(2.0))
        self.width = width
        self.cache = TypeCache(self.parameters())
        self.computed = []
        self.below = self.token = None

    def forward(self, keys):
        keys = np.array(keys, dtype=np.uint64)

        def compute(places):
            own = keys[places.numpy()]
            self.computed.append(own.tolist())
            values = torch.from_numpy(own.astype(np.float32)) * self.weight.detach()
            return values[:, None].expand(-1, self.width)

        table, slots, self.token = self.cache.look_up(keys, compute, self.below)
        return table[slots][:, 0].tolist()


def test_rows_are_computed_once():
    module = Doubler()
    assert module([3, 1]) == [6, 2] and module([1, 7, 3]) == [2, 14, 6] and module([7]) == [14]
    assert module.computed == [[3, 1], [7]]


def test_rows_are_forgotten_when_weights_change():
    module = Doubler()
    module([3])
    with torch.no_grad():
        module.weight += 1
    assert module([3]) == [9]
    module.weight.data = torch.tensor(5.0)
    clear_caches(module)
    assert module([3]) == [15]
    module.load_state_dict({"weight": torch.tensor(7.0)})
    assert module([3]) == [21]


def test_the_cache_is_bounded(monkeypatch):
    monkeypatch.setattr(type_cache, "_MOST_BYTES", 10 * 4 * 4)
    module = Doubler()
    for first in range(1, 400, 3):
        keys = [first, first + 1, first + 2, 1]
        assert module(list(dict.fromkeys(keys))) == [2 * key for key in dict.fromkeys(keys)]
        assert len(module.cache._content.slot_of) <= 10
    assert module(range(1, 50)) == [2 * key for key in range(1, 50)]  # more than fit
    assert len(module.cache._content.slot_of) <= 10


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_copy_has_a_cache_of_its_own(duplicate):
    module = Doubler()
    module([3])
    other = duplicate(module)
    with torch.no_grad():
        other.weight += 1
    assert other([3]) == [9] and module([3]) == [6]
    assert module.computed == [[3]]


def test_threads_read_while_others_add(monkeypatch):
    monkeypatch.setattr(type_cache, "_MOST_BYTES", 500 * 4 * 4)
    module = Doubler()

    def work(seed):
        chance = np.random.RandomState(seed)
        for _ in range(300):
            keys = chance.choice(np.arange(1, 2000), size=20, replace=False).tolist()
            if module(keys) != [2 * key for key in keys]:
                return keys
        return None

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(8))) == [None] * 8


def test_rows_made_of_other_rows_are_forgotten_with_them():
    below, above = Doubler(), Doubler()

    def run():
        below([3])
        above.below = below.token
        return above([3])

    assert run() == run() == [6] and above.computed == [[3]]
    below.cache.clear()
    assert run() == [6] and above.computed == [[3], [3]]
    with torch.no_grad():
        below.weight += 1
    assert run() == [6] and above.computed == [[3], [3], [3]]


def test_inference_mode():
    module = Doubler()
    module([3])
    with torch.inference_mode():
        assert module([4, 5, 6, 7]) == [8, 10, 12, 14]
    assert module([3, 4, 9]) == [6, 8, 18]
    with torch.inference_mode():
        module = Doubler()
    assert module([3]) == module([3]) == [6] and module.computed == [[3], [3]]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_lock_that_was_held_at_a_fork_is_not_waited_for():
    module = Doubler()
    module([3])
    with module.cache._lock:
        child = os.fork()
        if child == 0:
            os._exit(0 if module([4]) == [8] else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
