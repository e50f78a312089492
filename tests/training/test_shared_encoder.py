"""Entities and labels of whole texts from one encoder."""

import random
from pathlib import Path

import pytest
import spacy
from spacy.tokens import DocBin
from spacy.training import Example
from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from spacy.util import load_config

CONFIG = Path(__file__).parents[2] / "configs" / "shared.cfg"
SMALL = {
    "training.optimizer.learn_rate.total_steps": 80,
    "training.optimizer.learn_rate.initial_rate": 0.01,
    "training.eval_frequency": 40,
    "training.batcher.size": 200,
}
NAMES = ["Anna Holt", "Bo Lind", "Carl Moe", "Dina Berg"]
PLACES = ["Oslo", "Bergen", "Molde", "Hamar"]


def _docs(nlp, n, seed):
    rng = random.Random(seed)
    for _ in range(n):
        name, place, label = rng.choice(NAMES), rng.choice(PLACES), rng.choice(["pos", "neg"])
        verb = rng.choice({"pos": ["loves", "enjoys"], "neg": ["hates", "dreads"]}[label])
        text = f"{name} {verb} {place}."
        doc = nlp.make_doc(text)
        end = len(name)
        start = text.index(place)
        doc.ents = [
            doc.char_span(0, end, label="PER"),
            doc.char_span(start, start + len(place), label="LOC"),
        ]
        doc.cats = {own: float(own == label) for own in ("pos", "neg")}
        yield doc


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shared")
    blank = spacy.blank("en")
    for split, n, seed in (("train", 120, 0), ("dev", 40, 1)):
        DocBin(docs=_docs(blank, n, seed), store_user_data=True).to_disk(folder / f"{split}.spacy")
    paths = {f"paths.{split}": str(folder / f"{split}.spacy") for split in ("train", "dev")}
    nlp = init_nlp(load_config(CONFIG, overrides={**paths, **SMALL}))
    before = _scores(nlp)
    train(nlp, folder)
    return before, folder / "model-best"


def _scores(nlp):
    docs = list(_docs(nlp, 40, 2))
    scores = nlp.evaluate([Example(nlp.make_doc(doc.text), doc) for doc in docs])
    return scores["ents_f"], scores["cats_score"]


def _found(docs):
    ents = [[(e.start_char, e.end_char, e.label_) for e in doc.ents] for doc in docs]
    return ents, [doc.cats["pos"] for doc in docs]


def test_both_scores_move(trained):
    before, path = trained
    after = _scores(spacy.load(path))
    assert before[0] < 0.5 and before[1] < 0.6
    assert after[0] > 0.9 and after[1] > 0.9


def test_both_send_gradients_to_the_encoder(trained):
    nlp = spacy.load(trained[1])
    nlp.resume_training()
    examples = [Example(nlp.make_doc(doc.text), doc) for doc in _docs(nlp, 8, 3)]
    alone = []
    for other in ("bilstm_crf_ner", "textcat"):
        copied = spacy.load(trained[1])
        sgd = copied.resume_training()
        encoder = copied.get_pipe("tok2vec").model
        before = encoder.to_bytes()
        copied.update(examples, sgd=sgd, exclude=[other])
        alone.append(encoder.to_bytes() != before)
    assert alone == [True, True]


def test_processes_give_the_same(trained):
    nlp = spacy.load(trained[1])
    texts = [doc.text for doc in _docs(nlp, 12, 4)]
    ents, cats = _found(nlp.pipe(texts))
    other_ents, other_cats = _found(nlp.pipe(texts, n_process=2, batch_size=4))
    assert other_ents == ents
    assert other_cats == pytest.approx(cats, abs=1e-5)
