"""The loss on a development set."""

import pytest

from spacy_bilstm_crf.training.validation import validate

from ..conftest import make_examples


def test_the_loss_on_dev_is_that_of_get_loss(trained):
    pipe = trained.get_pipe("ner")
    examples = make_examples(trained)
    loss, accuracy = validate(trained, pipe, examples)
    emissions = pipe.model.predict([eg.predicted for eg in examples])
    assert loss == pytest.approx(pipe.get_loss(examples, emissions)[0], rel=1e-4)
    assert accuracy == 1.0
    assert not any(eg.predicted.ents for eg in examples)
    assert validate(trained, pipe, []) == (None, None)
