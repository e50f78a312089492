"""The same figure through every door: evaluate, analyze, report and spaCy's own scorer."""

import pytest
import srsly
from spacy.cli._util import app
from spacy.tokens import Doc, DocBin
from typer.testing import CliRunner

import spacy_bilstm_crf.cli  # noqa: F401 spaCy's app has our commands by that
from spacy_bilstm_crf.corpora.converted import open_corpus
from spacy_bilstm_crf.evaluation import analyze
from spacy_bilstm_crf.evaluation.tagging import (
    examples_as_in_training,
    examples_of_sentences,
    tag_split,
)
from spacy_bilstm_crf.training.corpus import SentenceRuns

from ..conftest import make_examples, small_nlp, train

SENTENCES = [
    ("Anna met Jordan Smith .", ["B-PER", "O", "B-PER", "I-PER", "O"]),
    ("Jordan is far .", ["B-PER", "O", "O", "O"]),
    ("Paris rained .", ["B-LOC", "O", "O"]),
]


@pytest.fixture(scope="module")
def memory_nlp():
    """A pipeline whose entities depend on the rest of the doc."""
    nlp = small_nlp(doc_memory=0.5)
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    train(nlp, examples)
    return nlp


@pytest.fixture
def corpus(memory_nlp, tmp_path):
    words = [word for text, _ in SENTENCES for word in text.split()]
    starts = [i == 0 for text, _ in SENTENCES for i in range(len(text.split()))]
    tags = [tag for _, tags in SENTENCES for tag in tags]
    doc = Doc(memory_nlp.vocab, words=words, sent_starts=starts, ents=tags)
    DocBin(docs=[doc, doc]).to_disk(tmp_path / "test.spacy")
    return open_corpus(tmp_path)


def read_by(nlp, **reader):
    block = {"@readers": "spacy_bilstm_crf.SentenceRuns.v1", "path": None, "limit": 0, **reader}
    nlp.config["corpora"] = {"dev": block}
    nlp.config["training"]["dev_corpus"] = "corpora.dev"


@pytest.mark.parametrize("max_sentences,n_texts", [(1000, 2), (2, 4), (1, 6)])
def test_texts_are_read_as_in_training(memory_nlp, corpus, max_sentences, n_texts):
    read_by(memory_nlp, max_sentences=max_sentences)
    examples = examples_as_in_training(memory_nlp, corpus, "test")
    assert len(examples) == n_texts
    assert not any(eg.predicted.ents for eg in examples) and any(
        eg.reference.ents for eg in examples
    )
    gold, predicted = tag_split(memory_nlp, corpus, "test")
    path = corpus.folder / "test.spacy"
    expected = memory_nlp.evaluate(list(SentenceRuns(path, max_sentences)(memory_nlp)))
    assert analyze(gold, predicted, None)["all"]["f"] == pytest.approx(expected["ents_f"])
    assert len(examples_of_sentences(memory_nlp, corpus, "test")) == 6


def test_without_a_reader_whole_docs_are_read(memory_nlp, corpus):
    memory_nlp.config["corpora"] = {}
    assert len(examples_as_in_training(memory_nlp, corpus, "test")) == 2


def test_evaluate_says_what_it_counted(memory_nlp, corpus, tmp_path):
    read_by(memory_nlp, max_sentences=1000)
    memory_nlp.to_disk(tmp_path / "model")
    command = ["bilstm-crf", "evaluate", str(tmp_path / "model"), str(corpus.folder)]
    result = CliRunner().invoke(app, [*command, str(tmp_path / "scores.json")])
    assert result.exit_code == 0, result.output
    assert "2 texts of 6 sentences, read as in training" in " ".join(result.output.split())
    assert "each of 6 sentences alone" in " ".join(result.output.split())
    scores = srsly.read_json(tmp_path / "scores.json")
    for examples, found in [
        (examples_as_in_training(memory_nlp, corpus, "test"), scores),
        (examples_of_sentences(memory_nlp, corpus, "test"), scores["sentences"]),
    ]:
        assert found["texts"] == len(examples)
        assert found["ents_f"] == pytest.approx(memory_nlp.evaluate(examples)["ents_f"])
