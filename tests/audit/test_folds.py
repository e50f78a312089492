"""Which models judge which documents. The trainings are replaced by a pipeline that knows a few
sentences by heart; real ones are in tests/cli/test_audit.py."""

import numpy as np
import pytest

from spacy_bilstm_crf.audit import folds
from spacy_bilstm_crf.audit.folds import FoldOptions, calibrate_on, judge_by_folds
from spacy_bilstm_crf.training.choose import apply, template

from ..conftest import TRAIN
from .conftest import document


@pytest.fixture
def documents():
    made = [
        document(f"{text} word{i} is{i} here{i} now{i}", name=str(i), source=str(i))
        for i, text in enumerate(text for text, _ in TRAIN * 3)
    ]
    return [document("Anna Smith lives in Paris .", ("Anna Smith", "LOC"), name="wrong"), *made]


@pytest.fixture
def trainings(monkeypatch, trained):
    """The texts of each training that is asked for, and its config."""
    asked = []

    def train(config, parts, folder, options):
        asked.append(([[doc.text for doc in part] for part in parts], config))
        return trained

    monkeypatch.setattr(folds, "train", train)
    return asked


def test_no_model_has_seen_what_it_judges(documents, trainings, tmp_path, monkeypatch):
    judged = []
    judge = folds.judge
    monkeypatch.setattr(
        folds, "judge", lambda nlp, docs: judged.append([d.text for d in docs]) or judge(nlp, docs)
    )
    seen = []
    options = FoldOptions(folds=3, repeats=2, seed=5)
    found = judge_by_folds(
        documents, template(), tmp_path, options, lambda *about: seen.append(about)
    )
    assert seen == [(nth, 6, False) for nth in range(1, 7)]
    texts = sorted(document.doc.text for document in documents)
    for first in (0, 3):
        assert sorted(text for part in judged[first : first + 3] for text in part) == texts
    for own, ((train, dev), config) in zip(judged, trainings):
        assert sorted(own + train + dev) == texts and dev
        assert config["initialize"]["components"]["bilstm_crf_ner"]["labels"] == ["LOC"]
    assert [config["training"]["seed"] for _, config in trainings] == [5, 5, 5, 6, 6, 6]
    assert judged[:3] != judged[3:]
    assert len(found) == len(documents) and found[0].spans[0, 2, "PER"] > 0.5


def test_folds_that_are_kept_are_not_trained_again(documents, trainings, tmp_path):
    options = FoldOptions(folds=3)
    first = judge_by_folds(documents, template(), tmp_path, options)
    kept = sorted(tmp_path.iterdir())
    assert [path.name for path in kept] == ["1-1.json.gz", "1-2.json.gz", "1-3.json.gz"]
    kept[0].unlink()
    kept[1].write_bytes(kept[1].read_bytes()[:100])
    assert judge_by_folds(documents, template(), tmp_path, options) == first
    assert len(trainings) == 5
    others = [*documents[1:], document("Nobody saw Jordan", ("Jordan", "PER"), name="new")]
    for again in (
        (others, template(), options),
        (documents, apply(template(), {"training.dropout": 0.3}), options),
        (documents, template(), FoldOptions(folds=3, calibrate=False)),
    ):
        before = len(trainings)
        judge_by_folds(again[0], again[1], tmp_path, again[2])
        assert len(trainings) == before + 3


def test_a_training_that_fails_leaves_nothing(documents, tmp_path, monkeypatch):
    def train(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(folds, "train", train)
    with pytest.raises(KeyboardInterrupt):
        judge_by_folds(documents, template(), tmp_path / "folds", FoldOptions())
    assert list((tmp_path / "folds").iterdir()) == []


@pytest.mark.parametrize(
    "n, k, message", [(3, 5, "can't be divided into 5 folds"), (2, 2, "too few documents")]
)
def test_too_few_documents(documents, trainings, tmp_path, n, k, message):
    with pytest.raises(ValueError, match=message):
        judge_by_folds(documents[:n], template(), tmp_path, FoldOptions(folds=k))


def test_configs_without_probabilities(documents, tmp_path):
    config = apply(template(), {"components": {"ner": {"factory": "ner"}}})
    with pytest.raises(ValueError, match="no bilstm_crf_ner"):
        judge_by_folds(documents, config, tmp_path, FoldOptions())


def test_calibration(trained):
    pipe = trained.get_pipe("ner")
    right = document("Anna Smith lives in Paris .", ("Anna Smith", "PER"), ("Paris", "LOC")).doc
    wrong = document("Anna Smith lives in Paris .", ("Paris", "LOC")).doc
    calibrate_on(trained, [right, wrong])
    assert pipe.cfg["temperature"] > 1.5  # of two readings that are as likely
    calibrate_on(trained, [right])
    assert np.isclose(pipe.cfg["temperature"], 1.0)  # there is no telling
