"""Shared fixtures."""

import pytest
from spacy.vocab import Vocab


@pytest.fixture
def vocab():
    return Vocab()
