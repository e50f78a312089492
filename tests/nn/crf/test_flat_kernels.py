"""Decoding without padding, beside all tag sequences and beside the lattice."""

import numpy as np
import pytest
import torch

from spacy_bilstm_crf.nn import LinearChainCRF
from spacy_bilstm_crf.nn.crf.lattice import Lattice
from spacy_bilstm_crf.tags import allowed_transitions, n_tags

flat_kernels = pytest.importorskip("spacy_bilstm_crf.nn.crf.flat_kernels")
LABELS = 2
K = n_tags(LABELS)
LENGTHS = np.array([4, 1, 3, 6])


@pytest.fixture
def chain():
    torch.manual_seed(0)
    chain = LinearChainCRF(K, *allowed_transitions(LABELS))
    for parameter in chain.parameters():
        torch.nn.init.normal_(parameter, std=2.0)
    return chain


def draw(seed=1):
    torch.manual_seed(seed)
    emissions = 3 * torch.randn(int(LENGTHS.sum()), K)
    emissions[5, 1:] = -torch.inf  # a token that is outside
    return emissions


def rows(emissions):
    return emissions.split(LENGTHS.tolist())


def test_the_best_tags_are_those_of_the_padded_decoder(chain):
    for seed in range(20):
        emissions = draw(seed)
        expected = [tags for own in rows(emissions) for tags in chain.decode(own[None])[0]]
        assert flat_kernels.viterbi(chain, emissions, LENGTHS).tolist() == expected


def test_probabilities_are_those_of_the_lattice(chain):
    starts = np.cumsum(LENGTHS) - LENGTHS
    spans = [
        (sequence, first, last, label)
        for sequence, length in enumerate(LENGTHS.tolist())
        for first in range(length)
        for last in range(first, length)
        for label in range(LABELS)
    ]
    tags = np.array([[1 + 4 * label + i for i in (3, 0, 1, 2)] for *_, label in spans])
    own = np.array([(starts[s] + first, starts[s] + last) for s, first, last, _ in spans])
    for seed in range(5):
        emissions = draw(seed)
        temperature = 0.5 + seed / 4
        found = flat_kernels.span_probability(chain, emissions, LENGTHS, *own.T, tags, temperature)
        expected = []
        for sequence, scores in enumerate(rows(emissions)):
            mask = torch.ones(1, len(scores), dtype=torch.bool)
            lattice = Lattice(chain, scores[None], mask, temperature=temperature)
            here = [i for i, span in enumerate(spans) if span[0] == sequence]
            columns = np.array([spans[i] for i in here])
            expected += lattice.path_probability(
                torch.zeros(len(here), dtype=torch.int64),
                torch.from_numpy(columns[:, 1]),
                torch.from_numpy(columns[:, 2]),
                torch.from_numpy(tags[here]),
            ).tolist()
        np.testing.assert_allclose(found, expected, atol=1e-9)
        assert found.max() > 0.5


def test_constraints_that_leave_nothing_are_an_error(chain):
    emissions = draw()
    emissions[:, 0] = -torch.inf  # with no O, B and I...
    emissions[1, :] = -torch.inf
    with pytest.raises(ValueError, match="no allowed tag sequence"):
        flat_kernels.span_probability(
            chain, emissions, LENGTHS, np.array([0]), np.array([0]), np.array([[4, 1, 2, 3]])
        )


@pytest.mark.parametrize("first,last", [(3, 4), (0, 20), (-1, 0), (2, 1), (14, 14)])
def test_spans_across_sequences_are_an_error(chain, first, last):
    tags = np.array([[4, 1, 2, 3]])
    with pytest.raises(ValueError, match="within a sequence"):
        flat_kernels.span_probability(
            chain, draw(), LENGTHS, np.array([first]), np.array([last]), tags
        )
