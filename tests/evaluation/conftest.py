"""Shared fixtures: documents of which a pipeline gets some wrong."""

import pytest
from spacy.tokens import DocBin

from ..conftest import TRAIN, make_examples


@pytest.fixture
def dev(trained, tmp_path):
    """A file of 40 documents: what the pipeline knows by heart, every fifth without entities."""
    docs = []
    for nth in range(10):
        for eg in make_examples(trained, TRAIN):
            if (4 * nth + len(docs) % 4) % 5 == 0:
                eg.reference.ents = []
            docs.append(eg.reference)
    DocBin(docs=docs).to_disk(tmp_path / "dev.spacy")
    return tmp_path / "dev.spacy"
