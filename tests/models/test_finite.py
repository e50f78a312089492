"""Damage and overflow are errors that say where, never entities."""

import numpy as np
import pytest
import torch

from ..conftest import TRAIN, make_examples, small_nlp

TEXT = TRAIN[0][0]


def module(nlp, name):
    model = nlp.get_pipe("ner").model
    return next(node for node in model.walk() if node.name == name).shims[0]._model


@pytest.mark.parametrize(
    "layer,weight",
    [
        ("word_char_embed", "chars.embedding.weight"),
        ("bilstm", "encoder.forward_layers.0.weight_hh_l0"),
        ("crf", "chain.transitions"),
    ],
)
@pytest.mark.parametrize("threshold", [None, 0.5])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_weight_that_is_not_finite(trained, layer, weight, threshold, value):
    trained.get_pipe("ner").cfg["threshold"] = threshold
    module(trained, layer).get_parameter(weight).data[2:3] = value
    with pytest.raises(ValueError, match=rf"{layer}/{weight}"):
        trained(TEXT)


def test_a_weight_of_the_output_layer(trained):
    output = trained.get_pipe("ner").model.get_ref("output_layer")
    weights = output.get_param("W").copy()
    weights[0, 0] = np.nan
    output.set_param("W", weights)
    with pytest.raises(ValueError, match="linear/W"):
        trained(TEXT)


def test_a_vector_that_is_not_finite():
    nlp = small_nlp(
        embed={
            "@architectures": "spacy_bilstm_crf.WordCharEmbed.v1",
            "static_vectors": "frozen",
        }
    )
    nlp.vocab.reset_vectors(width=3)
    nlp.vocab.set_vector("here", np.array([1.0, 2.0, 3.0], dtype="f"))
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    nlp.vocab.vectors.data[0, 1] = np.nan
    nlp("Paris")
    with pytest.raises(ValueError, match="word vectors"):
        nlp("far from here")


def test_weights_are_checked_when_they_are_loaded(trained):
    module(trained, "bilstm").get_parameter("encoder.forward_layers.0.weight_hh_l0").data[0, 0] = (
        torch.nan
    )
    data = trained.to_bytes()
    with pytest.raises(ValueError, match="not finite.*weight_hh_l0"):
        small_nlp().from_bytes(data)
