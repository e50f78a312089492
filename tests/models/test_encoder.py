"""The two ways of the encoder, step by step and in padded buckets, give the same."""

import numpy as np
import pytest
import torch

from spacy_bilstm_crf.batching.layout import Layout
from spacy_bilstm_crf.models.encoder import DocEncoder


@pytest.mark.parametrize("max_length", [256, 12])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"depth": 2},
        {"conv_layers": 1},
        {"depth": 3, "conv_layers": 2},
        {"bidirectional": False},
    ],
    ids=str,
)
def test_both_ways_give_the_same(settings, max_length):
    torch.manual_seed(0)
    encoder = DocEncoder(6, hidden_width=8, **settings).eval()
    lengths = np.array([30, 4, 1, 13])
    layout = Layout(lengths, torch.device("cpu"), max_length=max_length, overlap=2)
    x = torch.randn(48, 6, requires_grad=True)
    expected = layout.buckets.map(encoder._encode, x)
    assert layout.has_windows == (max_length == 12)

    def run():
        return encoder((x, None, None, None), layout, None, None)

    torch.testing.assert_close(run(), expected, atol=1e-6, rtol=0)
    with torch.no_grad():
        torch.testing.assert_close(run(), expected, atol=1e-6, rtol=0)
    direction = torch.randn_like(expected)
    weights = [x, *encoder.parameters()]
    found = torch.autograd.grad((run() * direction).sum(), weights)
    wanted = torch.autograd.grad((expected * direction).sum(), weights)
    for ours, theirs in zip(found, wanted):
        torch.testing.assert_close(ours, theirs, atol=2e-5, rtol=1e-4)
