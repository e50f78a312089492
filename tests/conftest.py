"""Shared fixtures: a tiny training set of our own."""

import os
from pathlib import Path

# Tests run side by side: one thread each, here and in the processes that they start. Libraries
# read it when they are first imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pytest
import spacy
import torch
from spacy.lang.xx import MultiLanguage
from spacy.training import Example
from thinc.api import fix_random_seed

# Before any fixture that trains once for many tests.
torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
# Triton reads it when it is first imported, by whichever test. Beside a GPU its kernels are
# compiled, and tested there.
if not torch.cuda.is_available():
    os.environ["TRITON_INTERPRET"] = "1"

TRAIN = [
    ("Anna Smith lives in Paris .", {"entities": [(0, 10, "PER"), (20, 25, "LOC")]}),
    ("Paris is far from here .", {"entities": [(0, 5, "LOC")]}),
    ("Nobody saw Jordan", {"entities": [(11, 17, "PER")]}),
    ("It rained all day .", {"entities": []}),
]
WORD_CHAR = {"@architectures": "spacy_bilstm_crf.WordCharEmbed.v1"}


def model_config(embed=WORD_CHAR, decoder="crf", nO=None, tok2vec=None, **encoder):
    """The config of a small model. tok2vec: in the place of the BiLSTM and its embed."""
    bilstm = {"@architectures": "spacy_bilstm_crf.BiLSTMTok2Vec.v1", "hidden_width": 16}
    return {
        "@architectures": "spacy_bilstm_crf.BiLSTMCRF.v1",
        "decoder": decoder,
        "nO": nO,
        "tok2vec": tok2vec or {**bilstm, **encoder, "embed": embed},
    }


def corpus_folder(name):
    """A folder of the corpora that the project may not ship, such as conll2003; where a developer
    has none, the test that asks for it is skipped."""
    corpora = os.environ.get("BILSTM_CRF_CORPORA")
    if not corpora:
        pytest.skip(f"set BILSTM_CRF_CORPORA to the folder that holds {name}")
    folder = Path(corpora).expanduser() / name
    if not folder.is_dir():
        pytest.skip(f"BILSTM_CRF_CORPORA: there is no folder {folder}")
    return folder


@pytest.fixture(autouse=True)
def _seed():
    fix_random_seed(0)
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))


def make_examples(nlp, data=TRAIN):
    return [Example.from_dict(nlp.make_doc(text), annotation) for text, annotation in data]


def small_nlp(join=0.0, **model):
    """A blank pipeline with a small, uninitialized model. Of no language: the rules of English's
    tokenizer take four times as long to make and to read as all the rest."""
    nlp = spacy.blank("xx")
    config = {"join": join, "model": model_config(**model)}
    nlp.add_pipe("bilstm_crf_ner", name="ner", config=config)
    return nlp


def train(nlp, examples, steps=60, drop=0.0):
    optimizer = nlp.create_optimizer()
    optimizer.learn_rate = 0.01
    losses = []
    for _ in range(steps):
        record = {}
        nlp.update(examples, sgd=optimizer, losses=record, drop=drop)
        losses.append(sum(record.values()))
    return losses


@pytest.fixture(scope="session")
def _trained_bytes():
    fix_random_seed(0)
    nlp = small_nlp()
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    train(nlp, examples)
    return nlp.to_bytes(), nlp.config


@pytest.fixture
def trained(_trained_bytes):
    """A pipeline that knows TRAIN by heart; each test gets a copy of its own."""
    data, config = _trained_bytes
    return MultiLanguage.from_config(config).from_bytes(data)


@pytest.fixture
def saved(tmp_path):
    """A pipeline with word vectors on disk, as `spacy train` leaves it."""
    tok2vec = {**WORD_CHAR, "static_vectors": "frozen"}
    nlp = small_nlp(tok2vec=tok2vec)
    nlp.vocab.reset_vectors(width=3)
    nlp.vocab.set_vector("Paris", np.ones(3, dtype="f"))
    nlp.initialize(lambda: make_examples(nlp))
    nlp.to_disk(tmp_path / "model-last")
    return tmp_path / "model-last"


def entities(doc):
    return [(ent.start, ent.end, ent.label_) for ent in doc.ents]


def predictions(nlp):
    return [entities(doc) for doc in nlp.pipe(text for text, _ in TRAIN)]


EXPECTED = [[(0, 2, "PER"), (4, 5, "LOC")], [(0, 1, "LOC")], [(2, 3, "PER")], []]


def assert_same_predictions(first, second, texts):
    """Emissions of two pipelines are the same to the bit, not only the entities."""
    docs = [first.make_doc(text) for text in texts]
    for a, b in zip(
        first.get_pipe("ner").model.predict(docs).by_doc(),
        second.get_pipe("ner").model.predict(docs).by_doc(),
    ):
        assert np.array_equal(a, b)
