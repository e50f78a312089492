"""Thinc's linear layer by torch is Thinc's linear layer."""

import numpy as np
from thinc.api import Linear

from spacy_bilstm_crf.torch_bridge.linear import forward_linear


def test_it_is_what_thinc_computes():
    chance = np.random.RandomState(0)
    X, dY = (chance.normal(size=(7, n)).astype("f") for n in (5, 3))
    layers = [Linear(3, 5) for _ in range(2)]
    for layer in layers:
        layer.initialize()
        layer.set_param("W", np.arange(15, dtype="f").reshape(3, 5))
        layer.set_param("b", np.array([1, 2, 3], dtype="f"))
    results = []
    for layer, run in zip(layers, (forward_linear, lambda layer, X, train: layer(X, train))):
        for _ in range(2):  # gradients add up
            Y, backprop = run(layer, X, True)
            dX = backprop(dY)
        results.append((Y, dX, layer.get_grad("W"), layer.get_grad("b")))
    for ours, theirs in zip(*results):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)
