"""A bidirectional LSTM whose output for a sequence does not depend on its batch company."""

from itertools import zip_longest

import torch
from torch import Tensor, nn

from .dropout import LockedDropout
from .word_cnn import WordCNN


class BiLSTMEncoder(nn.Module):
    """Bidirectional LSTM over padded sequences of known lengths.

    Each direction is an LSTM of its own; the backward one reads every sequence reversed within its
    own length, so that no direction ever reads padding. This gives what a packed `nn.LSTM` gives,
    and trains 1.4 to 2 times as fast on a CPU, where torch runs packed sequences step by step.

    Recurrent weights start orthogonal (Saxe et al. 2014, https://arxiv.org/abs/1312.6120), input
    weights Glorot-uniform, the forget gate's bias at 1 (Jozefowicz et al. 2015).

    input_width: width of the inputs.
    hidden_width: units of each direction.
    depth: number of stacked layers; with 0 there is no LSTM.
    dropout: rate of the locked dropout on every layer's input and on the output.
    conv_layers, conv_window: convolutions before the LSTM, and how many tokens each sees; see
        `WordCNN`.
    bidirectional: whether there is a backward LSTM beside the forward one.
    """

    def __init__(
        self,
        input_width: int,
        hidden_width: int,
        depth: int = 1,
        dropout: float = 0.0,
        conv_layers: int = 0,
        conv_window: int = 3,
        bidirectional: bool = True,
    ) -> None:
        super().__init__()
        for name, value, least in [("hidden_width", hidden_width, 1), ("depth", depth, 0)]:
            if value < least:
                raise ValueError(f"{name} must be at least {least}, got {value}.")
        if input_width < 1:
            raise ValueError(
                f"The encoder's input has width {input_width}: the embedding layer below it "
                "gives no features. Check its width and the pipeline's vectors."
            )
        self.settings = {
            "input_width": input_width,
            "hidden_width": hidden_width,
            "depth": depth,
            "conv_layers": conv_layers,
            "conv_window": conv_window,
            "bidirectional": bidirectional,
        }
        self.dropout = LockedDropout(dropout)
        self.cnn = WordCNN(input_width, conv_layers, conv_window)
        n_directions = 2 if bidirectional else 1
        widths = ([input_width] + [n_directions * hidden_width] * depth)[:depth]
        self.forward_layers = _stack(widths, hidden_width)
        self.backward_layers = _stack(widths if bidirectional else [], hidden_width)
        self.output_width = n_directions * hidden_width if depth > 0 else input_width
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new initial weights."""
        hidden = self.settings["hidden_width"]
        for name, weights in (
            *self.forward_layers.named_parameters(),
            *self.backward_layers.named_parameters(),
        ):
            if "weight_hh" in name:
                for gate in weights.data.split(hidden):
                    nn.init.orthogonal_(gate)
            elif "weight_ih" in name:
                for gate in weights.data.split(hidden):
                    nn.init.xavier_uniform_(gate)
            else:
                nn.init.zeros_(weights)
                if "bias_ih" in name:
                    nn.init.ones_(weights.data[hidden : 2 * hidden])

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Encode a batch of sequences.

        x: (batch, time, input_width), anything finite in the padding.
        lengths: (batch,) tokens of each sequence, 1 to time.
        RETURNS: (batch, time, output_width), forward states before backward states; rows of the
            padding have no meaning.
        """
        steps = torch.arange(x.size(1), device=x.device).unsqueeze(0)
        ends = lengths.to(x.device).unsqueeze(1)
        # An involution: applied twice, every step is back in its place.
        mirror = torch.where(steps < ends, ends - 1 - steps, steps)
        rows = torch.arange(x.size(0), device=x.device).unsqueeze(1) * x.size(1)
        mirror = (rows + mirror).flatten()
        if self.settings["conv_layers"] > 0:
            x = self.cnn(self.dropout(x), steps < ends)
        for ahead, back in zip_longest(self.forward_layers, self.backward_layers):
            x = self.dropout(x)
            left, _ = ahead(x)
            if back is None:
                x = left
            else:
                right, _ = back(_reorder(x, mirror))
                x = torch.cat([left, _reorder(right, mirror)], dim=2)
        return self.dropout(x)


def _stack(widths: list[int], hidden_width: int) -> nn.ModuleList:
    return nn.ModuleList(nn.LSTM(width, hidden_width, batch_first=True) for width in widths)


def _reorder(x: Tensor, order: Tensor) -> Tensor:
    """Take the steps of all rows in another order.

    x: (batch, time, width). order: (batch * time,).
    """
    return x.flatten(0, 1).index_select(0, order).unflatten(0, x.shape[:2])
