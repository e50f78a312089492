"""Steps: each token once, in reading order and from behind, without padding."""

import numpy as np
import pytest

from spacy_bilstm_crf.batching.steps import make_steps
from spacy_bilstm_crf.batching.windows import cut_windows


@pytest.mark.parametrize("max_length,overlap", [(None, 0), (7, 2)])
def test_rows_are_read_forward_and_backward(max_length, overlap):
    chance = np.random.RandomState(0)
    for _ in range(40):
        lengths = chance.randint(1, 20, size=chance.randint(1, 8))
        n_tokens = int(lengths.sum())
        windows = cut_windows(lengths, max_length=max_length, overlap=overlap)
        forward, backward = make_steps(windows, n_tokens, bidirectional=True)
        assert forward.n_rows == sorted(forward.n_rows, reverse=True) == backward.n_rows
        rows = {i: ([], []) for i in range(forward.n_rows[0])}
        position = 0
        for n in forward.n_rows:
            for row in range(n):
                for own, steps in zip(rows[row], (forward, backward)):
                    own.append(int(steps.token[position + row]))
            position += n
        assert position == len(forward.token) == windows.sizes.sum()
        found = sorted(tuple(own) for own, _ in rows.values())
        assert found == sorted(
            tuple(range(first, first + size)) for first, size in zip(*windows[:2])
        )
        assert all(behind == ahead[::-1] for ahead, behind in rows.values())
        for steps in (forward, backward):
            given = steps.target[steps.target < n_tokens]
            assert sorted(given.tolist()) == list(range(n_tokens))
            assert (steps.token == steps.target)[steps.target < n_tokens].all()
        (only,) = make_steps(windows, n_tokens, bidirectional=False)
        assert only.token.tolist() == forward.token.tolist()
