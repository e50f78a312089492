import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from spacy_bilstm_crf.nn import BiLSTMEncoder, LockedDropout
from spacy_bilstm_crf.nn.word_cnn import WordCNN

LENGTHS = torch.tensor([3, 7, 1, 5])


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def packed_lstm(encoder):
    """A packed bidirectional nn.LSTM with the encoder's weights."""
    s = encoder.settings
    lstm = nn.LSTM(
        s["input_width"], s["hidden_width"], s["depth"], batch_first=True, bidirectional=True
    )
    state = {}
    for side, suffix in ((encoder.forward_layers, ""), (encoder.backward_layers, "_reverse")):
        for layer, module in enumerate(side):
            for name, weights in module.state_dict().items():
                state[name.replace("_l0", f"_l{layer}{suffix}")] = weights
    lstm.load_state_dict(state)
    return lstm


@pytest.mark.parametrize("depth", [1, 3])
def test_equals_a_packed_lstm(depth):
    encoder = BiLSTMEncoder(6, 4, depth)
    x = torch.randn(4, 7, 6)
    packed = pack_padded_sequence(x, LENGTHS, batch_first=True, enforce_sorted=False)
    expected, _ = pad_packed_sequence(packed_lstm(encoder)(packed)[0], batch_first=True)
    output = encoder(x, LENGTHS)
    for row, length in enumerate(LENGTHS):
        torch.testing.assert_close(output[row, :length], expected[row, :length])


@pytest.mark.parametrize("conv_layers", [0, 2])
def test_a_sequence_does_not_depend_on_its_batch_company(conv_layers):
    encoder = BiLSTMEncoder(6, 4, depth=2, conv_layers=conv_layers, conv_window=5)
    x = torch.randn(4, 7, 6)
    together = encoder(x, LENGTHS)
    x[2, 1:] = 1e3  # padding
    for row, length in enumerate(LENGTHS):
        alone = encoder(x[row : row + 1, :length], LENGTHS[row : row + 1])
        torch.testing.assert_close(alone[0], together[row, :length])


def test_convolutions_give_each_word_its_neighbours():
    cnn = WordCNN(2, layers=1, window=3)
    x = torch.randn(1, 4, 2)
    beyond = torch.zeros(1, 1, 2)
    padded = torch.cat([beyond, x, beyond], dim=1)
    windows = torch.stack([padded[0, i : i + 3] for i in range(4)])  # (words, window, width)
    expected = torch.einsum("twi,oiw->to", windows, cnn.layers[0].weight) + cnn.layers[0].bias
    mask = torch.ones(1, 4, dtype=torch.bool)
    torch.testing.assert_close(cnn(x, mask)[0], expected.relu())


def test_initial_weights():
    encoder = BiLSTMEncoder(6, 4)
    for lstm in (*encoder.forward_layers, *encoder.backward_layers):
        for gate in lstm.weight_hh_l0.split(4):
            torch.testing.assert_close(gate @ gate.T, torch.eye(4))
        bias = (lstm.bias_ih_l0 + lstm.bias_hh_l0).reshape(4, 4)
        assert bias.tolist() == [[0.0] * 4, [1.0] * 4, [0.0] * 4, [0.0] * 4]


def test_dropout_in_training_only():
    encoder = BiLSTMEncoder(6, 4, dropout=0.5)
    x = torch.randn(4, 7, 6)
    assert not torch.equal(encoder(x, LENGTHS), encoder(x, LENGTHS))
    encoder.eval()
    assert torch.equal(encoder(x, LENGTHS), encoder(x, LENGTHS))


def test_locked_dropout_drops_a_feature_at_every_step():
    output = LockedDropout(0.25)(torch.ones(500, 3, 8))
    assert torch.equal(output, output[:, :1].expand_as(output))
    assert output.unique().tolist() == pytest.approx([0.0, 1 / 0.75])
    assert (output[:, 0] == 0).float().mean().item() == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize(
    "arguments,match",
    [
        ((0, 4), "width 0"),
        ((3, 0), "hidden_width"),
        ((3, 4, -1), "depth"),
        ((3, 4, 1, 0.0, 1, 2), "conv_window"),
    ],
)
def test_impossible_sizes_are_errors(arguments, match):
    with pytest.raises(ValueError, match=match):
        BiLSTMEncoder(*arguments)
