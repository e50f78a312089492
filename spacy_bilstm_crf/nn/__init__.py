"""Pure PyTorch: no spaCy, no Thinc."""

from .char_cnn import CharCNN
from .crf import LinearChainCRF
from .dropout import LockedDropout
from .embedding import WordCharEmbedding
from .lstm import BiLSTMEncoder

__all__ = ["BiLSTMEncoder", "CharCNN", "LinearChainCRF", "LockedDropout", "WordCharEmbedding"]
