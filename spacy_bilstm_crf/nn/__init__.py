"""Pure PyTorch: no spaCy, no Thinc."""

from .char_cnn import CharCNN
from .char_lstm import CharLSTM
from .crf import LinearChainCRF
from .dropout import LockedDropout
from .embedding import WordCharEmbedding
from .lattice import Lattice
from .lstm import BiLSTMEncoder

__all__ = [
    "BiLSTMEncoder",
    "CharCNN",
    "CharLSTM",
    "Lattice",
    "LinearChainCRF",
    "LockedDropout",
    "WordCharEmbedding",
]
