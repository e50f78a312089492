"""A spaCy pipeline component that finds named entities with a BiLSTM-CRF."""

from importlib.metadata import version

__version__ = version("spacy-bilstm-crf")
