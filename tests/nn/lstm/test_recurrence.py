"""Our LSTM beside torch's own, with the same weights: states and gradients."""

import numpy as np
import pytest
import torch
from torch import nn

from spacy_bilstm_crf.batching.layout import Layout
from spacy_bilstm_crf.nn import BiLSTMEncoder
from spacy_bilstm_crf.nn.lstm.recurrence import learn_states

CPU = torch.device("cpu")
SHAPES = [
    # lengths, inputs, hidden, depth, bidirectional
    ([5, 1, 9, 9, 3], 7, 16, 1, True),
    ([4], 3, 1, 1, True),
    ([1, 1, 1], 2, 5, 1, True),
    ([30, 2, 17], 6, 33, 2, True),
    ([6, 8], 5, 12, 3, False),
    (list(range(1, 40)), 8, 64, 1, True),
    ([3, 2], 4, 512, 1, True),
]


def make(lengths, width, hidden, depth, bidirectional, dtype=torch.float32):
    torch.manual_seed(0)
    encoder = BiLSTMEncoder(width, hidden, depth, bidirectional=bidirectional).to(dtype)
    for parameter in encoder.parameters():  # biases, too
        nn.init.uniform_(parameter, -0.5, 0.5)
    x = torch.randn(sum(lengths), width, dtype=dtype)
    return encoder, x, Layout(np.array(lengths), CPU)


def reference(encoder, x, lengths):
    """What torch's LSTM makes of each sequence alone."""
    alone = x.split(lengths)
    return torch.cat([encoder(own[None], torch.tensor([len(own)]))[0] for own in alone])


def flat(encoder, x, layout):
    steps = layout.steps(bidirectional=encoder.settings["bidirectional"])
    return encoder.learn_flat(x, layout.sequence_of, steps)


def predicted(encoder, x, layout, row_of=None, shared=None):
    steps = layout.steps(bidirectional=encoder.settings["bidirectional"])
    output = torch.full((int(layout.lengths.sum()) + 1, encoder.output_width), torch.nan)
    with torch.no_grad():
        projected = encoder.project(x)
        encoder.predict_flat(projected, row_of, shared, layout.sequence_of, steps, output)
    return output[:-1]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_states_are_those_of_torch(shape):
    encoder, x, layout = make(*shape)
    expected = reference(encoder, x, shape[0])
    # Sums of 512 in float32: 1.01e-6 was seen on a processor without AVX-512.
    close = {"atol": 2e-6 if shape[2] == 512 else 1e-6, "rtol": 0}
    torch.testing.assert_close(predicted(encoder.eval(), x, layout), expected, **close)
    torch.testing.assert_close(flat(encoder, x, layout), expected, **close)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_gradients_are_those_of_torch(shape):
    encoder, x, layout = make(*shape)
    x.requires_grad_()
    weights = [x, *encoder.parameters()]
    outputs = (flat(encoder, x, layout), reference(encoder, x, shape[0]))
    direction = torch.randn_like(outputs[0])
    found, expected = (torch.autograd.grad((y * direction).sum(), weights) for y in outputs)
    for ours, theirs in zip(found, expected):
        torch.testing.assert_close(ours, theirs, atol=2e-5, rtol=1e-4)


def test_the_gradient_is_the_numeric_one():
    encoder, x, layout = make([3, 1, 4], 3, 4, 2, True, torch.float64)
    x.requires_grad_()
    assert torch.autograd.gradcheck(lambda x: flat(encoder, x, layout), x)
    lstm, (steps, _) = encoder.forward_layers[0], layout.steps(bidirectional=True)
    projected = torch.randn(8, 16, dtype=torch.float64, requires_grad=True)
    weight = lstm.weight_hh_l0
    assert torch.autograd.gradcheck(
        lambda p, w: learn_states(p, steps.token, w, steps, 8), (projected, weight)
    )


def test_large_inputs_saturate():
    encoder, x, layout = make([5, 3], 4, 8, 1, True)
    x *= 1e4
    expected = reference(encoder, x, [5, 3])
    torch.testing.assert_close(predicted(encoder.eval(), x, layout), expected, atol=1e-6, rtol=0)
    x[2] = torch.nan
    assert predicted(encoder, x, layout)[:5].isnan().all(dim=1).any()
    assert predicted(encoder, x, layout)[5:].isfinite().all()


def test_tokens_that_are_alike_share_a_row():
    encoder, _, layout = make([6, 2, 4], 5, 8, 2, True)
    rows = torch.randn(3, 5)
    row_of = torch.tensor([0, 1, 2, 0, 0, 1, 2, 2, 1, 0, 1, 2])
    expected = predicted(encoder.eval(), rows[row_of], layout)
    torch.testing.assert_close(predicted(encoder, rows, layout, row_of), expected)


def test_inputs_that_a_sequence_shares():
    lengths = [6, 2, 4]
    encoder, _, layout = make(lengths, 5, 8, 2, True)
    own, shared = torch.randn(12, 3), torch.randn(3, 2)
    together = torch.cat([own, shared[layout.sequence_of]], dim=1)
    expected = predicted(encoder.eval(), together, layout)
    torch.testing.assert_close(predicted(encoder, own, layout, shared=shared), expected)
    one = Layout(np.array([12]), CPU)
    expected = predicted(encoder, torch.cat([own, shared[:1].expand(12, 2)], dim=1), one)
    torch.testing.assert_close(predicted(encoder, own, one, shared=shared[:1]), expected)


def test_windows_are_read_as_sequences_are():
    encoder, x, _ = make([40, 3], 5, 8, 1, True)
    layout = Layout(np.array([40, 3]), CPU, max_length=10, overlap=3)
    found = predicted(encoder.eval(), x, layout)
    torch.testing.assert_close(flat(encoder, x, layout), found)
    # Tokens 4 to 7 are given by the window from 1 to 10.
    window = reference(encoder, x[1:11], [10])
    torch.testing.assert_close(found[4:8], window[3:7], atol=1e-6, rtol=0)
    torch.testing.assert_close(found[40:], reference(encoder, x[40:], [3]), atol=1e-6, rtol=0)


def test_context_of_windows_learns_nothing():
    encoder, x, _ = make([20], 4, 8, 1, True)
    x.requires_grad_()
    layout = Layout(np.array([20]), CPU, max_length=8, overlap=2)
    padded = layout.buckets.map(lambda x, lengths, mask: encoder(x, lengths), x)
    direction = torch.randn_like(padded)
    weights = [x, *encoder.parameters()]
    outputs = (flat(encoder, x, layout), padded)
    found, expected = (torch.autograd.grad((y * direction).sum(), weights) for y in outputs)
    for ours, theirs in zip(found, expected):
        torch.testing.assert_close(ours, theirs, atol=2e-5, rtol=1e-4)


def test_dropout_is_locked():
    encoder, x, layout = make([50, 30], 6, 8, 1, True)
    encoder.dropout.rate = 0.5
    output = flat(encoder, x, layout)
    dropped = output == 0.0
    for own in dropped.split([50, 30]):
        assert torch.equal(own, own[:1].expand_as(own)) and 0 < own[0].sum() < 16
    assert not torch.equal(dropped[0], dropped[-1])
    encoder.eval()
    assert torch.equal(flat(encoder, x, layout), flat(encoder, x, layout))
