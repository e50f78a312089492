"""Thinc: the registered architectures, and the borders between docs, arrays and tensors."""

from .affix_embed import AffixEmbed
from .bilstm_crf import BiLSTMCRF
from .bilstm_tok2vec import BiLSTMTok2Vec
from .naive_bayes_ngrams import NaiveBayesNgrams
from .span_features import SpanFeatures
from .text_cat_sum import TextCatSum
from .word_char_embed import WordCharEmbed

__all__ = [
    "AffixEmbed",
    "BiLSTMCRF",
    "BiLSTMTok2Vec",
    "NaiveBayesNgrams",
    "SpanFeatures",
    "TextCatSum",
    "WordCharEmbed",
]
