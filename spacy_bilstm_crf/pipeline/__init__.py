"""The pipe: Docs and Examples in, entities, losses and scores out."""

from .bilstm_crf_ner import BiLSTMCRFRecognizer
from .factory import make_bilstm_crf_ner

__all__ = ["BiLSTMCRFRecognizer", "make_bilstm_crf_ner"]
