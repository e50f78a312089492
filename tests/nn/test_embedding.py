import importlib.util

import pytest
import torch

from spacy_bilstm_crf.nn import CharCNN, WordCharEmbedding, compiled


@pytest.fixture(autouse=True, params=["numba", "torch"])
def kernels(request, monkeypatch):
    torch.manual_seed(0)
    if request.param == "torch":
        monkeypatch.setattr(compiled, "has_numba", lambda: False)
    elif importlib.util.find_spec("numba") is None:
        pytest.skip("numba is not installed")


def test_char_cnn_is_a_maximum_over_windows():
    cnn = CharCNN(9, char_width=4, filters=5, window=3)
    word = torch.tensor([[3, 7, 2]])
    padded = cnn.embedding.weight[torch.tensor([0, 3, 7, 2, 0])]
    windows = torch.stack([padded[i : i + 3].T.flatten() for i in range(3)])
    weights = cnn.convolution.weight.flatten(1)
    expected = (windows @ weights.T + cnn.convolution.bias).amax(dim=0)
    torch.testing.assert_close(cnn(word)[0], expected)


@pytest.mark.parametrize("window", [1, 3, 5])
def test_char_cnn_equals_the_convolution(window):
    cnn = CharCNN(9, char_width=4, filters=5, window=window)
    words = torch.randint(1, 9, (6, 7))
    padded = torch.nn.functional.pad(words, (window // 2, window // 2))
    expected = cnn.convolution(cnn.embedding(padded).transpose(1, 2)).amax(dim=2)
    output = cnn(words)
    torch.testing.assert_close(output, expected)
    gradients = [
        torch.autograd.grad(x.square().sum(), list(cnn.parameters())) for x in (output, expected)
    ]
    for ours, conv in zip(*gradients):
        torch.testing.assert_close(ours, conv)


def test_char_cnn_ignores_padding_and_company():
    cnn = CharCNN(9, char_width=4, filters=5)
    alone = cnn(torch.tensor([[3, 7]]))
    together = cnn(torch.tensor([[3, 7, 0, 0, 0], [1, 2, 3, 4, 5], [0, 0, 0, 0, 0]]))
    torch.testing.assert_close(alone[0], together[0])
    assert torch.isfinite(together).all()


def test_even_windows_are_an_error():
    with pytest.raises(ValueError, match="odd"):
        CharCNN(9, 4, 5, window=2)


def embedding(**changes):
    sizes = dict(
        n_words=5, n_chars=9, n_cases=3, word_width=4, char_width=3, char_filters=6, char_window=3,
        case_width=2, vector_width=0, tuned=False,
    )  # fmt: skip
    return WordCharEmbedding(**{**sizes, **changes})


def inputs(n_tokens=4):
    return dict(
        types=torch.tensor([0, 1, 1, 2])[:n_tokens],
        words=torch.tensor([3, 0, 4]),
        drop=torch.tensor([0.0, 0.0, 0.0]),
        chars=torch.tensor([[2, 3, 0], [4, 0, 0], [5, 6, 7]]),
        cases=torch.tensor([0, 2, 1]),
    )


def embed(module, **arguments):
    """The features of each token."""
    rows, row_of = module(**arguments)
    return rows[row_of]


def test_features_stand_side_by_side():
    module = embedding()
    output = embed(module, **inputs())
    assert output.shape == (4, module.output_width) == (4, 12)
    x = inputs()
    torch.testing.assert_close(output[:, :4], module.words.weight[torch.tensor([3, 0, 0, 4])])
    torch.testing.assert_close(output[:, 4:10], module.chars(x["chars"])[x["types"]])
    torch.testing.assert_close(output[:, 10:], module.cases.weight[torch.tensor([0, 2, 2, 1])])


def test_gradients_of_the_word_table_add_up():
    module = embedding()
    x = dict(inputs(), types=torch.tensor([0, 2, 2, 2]))
    for _ in range(2):
        embed(module, **x)[:, :4].sum().backward()
    assert module.words.weight.grad[:, 0].tolist() == [0, 0, 0, 2, 6]


def test_words_become_unknown_in_training_only():
    module = embedding()
    with torch.no_grad():
        module.words.weight[0] = 9.0
    x = dict(inputs(), drop=torch.tensor([0.0, 0.0, 1.0]))
    unknown = (embed(module, **x)[:, :4] == 9.0).all(dim=1)
    assert unknown.tolist() == [False, True, True, True]
    unknown = (embed(module.eval(), **x)[:, :4] == 9.0).all(dim=1)
    assert unknown.tolist() == [False, True, True, False]


def test_frozen_vectors_are_features_of_their_own():
    module = embedding(vector_width=2)
    vectors = torch.tensor([[1.0, 2.0], [0.0, 0.0], [3.0, 4.0]])
    output = embed(
        module, **inputs(), vectors=vectors, has_vector=torch.tensor([True, False, True])
    )
    assert output.shape[1] == module.output_width == 14
    assert output[:, 12:].tolist() == [[1, 2], [0, 0], [0, 0], [3, 4]]


def test_tuned_vectors_stand_in_for_unknown_words():
    module = embedding(vector_width=4, tuned=True)
    assert module.output_width == 12
    vectors = torch.arange(12.0).reshape(3, 4)
    x = dict(inputs(), vectors=vectors, has_vector=torch.tensor([True, True, False]))
    torch.testing.assert_close(embed(module, **x)[1, :4], vectors[1])
    torch.testing.assert_close(embed(module, **x)[0, :4], module.words.weight[3])
    x["has_vector"] = torch.tensor([True, False, False])
    torch.testing.assert_close(embed(module, **x)[1, :4], module.words.weight[0])


def test_a_word_and_its_dropout_are_two_rows():
    module = embedding()
    x = dict(inputs(), types=torch.tensor([0] * 200 + [1]), drop=torch.tensor([0.5, 0.0, 0.0]))
    rows, row_of = module(**x)
    assert len(rows) == 3 and row_of.unique().tolist() == [0, 1, 2]
    known = (rows[row_of][:200, :4] == module.words.weight[3]).all(dim=1)
    unknown = (rows[row_of][:200, :4] == module.words.weight[0]).all(dim=1)
    assert (known ^ unknown).all() and 60 < int(known.sum()) < 140
    torch.testing.assert_close(rows[0, 4:], rows[1, 4:])
