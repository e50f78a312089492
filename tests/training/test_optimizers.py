"""Optimizers, next to torch's."""

import pickle

import numpy as np
import pytest
import torch

from spacy_bilstm_crf.torch_bridge.weights import weights_of
from spacy_bilstm_crf.training.optimizers import AdamW, clip_global_norm
from spacy_bilstm_crf.training.watch import watch_updates

from ..conftest import make_examples, small_nlp, train


def test_adamw_is_torchs_and_passes_over_biases_and_embeddings():
    chance = np.random.default_rng(0)
    start = chance.random((3, 2)).astype("f")
    ours = {name: start.copy() for name in ("cell.weight_ih", "words.weight", "E")}
    ours["b"] = start[0].copy()
    optimizer = AdamW(0.1, L2=0.5, grad_clip=0.0)
    weight, bias = (torch.nn.Parameter(torch.tensor(array)) for array in (start, start[0]))
    theirs = torch.optim.AdamW(
        [{"params": [weight], "weight_decay": 0.5}, {"params": [bias], "weight_decay": 0.0}], lr=0.1
    )
    for _ in range(5):
        gradient = chance.random((3, 2)).astype("f")
        weight.grad, bias.grad = torch.tensor(gradient), torch.tensor(gradient[0])
        theirs.step()
        for name, array in ours.items():
            own = gradient[0] if array.ndim == 1 else gradient
            ours[name], _ = optimizer((1, name), array, own.copy())
    # torch takes the decay off before the step, Thinc after it.
    assert np.allclose(ours["cell.weight_ih"], weight.detach().numpy(), atol=0.06)
    assert np.allclose(ours["b"], bias.detach().numpy(), atol=1e-4)
    assert np.array_equal(ours["words.weight"], ours["E"])
    assert np.allclose(ours["E"][0], ours["b"])
    assert not np.allclose(ours["E"], ours["cell.weight_ih"], atol=0.05)
    assert optimizer.L2 == 0.5


def test_clipping_is_torchs():
    nlp = small_nlp()
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    pipe, seen = nlp.get_pipe("ner"), {}

    def look(key):
        def keep(model, sgd):
            seen[key] = [w.gradient.clone() for w in weights_of(model) if w.gradient is not None]

        return keep

    watch_updates(pipe.model, look("after"))
    clip_global_norm(0.5)(nlp)
    watch_updates(pipe.model, look("before"))
    train(nlp, examples, 1)
    expected = [torch.nn.Parameter(torch.zeros_like(g)) for g in seen["before"]]
    for weight, gradient in zip(expected, seen["before"]):
        weight.grad = gradient.clone()
    norm = torch.nn.utils.clip_grad_norm_(expected, 0.5)
    assert norm > 0.5
    for weight, gradient in zip(expected, seen["after"]):
        torch.testing.assert_close(gradient, weight.grad, rtol=1e-3, atol=1e-6)


def test_a_norm_of_0_is_an_error():
    with pytest.raises(ValueError):
        clip_global_norm(0.0)


def test_clipped_pipelines_can_be_pickled_and_loaded():
    nlp = small_nlp()
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    clip_global_norm(0.5)(nlp)
    again = pickle.loads(pickle.dumps(nlp.get_pipe("ner")))
    assert again.to_bytes() == nlp.get_pipe("ner").to_bytes()


@pytest.mark.parametrize(
    "name",
    ["embeddings.word_embeddings.weight", "chars.embedding.weight", "words.weight", "E"],
)
def test_tables_do_not_decay(name):
    table = np.ones((3, 2), dtype="f")
    optimizer = AdamW(0.1, L2=0.5)
    assert np.array_equal(optimizer((1, name), table, np.zeros((3, 2), dtype="f"))[0], table)
    decayed = optimizer((1, "W"), table.copy(), np.zeros((3, 2), dtype="f"))[0]
    assert np.allclose(decayed, 0.95)
