"""Updates that pass over resting rows against Thinc's own Adam."""

import numpy as np
import pytest
import torch
from thinc.api import Adam, fix_random_seed

from spacy_bilstm_crf.torch_bridge import sparse_adam
from spacy_bilstm_crf.torch_bridge.sparse_adam import SparseAdam, allows_sparse_updates

pytest.importorskip("numba")

N_ROWS, WIDTH, RATE = 40, 3, 0.01


def run(n_updates, seldom):
    """A table after updates by rows, after Adam's, and as it was. A third of the rows is met in
    most updates, a third `seldom`, the others never."""
    fix_random_seed(0)
    table = torch.nn.Parameter(torch.randn(N_ROWS, WIDTH))
    start = table.detach().numpy().copy()
    expected = start.copy()
    sparse, dense = (
        Adam(RATE, L2=0.0, grad_clip=1.0, use_averages=False, eps=1e-8) for _ in range(2)
    )
    updates = SparseAdam(table, sparse)
    probability = torch.tensor([0.8] * 13 + [seldom] * 13 + [0.0] * 14)
    for _ in range(n_updates):
        rows = (torch.rand(N_ROWS) < probability).nonzero().flatten()
        if len(rows) == 0:
            continue
        gradient = torch.zeros(N_ROWS, WIDTH)
        gradient[rows] = torch.randn(len(rows), WIDTH)
        table.grad = gradient.clone()
        updates.update(sparse, "table", [rows, rows[:1]])
        assert not table.grad.any()
        expected, _ = dense("table", expected, gradient.numpy())
    return table.detach().numpy(), expected, start


def test_rows_that_do_not_rest_are_updated_as_by_adam():
    own, expected, start = run(40, seldom=0.05)
    np.testing.assert_allclose(own, expected, atol=1e-6)
    assert np.array_equal(own[26:], start[26:])


def test_resting_rows_miss_next_to_nothing():
    own, expected, start = run(600, seldom=0.01)
    moved = np.abs(expected - start)[13:26]
    assert moved.max() > 10 * RATE
    assert np.abs(own - expected).max() < 0.05 * moved.max()
    np.testing.assert_allclose(own[:13], expected[:13], atol=1e-4)


def test_a_short_rest_would_show(monkeypatch):
    monkeypatch.setattr(sparse_adam, "REST", 2)
    own, expected, start = run(600, seldom=0.01)
    assert np.abs(own - expected).max() > 0.05 * np.abs(expected - start)[13:26].max()


@pytest.mark.parametrize("settings", [{"L2": 0.01}, {"use_averages": True}, {"beta1": 0.0}])
def test_when_rows_can_not_rest(settings):
    table = torch.nn.Parameter(torch.zeros(2, 2))
    plain = {"L2": 0.0, "use_averages": False}
    assert allows_sparse_updates(Adam(RATE, **plain), table)
    assert not allows_sparse_updates(Adam(RATE, **(plain | settings)), table)
