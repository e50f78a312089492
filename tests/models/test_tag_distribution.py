"""A distribution over tag sequences against the enumeration of all of them."""

import itertools

import numpy as np
import pytest
import torch

from spacy_bilstm_crf.models.crf import CRF
from spacy_bilstm_crf.models.tag_distribution import TagDistribution
from spacy_bilstm_crf.tags import MISSING, Spans, allowed_transitions

LENGTHS = np.array([3, 1, 4])
N_TAGS = 5


@pytest.fixture
def case():
    """A distribution over three sequences, and all allowed paths of each with their probability."""
    torch.manual_seed(0)
    crf = CRF()
    crf.set_dim("nO", N_TAGS)
    crf.initialize()
    chain = crf.shims[0]._model.chain
    for parameter in chain.parameters():
        torch.nn.init.normal_(parameter)
    emissions = torch.randn(int(LENGTHS.sum()), N_TAGS)
    tags = crf.predict((emissions.numpy(), LENGTHS, np.array([4, 4])))
    start, pairs, end = (
        p.detach().double().numpy()
        for p in (chain.start_transitions, chain.transitions, chain.end_transitions)
    )
    allowed = allowed_transitions(1)
    sequences, first = [], 0
    for length in LENGTHS.tolist():
        scored = []
        for path in itertools.product(range(N_TAGS), repeat=length):
            steps = list(zip(path, path[1:]))
            if (
                allowed.start[path[0]]
                and allowed.end[path[-1]]
                and all(allowed.pairs[p] for p in steps)
            ):
                score = start[path[0]] + end[path[-1]] + sum(pairs[p] for p in steps)
                score += sum(float(emissions[first + t, tag]) for t, tag in enumerate(path))
                scored.append((score, path))
        scores = np.array([score for score, _ in scored])
        weights = np.exp(scores - scores.max())
        sequences.append([(w, path) for w, (_, path) in zip(weights / weights.sum(), scored)])
        first += length
    return crf, tags, sequences


def test_argmax_is_the_most_probable_path_of_each_sequence(case):
    _, tags, sequences = case
    best = [tag for paths in sequences for tag in max(paths)[1]]
    assert tags.argmax().tolist() == best


def test_marginals(case):
    _, tags, sequences = case
    expected = np.zeros((int(LENGTHS.sum()), N_TAGS))
    first = 0
    for length, paths in zip(LENGTHS.tolist(), sequences):
        for p, path in paths:
            expected[first + np.arange(length), path] += p
        first += length
    np.testing.assert_allclose(tags.marginals(), expected, atol=1e-9)


def test_entropy(case):
    _, tags, sequences = case
    expected = [-sum(p * np.log(p) for p, _ in paths) for paths in sequences]
    np.testing.assert_allclose(tags.entropy(), expected, rtol=1e-6)
    certain = tags.forbid(np.arange(N_TAGS)[None].repeat(int(LENGTHS.sum()), axis=0) > 0)
    np.testing.assert_allclose(certain.entropy(), 0.0, atol=1e-9)


def test_probability_of_spans_only_in_the_sequences_asked_for(case):
    _, tags, sequences = case
    spans = Spans(np.array([4, 3]), np.array([6, 4]), np.array([0, 0]))  # B L at the start; U
    expected = [
        sum(p for p, path in sequences[2] if path[:2] == (1, 3)),
        sum(p for p, path in sequences[1] if path == (4,)),
    ]
    np.testing.assert_allclose(tags.span_probability(spans), expected, atol=1e-9)


@pytest.mark.parametrize("temperature", [1.0, 2.5])
@pytest.mark.parametrize("compiled", [True, False])
def test_probability_that_no_entity_has_a_token_of_a_span(case, temperature, compiled, monkeypatch):
    _, tags, sequences = case
    if not compiled:
        monkeypatch.setattr("spacy_bilstm_crf.models.tag_distribution.flat_kernels", lambda x: None)
    sequences = at(temperature, sequences)
    places = [(2, 5, 8), (0, 0, 1), (0, 1, 3), (1, 3, 4)]  # sequence, start, end
    first = [0, 3, 4]
    expected = [
        sum(p for p, path in sequences[s] if not any(path[start - first[s] : end - first[s]]))
        for s, start, end in places
    ]
    _, starts, ends = np.array(places).T
    found = tags.at(temperature).outside_probability(starts, ends)
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_log_prob_of_partly_known_tags(case):
    _, tags, sequences = case
    known = np.full(int(LENGTHS.sum()), MISSING)
    known[4] = 1  # the last sequence begins with B
    expected = np.log(sum(p for p, path in sequences[2] if path[0] == 1))
    found = np.sort(tags.log_prob(known).detach().numpy())
    np.testing.assert_allclose(found, np.sort([0.0, 0.0, expected]), atol=1e-5)


def test_forbidden_tags_are_left_out(case):
    _, tags, sequences = case
    forbidden = np.zeros((int(LENGTHS.sum()), N_TAGS), dtype=bool)
    forbidden[0, 0] = True  # the first token is in an entity
    restricted = tags.forbid(forbidden)
    left = [(p, path) for p, path in sequences[0] if path[0] != 0]
    assert restricted.argmax()[:3].tolist() == list(max(left)[1])
    assert restricted.marginals()[0, 0] == 0.0
    assert tags.forbid(None) is tags


