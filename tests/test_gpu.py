"""What a GPU computes is what the CPU computes; what is trained on one runs on the other."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import spacy
import torch
from spacy.lang.xx import MultiLanguage
from spacy.tokens import Span
from spacy.training import Example
from thinc.api import get_current_ops, set_current_ops, to_numpy

from spacy_bilstm_crf.corpora.make_doc import WRONG
from spacy_bilstm_crf.corpora.sample import write_sample
from spacy_bilstm_crf.torch_bridge.weights import norms

from .conftest import EXPECTED, TRAIN, entities, make_examples, predictions, small_nlp, train
from .pipeline.test_weights import WORDS, weighted_doc
from .training import test_resume

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU"),
]
TEXTS = [text for text, _ in TRAIN] * 9 + ["Jordan " * 700]
CONFIGS = Path(__file__).parents[1] / "configs"
config = test_resume.config


@pytest.fixture
def on_gpu(_trained_bytes):  # which is trained before, on the CPU
    pytest.importorskip("cupy")
    before = get_current_ops()
    spacy.require_gpu(0)
    yield
    set_current_ops(before)


@pytest.fixture
def both(trained, _trained_bytes, on_gpu):
    """The same pipeline on the CPU and on the GPU."""
    data, config = _trained_bytes
    gpu = MultiLanguage.from_config(config).from_bytes(data)
    assert gpu.get_pipe("ner").model.get_ref("crf").shims[0].device.type == "cuda"
    return trained, gpu


def test_scores_and_confidences(both):
    found = []
    for nlp in both:
        docs = list(nlp.pipe(TEXTS, batch_size=7))
        scores = nlp.get_pipe("ner").model.predict([nlp.make_doc(text) for text in TEXTS])
        found.append((docs, scores.emissions.cpu().numpy()))
    (docs, scores), (gpu_docs, gpu_scores) = found
    np.testing.assert_allclose(gpu_scores, scores, rtol=1e-3, atol=1e-3)
    assert [entities(doc) for doc in gpu_docs] == [entities(doc) for doc in docs]
    for doc, gpu_doc in zip(docs, gpu_docs):
        for ent, gpu_ent in zip(doc.ents, gpu_doc.ents):
            assert gpu_ent._.confidence == pytest.approx(ent._.confidence, abs=1e-4)


def _whole(nlp):
    return make_examples(nlp)


def _partial(nlp):
    reference = nlp.make_doc("Anna Smith saw Paris")
    reference.set_ents([Span(reference, 3, 4, "LOC")], default="missing")
    return [Example(nlp.make_doc(reference.text), reference)]


def _wrong(nlp):
    (eg,) = _partial(nlp)
    eg.reference.spans[WRONG] = [Span(eg.reference, 0, 1, "PER")]
    return [eg]


def _weighted(nlp):
    ents = ["B-PER", "I-PER", "O", "B-LOC", *"OO", "B-PER", *"OO"]
    reference = weighted_doc(nlp.vocab, [0.5, 2.0, 0.0], ents=ents)
    return [Example(spacy.tokens.Doc(nlp.vocab, words=WORDS), reference)]


@pytest.mark.parametrize("examples_of", [_whole, _partial, _wrong, _weighted])
def test_losses_and_their_gradients(both, examples_of):
    found = []
    for nlp in both:
        ner = nlp.get_pipe("ner")
        ner.cfg |= {"incorrect_spans_key": WRONG, "weights_key": "weights"}
        examples = examples_of(nlp)
        loss, gradient = ner.get_loss(examples, ner.model.predict([eg.x for eg in examples]))
        found.append((loss, to_numpy(gradient.emissions)))
    (loss, gradient), (gpu_loss, gpu_gradient) = found
    assert gpu_loss == pytest.approx(loss, rel=1e-3)
    np.testing.assert_allclose(gpu_gradient, gradient, atol=1e-4)


@pytest.mark.parametrize("decoder", ["crf", "softmax"])
def test_what_is_trained_there_runs_on_the_cpu(on_gpu, tmp_path, decoder):
    nlp = small_nlp(decoder=decoder)
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    losses = train(nlp, examples)
    assert losses[-1] < 0.1 * losses[0]
    assert predictions(nlp) == EXPECTED
    nlp.to_disk(tmp_path)
    confidences = [ent._.confidence for ent in nlp(TRAIN[0][0]).ents]
    spacy.require_cpu()
    again = spacy.load(tmp_path)
    assert (
        again.get_pipe("ner").model.get_ref("tok2vec").get_ref("encoder").shims[0].device.type
        == "cpu"
    )
    assert predictions(again) == EXPECTED
    assert [ent._.confidence for ent in again(TRAIN[0][0]).ents] == pytest.approx(
        confidences, abs=1e-4
    )


def test_a_doc_does_not_depend_on_its_batch_company(both):
    _, nlp = both
    model = nlp.get_pipe("ner").model
    docs = [nlp.make_doc(text) for text in TEXTS]
    for doc, scores in zip(docs, model.predict(docs).by_doc()):
        (alone,) = model.predict([doc]).by_doc()
        np.testing.assert_allclose(to_numpy(scores), to_numpy(alone), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", ["ner", "textcat"])  # parts of both stay on the CPU
def test_components_of_spacy_go_on_where_they_were_interrupted(on_gpu, config, tmp_path, name):
    assert test_resume.interrupt_spacys_own(config, tmp_path, name) < 0.01


def test_norms_of_weights_on_both():
    found = norms([torch.full((4,), 2.0), torch.full((4,), 3.0, device="cuda")])
    assert found.tolist() == [4.0, 6.0]


def _spacy(*arguments):
    subprocess.run([sys.executable, "-m", "spacy", *map(str, arguments)], check=True)


NO_VECTORS = "--components.bilstm_crf_ner.model.tok2vec.embed.static_vectors=none"


@pytest.mark.parametrize("name, more", [("sample", []), ("conll2003-best", [NO_VECTORS])])
def test_spacy_train(tmp_path, name, more):
    sample, corpus, output = (tmp_path / own for own in ("sample", "corpus", "output"))
    write_sample(sample)
    path = CONFIGS / f"{name}.cfg"
    _spacy("bilstm-crf", "convert", sample, corpus, "--config", path)
    paths = [f"--paths.{split}={corpus / split}.spacy" for split in ("train", "dev")]
    steps = ["--training.optimizer.learn_rate.total_steps=400", "--training.eval_frequency=200"]
    _spacy("train", path, "--gpu-id", 0, "--output", output, *paths, *steps, *more)
    scores = []
    for gpu in ("-1", "0"):
        found = tmp_path / f"{gpu}.json"
        _spacy("bilstm-crf", "evaluate", output / "model-best", corpus, found, "--gpu-id", gpu)
        scores.append(json.loads(found.read_text()))
    assert scores[0]["ents_f"] > 0.6
    assert scores[0]["ents_f"] == pytest.approx(scores[1]["ents_f"], abs=0.01)
