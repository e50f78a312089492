"""Buckets: every token once, from where it has its context, and at the least cost."""

import itertools

import numpy as np
import pytest
import torch

from spacy_bilstm_crf.batching import buckets as module
from spacy_bilstm_crf.batching.buckets import _BUCKET_IN_CELLS, pad
from spacy_bilstm_crf.batching.windows import cut_windows


def make_buckets(lengths, *, step_in_rows=1.5, **windows):
    return module.make_buckets(
        cut_windows(lengths, **windows), torch.device("cpu"), step_in_rows=step_in_rows
    )


def same(padded, lengths, mask):
    return padded


def test_buckets_keep_padding_low():
    lengths = np.random.RandomState(0).randint(1, 60, size=300)
    buckets = make_buckets(lengths)
    cells = sum(index.numel() for index, _, _ in buckets)
    assert cells < 1.15 * lengths.sum()
    buckets = make_buckets(np.full(100, 1000))
    assert max(index.numel() for index, _, _ in buckets) <= 17000


@pytest.mark.parametrize("max_length,overlap", [(None, 0), (8, 0), (8, 3), (1, 0)])
def test_flat_tokens_come_back(max_length, overlap):
    chance = np.random.RandomState(0)
    for _ in range(50):
        lengths = chance.randint(1, 30, size=chance.randint(1, 20))
        flat = torch.from_numpy(chance.rand(lengths.sum(), 2))
        buckets = make_buckets(lengths, max_length=max_length, overlap=overlap)
        assert torch.equal(buckets.map(same, flat), flat)


def test_sequences_may_lie_anywhere():
    lengths, starts = np.array([3, 1, 5]), np.array([10, 0, 4])
    buckets = make_buckets(lengths, starts=starts)
    found = buckets.map(same, torch.arange(13)).tolist()
    assert found == [10, 11, 12, 0, 4, 5, 6, 7, 8]


def test_every_token_has_the_context_that_was_promised():
    chance = np.random.RandomState(0)
    for _ in range(50):
        overlap = chance.randint(0, 5)
        max_length = 2 * overlap + chance.randint(1, 6)
        lengths = chance.randint(1, 40, size=chance.randint(1, 8))
        buckets = make_buckets(lengths, max_length=max_length, overlap=overlap)
        tokens = torch.arange(int(lengths.sum()))
        first = buckets.map(lambda x, sizes, mask: x[:, :1].expand_as(x), tokens).numpy()
        last = buckets.map(lambda x, sizes, mask: x[:, -1:].expand_as(x), tokens).numpy()
        begins = np.repeat(np.cumsum(lengths) - lengths, lengths)
        ends = np.repeat(np.cumsum(lengths), lengths) - 1
        places = np.arange(lengths.sum())
        assert (first >= begins).all() and (first <= np.maximum(places - overlap, begins)).all()
        assert (last <= ends).all() and (last >= np.minimum(places + overlap, ends)).all()
        assert (last - first < max_length).all()
        whole = np.repeat(lengths, lengths) <= max_length  # such are never cut
        assert (first == begins)[whole].all() and (last == ends)[whole].all()


def test_padding_is_marked_and_repeats_the_last_token():
    lengths = np.array([4, 1, 3])
    flat = torch.arange(8)
    (bucket,) = make_buckets(lengths)
    index, sizes, mask = bucket
    assert pad(flat, index).tolist() == [[0, 1, 2, 3], [5, 6, 7, 7], [4, 4, 4, 4]]
    assert sizes.tolist() == [4, 3, 1]
    assert torch.equal(mask, torch.arange(4) < sizes[:, None])


def test_borders_are_those_of_least_cost():
    def cost(rows):
        return rows[0] * (len(rows) + step_in_rows) + _BUCKET_IN_CELLS

    chance = np.random.RandomState(0)
    n_buckets = []
    for _ in range(60):
        lengths = chance.choice([1, 2, 5, 20, 80, 150], size=chance.randint(1, 9))
        step_in_rows = chance.choice([0.0, 1.5, 10.0])
        found = [sizes.tolist() for _, sizes, _ in make_buckets(
            lengths, step_in_rows=step_in_rows
        )]  # fmt: skip
        falling = sorted(lengths.tolist(), reverse=True)
        assert sum(found, []) == falling
        least = min(
            sum(cost(falling[i:j]) for i, j in itertools.pairwise([0, *cuts, len(falling)]))
            for n in range(len(falling))
            for cuts in itertools.combinations(range(1, len(falling)), n)
        )
        assert sum(map(cost, found)) == pytest.approx(least)
        n_buckets.append(len(found))
    assert len(set(n_buckets)) > 2
