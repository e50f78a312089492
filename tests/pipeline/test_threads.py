"""One pipeline, called from several threads at once: what every threaded web server does."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import pytest
import spacy

from ..conftest import TRAIN, make_examples, model_config, small_nlp, train

pytestmark = pytest.mark.slow

WORDS = "Anna Paris Jordan Smith lives in saw Nobody from here rained all day . ,".split()
DROPOUT = 0.5


def some_texts(n=80):
    chance = np.random.default_rng(0)
    return [" ".join(chance.choice(WORDS, size=chance.integers(1, 120))) for _ in range(n)]


def read(nlp, text):
    doc = nlp(text)
    return [(ent.start, ent.end, ent.label_, ent._.confidence) for ent in doc.ents]


def assert_threads_agree(nlp, n_threads, texts=None):
    texts = texts or some_texts()
    expected = [read(nlp, text) for text in texts]
    assert any(expected)
    for _ in range(2):
        with ThreadPoolExecutor(n_threads) as pool:
            found = list(pool.map(lambda text: read(nlp, text), texts))
        assert found == expected


def trained_nlp(**model):
    nlp = small_nlp(dropout=DROPOUT, **model)
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    train(nlp, examples)
    return nlp


@pytest.fixture(scope="module")
def pipeline():
    return trained_nlp()


@pytest.mark.parametrize("n_threads", [1, 2, 4, 8])
def test_threads_give_what_one_gives(pipeline, n_threads):
    assert_threads_agree(pipeline, n_threads)


def test_no_layer_is_left_in_training_mode():
    nlp = trained_nlp()
    model = nlp.get_pipe("ner").model
    assert not any(s._model.training for node in model.walk() for s in node.shims)


@pytest.mark.parametrize(
    "model",
    [
        {"precision": "bfloat16"},
        {"doc_memory": 0.5},
        {
            "embed": {
                "@architectures": "spacy_bilstm_crf.WordCharEmbed.v1",
                "char_encoder": "lstm",
            }
        },
    ],
    ids=["bfloat16", "memory", "char_lstm"],
)
def test_options(model):
    assert_threads_agree(trained_nlp(**model), 4)


def test_over_a_shared_tok2vec():
    nlp = spacy.blank("xx")
    embed = {"@architectures": "spacy_bilstm_crf.WordCharEmbed.v1"}
    encoder = {"@architectures": "spacy_bilstm_crf.BiLSTMTok2Vec.v1", "hidden_width": 16}
    nlp.add_pipe("tok2vec", config={"model": {**encoder, "embed": embed, "dropout": DROPOUT}})
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": 32}
    nlp.add_pipe("bilstm_crf_ner", name="ner", config={"model": model_config(listener)})
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    train(nlp, examples)
    assert_threads_agree(nlp, 4)


@contextmanager
def training():
    """Another pipeline trains, with dropout, in a thread of its own."""
    other = small_nlp(dropout=DROPOUT)
    examples = make_examples(other)
    other.initialize(lambda: examples)
    stop = threading.Event()

    def go_on():
        while not stop.is_set():
            train(other, examples, steps=1)

    trainer = threading.Thread(target=go_on)
    trainer.start()
    try:
        yield
    finally:
        stop.set()
        trainer.join()


def test_while_another_pipeline_trains(pipeline):
    with training():
        assert_threads_agree(pipeline, 4)


def test_nlp_pipe_in_threads(pipeline):
    texts = some_texts()
    expected = [str(doc.ents) for doc in pipeline.pipe(texts, batch_size=16)]

    def read_all(_):
        return [str(doc.ents) for doc in pipeline.pipe(texts, batch_size=16)]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(read_all, range(4))) == [expected] * 4


def test_in_the_executor_of_asyncio(pipeline):
    texts = some_texts()
    expected = [read(pipeline, text) for text in texts]

    async def read_all():
        loop = asyncio.get_running_loop()
        return await asyncio.gather(
            *(loop.run_in_executor(None, read, pipeline, text) for text in texts)
        )

    assert asyncio.run(read_all()) == expected


def test_prediction_leaves_no_mark_on_the_module(pipeline):
    pipe = pipeline.get_pipe("ner")
    before = pipe.model.to_bytes()
    states = [
        {name: dict(vars(part)) for name, part in shim._model.named_modules()}
        for node in pipe.model.walk()
        for shim in node.shims
    ]
    pipeline(TRAIN[0][0])
    after = [
        {name: dict(vars(part)) for name, part in shim._model.named_modules()}
        for node in pipe.model.walk()
        for shim in node.shims
    ]
    assert [{k: sorted(v) for k, v in s.items()} for s in states] == [
        {k: sorted(v) for k, v in s.items()} for s in after
    ]
    plain = (bool, int, float, str, type(None))
    for one, two in zip(states, after):
        for name, attributes in one.items():
            for key, value in attributes.items():
                if isinstance(value, plain):
                    assert two[name][key] == value, (name, key)
    assert pipe.model.to_bytes() == before
