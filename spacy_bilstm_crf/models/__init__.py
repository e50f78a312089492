"""Thinc: the registered architectures, and the borders between docs, arrays and tensors."""

from .bilstm import BiLSTMTok2Vec
from .bilstm_crf import BiLSTMCRF
from .word_char_embed import WordCharEmbed

__all__ = ["BiLSTMCRF", "BiLSTMTok2Vec", "WordCharEmbed"]
