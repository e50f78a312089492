"""A CRF over BILUO tags, as a torch module."""

from typing import Literal

from torch import nn

from ..nn import LinearChainCRF
from ..tags import allowed_transitions

Decoder = Literal["crf", "softmax", "greedy"]


class BILUOCRF(nn.Module):
    """A LinearChainCRF with the allowed transitions of BILUO.

    decoder: "crf" learns the scores of transitions. "softmax" does not: they stay 0, so that every
        token's tag is learned for itself, and the best allowed sequence is taken. "greedy" is
        "softmax" that takes the best tag of each token, and repairs forbidden transitions as the
        conlleval script does.
    """

    def __init__(self, num_tags: int, decoder: Decoder = "crf") -> None:
        super().__init__()
        self.settings = {"num_tags": num_tags, "decoder": decoder}
        self.chain = LinearChainCRF(num_tags, *allowed_transitions((num_tags - 1) // 4))
        if decoder != "crf":
            for transitions in self.chain.parameters():
                nn.init.zeros_(transitions).requires_grad_(False)
