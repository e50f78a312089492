"""What Thinc's wrapper leaves out of torch modules: dropout rates and averages."""

import numpy as np
import torch
from thinc.api import Adam, set_dropout_rate

from spacy_bilstm_crf.batching.layout import Layout
from spacy_bilstm_crf.models.by_doc import Vectors

from ..conftest import TRAIN, assert_same_predictions, make_examples, small_nlp


def initialized(examples_of=make_examples, **model):
    nlp = small_nlp(**model)
    examples = examples_of(nlp)
    nlp.initialize(lambda: examples)
    return nlp, examples


def test_dropout_given_to_update_reaches_torch():
    nlp, examples = initialized()
    model = nlp.get_pipe("ner").model
    docs = [eg.predicted for eg in examples]
    tok2vec = model.get_ref("tok2vec").get_ref("encoder")

    def outputs(drop):
        set_dropout_rate(model, drop)
        vectors = Vectors(np.ones((3, tok2vec.get_dim("nI")), dtype="f"))
        layout = Layout(np.array([3]), tok2vec.shims[0].device)
        return [tok2vec((vectors, layout, None, None), is_train=True)[0] for _ in range(2)]

    first, second = outputs(0.5)
    assert not np.array_equal(first, second)
    first, second = outputs(0.0)
    assert np.array_equal(first, second)
    assert np.array_equal(*[model.predict(docs).emissions for _ in range(2)])


def test_the_averages_of_the_optimizer_reach_torch():
    nlp = small_nlp()
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    optimizer = Adam(0.01, use_averages=True)
    shims = [shim for node in nlp.get_pipe("ner").model.walk() for shim in node.shims]
    weights = {
        (shim.id, name): parameter
        for shim in shims
        for name, parameter in shim._model.named_parameters()
    }
    expected = {key: torch.zeros_like(parameter) for key, parameter in weights.items()}
    for step in range(1, 11):
        nlp.update(examples, sgd=optimizer)
        decay = (1 + step) / (10 + step)
        for key, parameter in weights.items():
            expected[key] += (1 - decay) * (parameter.data - expected[key])
    own = {key: parameter.data.clone() for key, parameter in weights.items()}
    with nlp.use_params(optimizer.averages):
        for key, parameter in weights.items():
            torch.testing.assert_close(parameter.data, expected[key])
        averaged = nlp.to_bytes()
    for key, parameter in weights.items():
        assert torch.equal(parameter.data, own[key])
    again = small_nlp().from_bytes(averaged)
    with nlp.use_params(optimizer.averages):
        assert_same_predictions(nlp, again, [text for text, _ in TRAIN])
