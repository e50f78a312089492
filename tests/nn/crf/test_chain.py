"""The CRF against brute force over all tag sequences, and against torchcrf."""

import itertools

import pytest
import torch
import torchcrf

from spacy_bilstm_crf.nn import LinearChainCRF
from spacy_bilstm_crf.tags import allowed_transitions

LENGTHS = [5, 1, 3, 2]


def make_crf(n_tags, *, allowed=False, scale=1.0):
    constraints = allowed_transitions((n_tags - 1) // 4) if allowed else ()
    crf = LinearChainCRF(n_tags, *constraints).double()
    for parameter in crf.parameters():
        torch.nn.init.normal_(parameter, std=scale)
    return crf


def make_batch(lengths, n_tags, dtype=torch.float64):
    time = max(lengths)
    emissions = torch.randn(len(lengths), time, n_tags, dtype=dtype) * 2
    tags = torch.randint(0, n_tags, (len(lengths), time))
    mask = torch.arange(time) < torch.tensor(lengths).unsqueeze(1)
    return emissions, tags, mask


def paths(crf, emissions, allowed_only=False):
    """Every tag sequence of one unpadded sequence, with its score."""
    start, pairs, end, emit = (
        tensor.tolist()
        for tensor in (crf.start_transitions, crf.transitions, crf.end_transitions, emissions)
    )
    forbidden_start, forbidden_pairs, forbidden_end = (
        tensor.tolist() for tensor in (crf.forbidden_start, crf.forbidden_pairs, crf.forbidden_end)
    )
    for path in itertools.product(range(crf.num_tags), repeat=len(emissions)):
        score = start[path[0]] + end[path[-1]]
        allowed = not (forbidden_start[path[0]] or forbidden_end[path[-1]])
        for t, tag in enumerate(path):
            score += emit[t][tag]
            if t > 0:
                score += pairs[path[t - 1]][tag]
                allowed = allowed and not forbidden_pairs[path[t - 1]][tag]
        if allowed or not allowed_only:
            yield path, torch.tensor(score, dtype=torch.float64)


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


@pytest.mark.parametrize("n_tags", [1, 3, 5])
def test_likelihood_matches_brute_force(n_tags):
    crf = make_crf(n_tags)
    emissions, tags, mask = make_batch(LENGTHS, n_tags)
    likelihood = crf(emissions, tags, mask=mask, reduction="none")
    for b, length in enumerate(LENGTHS):
        scores = dict(paths(crf, emissions[b, :length]))
        log_z = torch.logsumexp(torch.stack(list(scores.values())), 0)
        expected = scores[tuple(tags[b, :length].tolist())] - log_z
        torch.testing.assert_close(likelihood[b], expected)


def test_marginals_match_brute_force():
    crf = make_crf(4)
    emissions, _, mask = make_batch(LENGTHS, 4)
    marginals = crf.marginals(emissions, mask)
    torch.testing.assert_close(marginals.sum(dim=2), mask.double())
    for b, length in enumerate(LENGTHS):
        scored = list(paths(crf, emissions[b, :length]))
        probabilities = torch.softmax(torch.stack([score for _, score in scored]), 0)
        for t, tag in itertools.product(range(length), range(4)):
            expected = sum(p for (path, _), p in zip(scored, probabilities) if path[t] == tag)
            torch.testing.assert_close(marginals[b, t, tag], expected)


@pytest.mark.parametrize("n_tags,allowed", [(5, True), (5, False), (9, True), (1, True)])
def test_decode_is_the_best_allowed_path(n_tags, allowed):
    lengths = [4, 1, 3, 2] if n_tags == 9 else LENGTHS
    crf = make_crf(n_tags, allowed=allowed)
    emissions, _, mask = make_batch(lengths, n_tags)
    decoded = crf.decode(emissions, mask=mask)
    for b, length in enumerate(lengths):
        best, _ = max(
            paths(crf, emissions[b, :length], allowed_only=True), key=lambda item: item[1]
        )
        assert tuple(decoded[b]) == best


U = LinearChainCRF.MISSING


@pytest.mark.parametrize("may_be, first", [(range(5), (1, U, U, 0)), ([0, 4], (U, U, 1, 3))])
def test_unknown_tags_are_summed_out_over_allowed_paths(may_be, first):
    crf = make_crf(5, allowed=True)
    emissions, tags, mask = make_batch([4, 3, 2], 5)
    # Row 1 is known in full, and may be forbidden: no tag is unknown, so nothing is summed out.
    known = [first, (2, 2, 1), (U, U)]
    for b, row in enumerate(known):
        tags[b, : len(row)] = torch.tensor(row)
    allowed_if_unknown = torch.tensor([tag in may_be for tag in range(5)])
    likelihood = crf(
        emissions, tags, mask=mask, reduction="none", allowed_if_unknown=allowed_if_unknown
    )
    for b, row in enumerate(known):
        pool = list(paths(crf, emissions[b, : len(row)], allowed_only=U in row))
        log_z = torch.logsumexp(torch.stack([score for _, score in pool]), 0)
        agreeing = [
            score
            for path, score in pool
            if all(k == p or (k == U and p in may_be) for k, p in zip(row, path))
        ]
        expected = torch.logsumexp(torch.stack(agreeing), 0) - log_z
        torch.testing.assert_close(likelihood[b], expected)


def test_where_nothing_is_known_nothing_is_learned():
    crf = make_crf(9, allowed=True)
    emissions, tags, mask = make_batch([4, 2], 9)
    emissions.requires_grad_()
    loss = crf(emissions, torch.full_like(tags, U), mask=mask)
    loss.backward()
    for value in (loss, emissions.grad, *(p.grad for p in crf.parameters())):
        torch.testing.assert_close(value, torch.zeros_like(value), atol=1e-12, rtol=0.0)


def test_unknown_tags_with_no_allowed_path_are_an_error():
    crf = make_crf(9, allowed=True)
    emissions, tags, mask = make_batch([3], 9)
    tags[0] = torch.tensor([1, -1, 7])  # B of one label, and in two steps L of another
    with pytest.raises(ValueError, match="no allowed tag sequence"):
        crf(emissions, tags, mask=mask)


@pytest.mark.parametrize("reduction", ["none", "sum", "mean", "token_mean"])
def test_matches_torchcrf_in_loss_and_gradients(reduction):
    ours = make_crf(7)
    theirs = torchcrf.CRF(7, batch_first=True).double()
    theirs.load_state_dict(ours.state_dict())
    emissions, tags, mask = make_batch([9, 1, 4, 9, 2], 7)
    losses, gradients = [], []
    for crf in (ours, theirs):
        leaf = emissions.clone().requires_grad_()
        loss = crf(leaf, tags, mask=mask, reduction=reduction)
        weights = torch.arange(1.0, 6.0, dtype=torch.float64) if reduction == "none" else 1.0
        (loss * weights).sum().backward()
        losses.append(loss)
        gradients.append([leaf.grad, *(p.grad for p in crf.parameters())])
    torch.testing.assert_close(losses[0], losses[1])
    for mine, other in zip(*gradients):
        torch.testing.assert_close(mine, other)


@pytest.mark.parametrize("sizes", [([30, 1, 7], 17), ([3, 2], 73), ([200, 150], 33)])
def test_decode_matches_torchcrf(sizes):
    lengths, n_tags = sizes
    ours = make_crf(n_tags)
    theirs = torchcrf.CRF(n_tags, batch_first=True).double()
    theirs.load_state_dict(ours.state_dict())
    emissions, _, mask = make_batch(lengths, n_tags)
    assert ours.decode(emissions, mask=mask) == theirs.decode(emissions, mask=mask)


@pytest.mark.parametrize("unknown", [False, True])
def test_gradcheck(unknown):
    crf = make_crf(5, allowed=True)
    emissions, tags, mask = make_batch(LENGTHS, 5)
    if unknown:
        tags[0, 1:4] = LinearChainCRF.MISSING
        tags[0, 0] = tags[0, 4] = 0

    def loss(emissions, start, pairs, end):
        parameters = {"start_transitions": start, "transitions": pairs, "end_transitions": end}
        kwargs = {"mask": mask, "reduction": "none"}
        return torch.func.functional_call(crf, parameters, (emissions, tags), kwargs)

    inputs = [emissions, crf.start_transitions, crf.transitions, crf.end_transitions]
    inputs = [tensor.detach().requires_grad_() for tensor in inputs]
    assert torch.autograd.gradcheck(loss, inputs)


def test_float32_stays_exact_on_long_sequences_and_large_scores():
    crf = make_crf(33)
    emissions, tags, mask = make_batch([512, 300], 33)
    emissions *= 20
    exact = crf(emissions, tags, mask=mask, reduction="none")
    rough = crf.float()(emissions.float(), tags, mask=mask, reduction="none")
    torch.testing.assert_close(rough.double(), exact, rtol=1e-5, atol=0.0)


def test_extreme_transitions_lose_no_path():
    # In the scaled recursion, exp(-200) is 0 in float32, and the only path through it is lost.
    crf = make_crf(2).float()
    theirs = torchcrf.CRF(2, batch_first=True)
    with torch.no_grad():
        crf.transitions[:] = torch.tensor([[0.0, -200.0], [-200.0, 0.0]])
    theirs.load_state_dict(crf.state_dict())
    emissions = torch.tensor([[[100.0, -100.0], [-100.0, 100.0]]])
    tags = torch.tensor([[0, 1]])
    expected = theirs(emissions, tags)
    torch.testing.assert_close(crf(emissions, tags), expected)


def test_paths_far_behind_are_not_lost():
    # The best path so far leads by 108, and loses it again in two transitions of 55.
    crf = make_crf(2).float()
    with torch.no_grad():
        for parameter in crf.parameters():
            parameter.zero_()
        crf.transitions[1, 1] = 55.0
    emissions = torch.tensor([[[0.0, 0.0], [108.0, 0.0], [0.0, 0.0]]])
    tags = torch.tensor([[1, 1, 1]])
    exact = crf.double()(emissions.double(), tags)
    assert -1 < exact.item() < 0
    torch.testing.assert_close(crf.float()(emissions, tags).double(), exact, rtol=1e-4, atol=1e-4)


def test_known_tags_that_leave_only_a_path_far_behind():
    # Between the first and the last token of what can only be one entity, every step falls 40
    # behind "O", which is ruled out at the end: exp(-1200) is 0 in double precision, too.
    crf, theirs = make_crf(5, allowed=True), torchcrf.CRF(5, batch_first=True).double()
    outside, begin, inside, last = range(4)
    length, short = 32, 4
    emissions, _, mask = make_batch([length, short], 5)
    emissions[0, :, outside] += 40.0
    tags = torch.full((2, length), crf.MISSING)
    tags[0, 0], tags[0, -1] = begin, last
    tags[1, 0], tags[1, short - 1] = outside, outside  # of which the recursion loses nothing
    theirs.load_state_dict(crf.state_dict())
    with torch.no_grad():
        theirs.start_transitions.masked_fill_(crf.forbidden_start, -1e9)
        theirs.transitions.masked_fill_(crf.forbidden_pairs, -1e9)
        theirs.end_transitions.masked_fill_(crf.forbidden_end, -1e9)
    emissions.requires_grad_()
    may_be = {"allowed_if_unknown": torch.tensor([True, False, True, True, False])}
    found = crf(emissions, tags, mask=mask, reduction="none", **may_be)
    only_path = torch.tensor([[begin, *[inside] * (length - 2), last]])
    far_behind = theirs(emissions[:1], only_path, mask=mask[:1])
    assert far_behind < -1000
    torch.testing.assert_close(found[0], far_behind)
    alone = crf(emissions[1:, :short], tags[1:, :short], **may_be)
    torch.testing.assert_close(found[1], alone)
    weights = [emissions, crf.transitions, crf.start_transitions, crf.end_transitions]
    own = torch.autograd.grad(found.sum(), weights)
    weights[1:] = [theirs.transitions, theirs.start_transitions, theirs.end_transitions]
    first = torch.autograd.grad(far_behind, weights)
    weights[1:] = [crf.transitions, crf.start_transitions, crf.end_transitions]
    second = torch.autograd.grad(alone, weights)
    for gradient, expected, rest in zip(own, first, second):
        torch.testing.assert_close(gradient, expected + rest)


def test_tags_in_the_padding_do_not_matter():
    crf = make_crf(3)
    emissions, tags, mask = make_batch([3, 1], 3)
    expected = crf(emissions, tags, mask=mask)
    tags[1, 1:] = 99
    assert crf(emissions, tags, mask=mask) == expected


def test_a_sequence_does_not_depend_on_its_batch_company():
    crf = make_crf(5, allowed=True)
    emissions, tags, mask = make_batch([7, 3, 1], 5)
    together = crf(emissions, tags, mask=mask, reduction="none")
    decoded = crf.decode(emissions, mask=mask)
    for b, length in enumerate([7, 3, 1]):
        one = slice(b, b + 1), slice(0, length)
        torch.testing.assert_close(crf(emissions[one], tags[one])[None], together[one[0]])
        assert crf.decode(emissions[one])[0] == decoded[b]


def test_padding_has_no_gradient_and_no_influence():
    crf = make_crf(5)
    emissions, tags, mask = make_batch([4, 2], 5)
    emissions[1, 2:] = 1e4
    leaf = emissions.requires_grad_()
    crf(leaf, tags, mask=mask).backward()
    assert leaf.grad[1, 2:].abs().max() == 0
    assert crf.viterbi(leaf, mask)[1, 2:].tolist() == [0, 0]


def test_uint8_masks_are_taken_as_bool(recwarn):
    crf = make_crf(3)
    emissions, tags, mask = make_batch([3, 2], 3)
    assert crf(emissions, tags, mask=mask.byte()) == crf(emissions, tags, mask=mask)
    assert crf.decode(emissions, mask=mask.byte()) == crf.decode(emissions, mask=mask)
    assert not recwarn.list


@pytest.mark.parametrize(
    "shape,match", [((2, 3, 4), "last dimension"), ((0, 3, 3), "at least one"), ((2, 0, 3), "one")]
)
def test_wrong_shapes_are_errors(shape, match):
    crf = make_crf(3)
    with pytest.raises(ValueError, match=match):
        crf(torch.zeros(shape), torch.zeros(shape[:2], dtype=torch.long))


def test_an_empty_sequence_in_a_batch_is_an_error():
    crf = make_crf(3)
    emissions, tags, mask = make_batch([3, 2], 3)
    mask[1] = False
    with pytest.raises(ValueError, match="first timestep"):
        crf.decode(emissions, mask=mask)


def test_constraints_of_the_wrong_shape_are_an_error():
    with pytest.raises(ValueError, match="allowed_pairs must have shape"):
        LinearChainCRF(3, [[True]])
