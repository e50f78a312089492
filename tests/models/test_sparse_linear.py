"""A linear layer over sparse features."""

import numpy as np
import pytest
from thinc.api import SparseLinear_v2

from spacy_bilstm_crf.models.sparse_linear import sparse_linear


def _layer(n_labels, n_features):
    layer = sparse_linear(n_labels)
    layer.set_dim("nI", n_features)
    layer.initialize()
    rng = np.random.default_rng(0)
    layer.set_param("W", rng.normal(size=(n_labels, n_features)).astype("f"))
    layer.set_param("b", rng.normal(size=n_labels).astype("f"))
    return layer


def test_is_a_matrix_product():
    layer = _layer(3, 5)
    rows, values = np.array([0, 4, 2]), np.array([1.0, 0.5, -2.0], "f")
    lengths = np.array([2, 0, 1], "int32")
    dense = np.zeros((3, 5), "f")
    dense[0, 0], dense[0, 4], dense[2, 2] = 1.0, 0.5, -2.0
    scores, backprop = layer.begin_update((rows, values, lengths))
    assert scores == pytest.approx(dense @ layer.get_param("W").T + layer.get_param("b"), abs=1e-6)
    d_scores = np.random.default_rng(1).normal(size=(3, 3)).astype("f")
    backprop(d_scores)
    assert layer.get_grad("W") == pytest.approx(d_scores.T @ dense, abs=1e-6)
    assert layer.get_grad("b") == pytest.approx(d_scores.sum(axis=0), abs=1e-6)


def test_a_feature_that_comes_twice_counts_twice():
    layer = _layer(1, 2)
    rows, values = np.array([1, 1]), np.array([1.0, 2.0], "f")
    expected = 3 * layer.get_param("W")[0, 1] + layer.get_param("b")[0]
    assert layer.predict((rows, values, np.array([2])))[0, 0] == pytest.approx(expected)


def test_starts_from_nothing_as_thincs_own():
    layer = sparse_linear()
    layer.set_dim("nI", 4)
    layer.initialize(Y=np.zeros((1, 2), "f"))
    own = SparseLinear_v2(nO=2, length=4)
    own.initialize()
    assert layer.get_param("W").size == own.get_param("W").size
    assert not layer.get_param("W").any()
