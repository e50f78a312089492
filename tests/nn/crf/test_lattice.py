"""Probabilities and k-best paths, against all tag sequences."""

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_bilstm_crf.nn import LinearChainCRF
from spacy_bilstm_crf.nn.crf.lattice import Lattice
from spacy_bilstm_crf.tags import allowed_transitions, n_tags

LABELS = 2
K = n_tags(LABELS)
LENGTHS = (3, 1, 4, 2)


def make(seed, spread=1.0, constrained=True):
    torch.manual_seed(seed)
    crf = LinearChainCRF(K, *allowed_transitions(LABELS)).double()
    for parameter in crf.parameters():
        parameter.data *= 10 * spread
    emissions = torch.randn(len(LENGTHS), max(LENGTHS), K).double() * spread
    mask = torch.arange(max(LENGTHS)) < torch.tensor(LENGTHS).unsqueeze(1)
    allowed = torch.rand(emissions.shape) < 0.7
    allowed[..., 0] = True
    return crf, emissions, mask, allowed if constrained else None


def all_paths(crf, emissions, mask, allowed, row):
    """Every allowed tag sequence of a row, and its probability among them."""
    length = int(mask[row].sum())
    start = crf.start_transitions.masked_fill(crf.forbidden_start, -torch.inf).tolist()
    pairs = crf.transitions.masked_fill(crf.forbidden_pairs, -torch.inf).tolist()
    end = crf.end_transitions.masked_fill(crf.forbidden_end, -torch.inf).tolist()
    tokens = emissions[row]
    if allowed is not None:
        tokens = tokens.masked_fill(~allowed[row], -torch.inf)
    tokens = tokens.tolist()
    scores = {}
    for path in itertools.product(range(K), repeat=length):
        score = start[path[0]] + end[path[-1]]
        score += sum(tokens[t][tag] for t, tag in enumerate(path))
        score += sum(pairs[a][b] for a, b in zip(path, path[1:]))
        if score > -torch.inf:
            scores[path] = score
    total = torch.tensor(list(scores.values()), dtype=torch.float64).logsumexp(0)
    return {path: math.exp(score - total) for path, score in scores.items()}, total


CASES = [make(0), make(1, constrained=False), make(2, spread=8.0)]


@pytest.mark.parametrize("case", CASES)
def test_marginals_and_partition(case):
    lattice = Lattice(*case)
    for row, length in enumerate(LENGTHS):
        paths, total = all_paths(*case, row)
        torch.testing.assert_close(lattice.log_partition[row], total)
        for t in range(length):
            for tag in range(K):
                expected = sum(p for path, p in paths.items() if path[t] == tag)
                assert lattice.marginals[row, t, tag].item() == pytest.approx(expected, abs=1e-12)
    assert lattice.marginals[1, 1:].abs().max() == 0.0


@pytest.mark.parametrize("case", CASES)
def test_spans(case):
    lattice = Lattice(*case)
    spans = [
        (row, first, last, label)
        for row, length in enumerate(LENGTHS)
        for first in range(length)
        for last in range(first, length)
        for label in range(LABELS)
    ]
    rows, first, last, label = torch.tensor(spans).unbind(dim=1)
    begin = 1 + 4 * label
    tags = torch.stack([begin + 3, begin, begin + 1, begin + 2], dim=1)
    found = lattice.path_probability(rows, first, last, tags)
    for (row, start, end, _), own, probability in zip(spans, tags.tolist(), found.tolist()):
        single, b, i, e = own
        length = end - start + 1
        wanted = [single] if length == 1 else [b, *[i] * (length - 2), e]
        paths, _ = all_paths(*case, row)
        expected = sum(p for path, p in paths.items() if list(path[start : end + 1]) == wanted)
        assert probability == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("k", [1, 3, 400])
def test_k_best(case, k):
    tags, log_probability = Lattice(*case).k_best(k)
    probability = log_probability.exp()
    for row, length in enumerate(LENGTHS):
        paths, _ = all_paths(*case, row)
        expected = sorted(paths.values(), reverse=True)[:k]
        found = probability[: len(expected), row].tolist()
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-300)
        assert probability[len(expected) :, row].sum() == 0.0
        own = [tuple(path[:length]) for path in tags[: len(expected), row].tolist()]
        assert len(set(own)) == len(own)
        assert [paths[path] for path in own] == pytest.approx(expected, rel=1e-9, abs=1e-300)
        assert tags[:, row, length:].sum() == 0
    with pytest.raises(ValueError, match="k must be"):
        Lattice(*case).k_best(0)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), spread=st.sampled_from([0.1, 1.0, 10.0, 60.0]))
def test_probabilities_are_probabilities(seed, spread):
    crf, emissions, mask, allowed = make(seed, spread)
    lattice = Lattice(crf, emissions, mask, allowed)
    sums = lattice.marginals.sum(dim=2)
    torch.testing.assert_close(sums, mask.double())
    assert (lattice.marginals >= 0).all() and (lattice.marginals[~allowed] == 0).all()
    rows = torch.tensor([0, 2, 2])
    first, last = torch.tensor([0, 1, 0]), torch.tensor([2, 2, 3])
    tags = torch.tensor([[4, 1, 2, 3]]).repeat(3, 1)
    spans = lattice.path_probability(rows, first, last, tags)
    assert (spans <= lattice.marginals[rows, first, 1] + 1e-12).all()
    assert (spans <= lattice.marginals[rows, last, 3] + 1e-12).all()
    best, _ = lattice.k_best(1)
    viterbi = crf.viterbi(emissions.masked_fill(~allowed, -torch.inf), mask)
    assert torch.equal(best[0], viterbi)


def test_constraints_that_leave_nothing():
    crf, emissions, mask, allowed = make(0)
    allowed[0, :, :] = False
    allowed[0, :, 1] = True  # B, B, B
    with pytest.raises(ValueError, match="no allowed tag sequence"):
        _ = Lattice(crf, emissions, mask, allowed).marginals


def test_a_allowed_sequence_that_is_far_behind():
    crf, emissions, mask, _ = make(0)
    emissions[0, 0, :] = -2000.0
    emissions[0, 0, 2] = 0.0  # I, which can't begin
    lattice = Lattice(crf, emissions, mask)
    torch.testing.assert_close(lattice.marginals.sum(dim=2), mask.double())
