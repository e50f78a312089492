"""Memory that training has freed."""

from itertools import count

from spacy_bilstm_crf.torch_bridge import memory

from ..conftest import make_examples, small_nlp, train


def test_is_given_back_now_and_then(monkeypatch):
    given = []
    monkeypatch.setattr(memory, "_malloc_trim", given.append)
    monkeypatch.setattr(memory, "_steps", count(1))
    nlp = small_nlp()
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    train(nlp, examples, steps=1)
    in_one_step = next(memory._steps) - 1  # layers that were gone back through
    assert in_one_step > 0 and not given
    train(nlp, examples, steps=250 // in_one_step)
    assert given == [0, 0]
    # Where there is no glibc.
    monkeypatch.setattr(memory, "_malloc_trim", None)
    train(nlp, examples, steps=100)
    assert given == [0, 0]


def test_no_other_system_is_asked(monkeypatch):
    monkeypatch.setattr(memory.sys, "platform", "darwin")
    assert memory._find() is None
