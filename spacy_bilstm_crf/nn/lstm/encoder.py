"""A bidirectional LSTM whose output for a sequence does not depend on its batch company."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..dropout import LockedDropout
from ..word_cnn import WordCNN
from .recurrence import Steps, learn_states, predict_states


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
        """Encode a batch of padded sequences, by torch's own LSTM.

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
        for forward, backward in zip_longest(self.forward_layers, self.backward_layers):
            x = self.dropout(x)
            left, _ = forward(x)
            if backward is None:
                x = left
            else:
                right, _ = backward(_reorder(x, mirror))
                x = torch.cat([left, _reorder(right, mirror)], dim=2)
        return self.dropout(x)

    def learn_flat(self, x: Tensor, sequence_of: Tensor, steps: Sequence[Steps]) -> Tensor:
        """Encode a batch of sequences that lie one after another, for training: what `forward`
        gives, without padding.

        x: (tokens, input_width).
        sequence_of: (tokens,) the sequence of each token.
        steps: for the forward LSTM, and for the backward one if there is one.
        RETURNS: (tokens, output_width).
        """
        for lstms in self._layers():
            x = self.dropout.drop_shared(x, sequence_of)
            states = [
                learn_states(
                    functional.linear(x, lstm.weight_ih_l0, lstm.bias_ih_l0 + lstm.bias_hh_l0),
                    order.token,
                    lstm.weight_hh_l0,
                    order,
                    len(x),
                )
                for lstm, order in zip(lstms, steps)
            ]
            x = torch.cat(states, dim=1)
        return self.dropout.drop_shared(x, sequence_of)

    def project(self, rows: Tensor) -> Tensor:
        """The products of the first layer's inputs with its weights, and the biases.

        rows: (rows, width) inputs, the first of all.
        RETURNS: (rows, directions * 4 * hidden_width).
        """
        return _project(next(self._layers()), rows)

    def predict_flat(
        self,
        projected: Tensor,
        row_of: Tensor | None,
        shared: Tensor | None,
        sequence_of: Tensor,
        steps: Sequence[Steps],
        output: Tensor,
    ) -> None:
        """The same for prediction, from inputs of which some may be alike.

        projected: (rows, ...) what `project` gives, in the first columns.
        row_of: (tokens,) which of the rows each token has; None where each has its own, in order.
        shared: (sequences, width) further inputs, the last of all, which the tokens of a sequence
            have in common; None for none.
        output: (tokens + 1, output_width or more) gets the states; its last row has no meaning.
        """
        layers = list(self._layers())
        size = self.settings["hidden_width"]
        for nth, lstms in enumerate(layers):
            is_last = nth == len(layers) - 1
            states = output if is_last else output.new_empty(len(output), self.output_width)
            for direction, (lstm, order) in enumerate(zip(lstms, steps)):
                of_rows = None
                if shared is not None:
                    first = sequence_of.index_select(0, order.token[: order.n_rows[0]])
                    of_rows = functional.linear(shared, lstm.weight_ih_l0[:, -shared.shape[1] :])
                    of_rows = of_rows.index_select(0, first)
                index = order.token if row_of is None else row_of.index_select(0, order.token)
                predict_states(
                    projected,
                    4 * size * direction,
                    index,
                    of_rows,
                    lstm.weight_hh_l0,
                    order,
                    states,
                    size * direction,
                )
            if not is_last:
                projected, row_of, shared = _project(layers[nth + 1], states[:-1]), None, None

    def _layers(self) -> Iterator[tuple[Any, ...]]:
        """The LSTMs of each layer, one or two."""
        return zip(*filter(None, (self.forward_layers, self.backward_layers)))


def _project(lstms: Sequence[nn.LSTM], rows: Tensor) -> Tensor:
    size, width = 4 * lstms[0].hidden_size, rows.shape[1]
    projected = rows.new_empty(len(rows), size * len(lstms))
    for nth, lstm in enumerate(lstms):
        weight: Any = lstm.weight_ih_l0
        bias: Any = lstm.bias_ih_l0 + lstm.bias_hh_l0  # type: ignore[operator]
        own = projected[:, nth * size : (nth + 1) * size]
        torch.addmm(bias, rows, weight[:, :width].t(), out=own)
    return projected


def _stack(widths: list[int], hidden_width: int) -> nn.ModuleList:
    return nn.ModuleList(nn.LSTM(width, hidden_width, batch_first=True) for width in widths)


def _reorder(x: Tensor, order: Tensor) -> Tensor:
    """Take the steps of all rows in another order.

    x: (batch, time, width). order: (batch * time,).
    """
    return x.flatten(0, 1).index_select(0, order).unflatten(0, x.shape[:2])
