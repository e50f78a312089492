"""Means of groups, compiled and not."""

import pytest
import torch

from spacy_bilstm_crf.nn import compiled
from spacy_bilstm_crf.nn.doc_memory import DocSummary, recall_words, recall_words_
from spacy_bilstm_crf.nn.dropout import LockedDropout
from spacy_bilstm_crf.nn.segment_mean import segment_mean


@pytest.fixture(autouse=True, params=[True, False])
def with_numba(request, monkeypatch):
    if not request.param:
        monkeypatch.setattr(compiled, "has_numba", lambda: False)


def test_means():
    states, group_of = torch.randn(7, 3), torch.tensor([1, 0, 1, 2, 0, 1, 1])
    expected = torch.stack([states[group_of == group].mean(dim=0) for group in range(3)])
    with torch.no_grad():
        torch.testing.assert_close(segment_mean(states, group_of), expected)
    torch.testing.assert_close(segment_mean(states.requires_grad_(), group_of), expected)


def test_words_are_recalled_in_place():
    states, word_of = torch.randn(6, 4), torch.tensor([0, 1, 0, 2, 1, 0])
    expected = recall_words(states, word_of)
    output = torch.cat([states, torch.full((6, 4), torch.nan)], dim=1)
    with torch.no_grad():
        recall_words_(output, word_of)
    torch.testing.assert_close(output, expected)


def test_the_summary_of_products_is_that_of_the_features():
    torch.manual_seed(0)
    summary = DocSummary(5, 3, LockedDropout()).eval()
    features, doc_of = torch.randn(9, 5), torch.tensor([0] * 4 + [1] * 5)
    with torch.no_grad():
        found = summary.summarize(summary.project(features), doc_of)
        torch.testing.assert_close(found, summary(features, doc_of))
