import torch
from thinc.api import Linear, PyTorchWrapper, chain
from torch import nn

from spacy_bilstm_crf.torch_bridge.weights import norms, weights_of


def test_weights_are_named_after_their_layers_and_share_their_memory():
    module = nn.Linear(3, 2)
    module.bias.requires_grad_(False)
    shared = Linear(2, 2)
    model = chain(PyTorchWrapper(module), shared, shared, Linear(2, 1)).initialize()
    by_name = {weight.name: weight for weight in weights_of(model)}
    assert set(by_name) == {
        "pytorch/weight",
        "pytorch/bias",
        "linear/W",
        "linear/b",
        "linear-2/W",
        "linear-2/b",
    }
    with torch.no_grad():
        module.weight[0, 0] = 7.0
        module.bias[1] = 8.0
    shared.get_param("b")[0] = 9.0
    assert by_name["pytorch/weight"].value[0, 0] == 7.0
    assert by_name["pytorch/bias"].value[1] == 8.0
    assert by_name["linear/b"].value[0] == 9.0


def test_gradients_are_those_of_the_layers():
    module = nn.Linear(3, 2)
    model = chain(PyTorchWrapper(module), Linear(2, 2)).initialize()
    assert all(weight.gradient is None for weight in weights_of(model))
    Y, backprop = model.begin_update(torch.ones(4, 3).numpy())
    backprop(Y * 0 + 1)
    by_name = {weight.name: weight.gradient for weight in weights_of(model)}
    assert by_name["pytorch/bias"] is module.bias.grad
    assert by_name["linear/b"].tolist() == [4.0, 4.0]


def test_norms():
    assert norms([torch.tensor([[3.0], [4.0]]), torch.zeros(2)]).tolist() == [5.0, 0.0]
    assert norms([]).shape == (0,)
