"""A convolution over the words of a sequence."""

from torch import Tensor, nn


class WordCNN(nn.Module):
    """Convolutions over neighbouring words, each followed by a ReLU, that keep the width.

    Before an LSTM, they let it read short phrases instead of words. Beyond a sequence's ends they
    read zeros, never padding.

    width: of the inputs and the outputs.
    layers: how many convolutions.
    window: how many words each sees, an odd number.
    """

    def __init__(self, width: int, layers: int, window: int) -> None:
        super().__init__()
        if layers < 0 or window < 1 or window % 2 == 0:
            raise ValueError(
                "conv_layers must be at least 0 and conv_window an odd number, got "
                f"{layers} and {window}."
            )
        self.layers = nn.ModuleList(
            nn.Conv1d(width, width, window, padding=window // 2) for _ in range(layers)
        )

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """x: (batch, time, width). mask: (batch, time), True on tokens. RETURNS: as x."""
        outside = ~mask.unsqueeze(2)
        for layer in self.layers:
            x = layer(x.masked_fill(outside, 0.0).transpose(1, 2)).relu().transpose(1, 2)
        return x
