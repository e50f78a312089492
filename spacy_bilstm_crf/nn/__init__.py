"""Pure PyTorch: no spaCy, no Thinc."""

from .char_cnn import CharCNN
from .char_lstm import CharLSTM
from .crf.chain import LinearChainCRF
from .crf.lattice import Lattice
from .dropout import LockedDropout
from .embedding import WordCharEmbedding
from .lstm.encoder import BiLSTMEncoder

__all__ = [
    "BiLSTMEncoder",
    "CharCNN",
    "CharLSTM",
    "Lattice",
    "LinearChainCRF",
    "LockedDropout",
    "WordCharEmbedding",
]