def test_a_loss_changes_nothing_until_its_gradient_goes_back(case):
    crf, tags, _ = case
    scores = tags.with_gradient()
    loss = -scores.log_prob(np.zeros(int(LENGTHS.sum()), dtype=np.int64)).sum()
    gradient = scores.gradient(loss)
    parameters = list(crf.shims[0]._model.parameters())
    assert all(p.grad is None for p in parameters)
    _, backprop = crf.begin_update((tags.emissions.numpy(), LENGTHS, np.array([4, 4])))
    assert np.array_equal(backprop(gradient), gradient.emissions)
    backprop(gradient)
    leaf = tags.emissions.clone().requires_grad_()
    again = TagDistribution(tags.crf, leaf, LENGTHS, np.array([4, 4]))
    expected = torch.autograd.grad(
        -again.log_prob(np.zeros(int(LENGTHS.sum()), dtype=np.int64)).sum(), [leaf, *parameters]
    )
    np.testing.assert_allclose(gradient.emissions, expected[0].numpy())
    for parameter, d in zip(parameters, expected[1:]):
        torch.testing.assert_close(parameter.grad, 2 * d)


def test_other_sequences_of_the_same_tokens(case):
    _, tags, _ = case
    assert tags.with_lengths(LENGTHS) is tags
    joined = tags.with_lengths(np.array([4, 4]))
    assert len(joined.log_prob(np.zeros(8, dtype=np.int64))) == 2


def at(temperature, sequences):
    """Paths and their probabilities at a temperature: p ** (1 / T), normalized."""
    result = []
    for paths in sequences:
        weights = np.array([p for p, _ in paths]) ** (1 / temperature)
        result.append(list(zip(weights / weights.sum(), (path for _, path in paths))))
    return result


@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5])
def test_a_temperature_acts_on_all_probabilities(case, temperature):
    _, tags, sequences = case
    own, sequences = tags.at(temperature), at(temperature, sequences)
    expected = np.zeros((int(LENGTHS.sum()), N_TAGS))
    first = 0
    for length, paths in zip(LENGTHS.tolist(), sequences):
        for p, path in paths:
            expected[first + np.arange(length), path] += p
        first += length
    np.testing.assert_allclose(own.marginals(), expected, atol=1e-9)
    entropy = [-sum(p * np.log(p) for p, _ in paths) for paths in sequences]
    np.testing.assert_allclose(own.entropy(), entropy, rtol=1e-6)
    spans = Spans(np.array([4, 3]), np.array([6, 4]), np.array([0, 0]))
    of_spans = [
        sum(p for p, path in sequences[2] if path[:2] == (1, 3)),
        sum(p for p, path in sequences[1] if path == (4,)),
    ]
    np.testing.assert_allclose(own.span_probability(spans), of_spans, atol=1e-9)
    known = np.full(int(LENGTHS.sum()), MISSING)
    known[[0, 1, 2, 4]] = [1, 2, 3, 1]  # all of the first sequence, some of the last, else nothing
    likely = [
        next(p for p, path in sequences[0] if path == (1, 2, 3)),
        1.0,
        sum(p for p, path in sequences[2] if path[0] == 1),
    ]
    np.testing.assert_allclose(own.log_likelihood(known), np.log(likely), atol=1e-9)


def test_a_temperature_leaves_the_best_tags_and_the_loss(case):
    _, tags, _ = case
    warm = tags.at(3.0)
    known = tags.argmax()
    assert warm.argmax().tolist() == known.tolist()
    assert warm.log_prob(known).tolist() == tags.log_prob(known).tolist()
    # What is made of a distribution keeps its temperature.
    for made in (warm.with_gradient(), warm.with_lengths(np.array([4, 4])), warm.at(1.0).at(3.0)):
        assert made.temperature == 3.0
    assert warm.forbid(np.zeros((int(LENGTHS.sum()), N_TAGS), dtype=bool)).temperature == 3.0


def test_log_prob_of_others(case):
    _, tags, sequences = case
    known = np.array([MISSING, MISSING, 0, MISSING, MISSING, MISSING, MISSING, 0])
    # U at the start; the whole second sequence; B L at the end of what is unknown in the third,
    # and U before it; what reaches beyond a sequence, and what is known to be another.
    incorrect = [(0, [4]), (3, [4]), (5, [1, 3]), (4, [4]), (2, [1, 3]), (6, [1, 3])]
    found = tags.log_prob_of_others(known, [(start, np.array(ids)) for start, ids in incorrect])
    expected = []
    for nth, own, first, ids in (
        (0, 0, 0, (4,)),
        (1, 3, 3, (4,)),
        (2, 4, 5, (1, 3)),
        (2, 4, 4, (4,)),
    ):
        agree = [
            (p, path)
            for p, path in sequences[nth]
            if all(tag in (MISSING, t) for tag, t in zip(known[own:], path))
        ]
        place = slice(first - own, first - own + len(ids))
        wrong = sum(p for p, path in agree if path[place] == ids)
        expected.append(np.log(1 - wrong / sum(p for p, _ in agree)))
    np.testing.assert_allclose(found.detach(), expected, rtol=1e-4)
    assert len(tags.log_prob_of_others(known, [])) == 0
