import sys

import pytest

from spacy_bilstm_crf.corpora.columns import read_documents
from spacy_bilstm_crf.corpora.hub import fetch

TAGS = ["O", "B-PER", "I-PER"]


@pytest.fixture
def hub(monkeypatch):
    """The hub's conversion of CoNLL-2003, in small, and what was asked of it."""
    datasets = pytest.importorskip("datasets")
    features = datasets.Features(
        {
            "tokens": datasets.Sequence(datasets.Value("string")),
            "ner_tags": datasets.Sequence(datasets.ClassLabel(names=TAGS)),
        }
    )
    rows = {"tokens": [["Maria", "Holt", "left"], ["Rain"]], "ner_tags": [[1, 2, 0], [0]]}
    split = datasets.Dataset.from_dict(rows, features=features)
    asked = []

    def load_dataset(name, revision):
        asked.append((name, revision))
        return {"train": split, "validation": split, "test": split}

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    return asked


def test_fetch_writes_columns(hub, tmp_path):
    paths = fetch("conll2003", tmp_path / "new")
    assert hub == [("eriktks/conll2003", "refs/convert/parquet")]
    assert [path.name for path in paths] == ["train.txt", "dev.txt", "test.txt"]
    ((first, second),) = read_documents(paths[1])
    assert first == (["Maria", "Holt", "left"], ["B-PER", "I-PER", "O"])
    assert second == (["Rain"], ["O"])


def test_fetch_without_a_connection(monkeypatch, tmp_path):
    datasets = pytest.importorskip("datasets")

    def load_dataset(*args, **kwargs):
        raise ConnectionError("no route")

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    with pytest.raises(ConnectionError, match="no route.*own train.txt"):
        fetch("conll2003", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_fetch_without_datasets(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(ImportError, match="pip install 'datasets<5'"):
        fetch("conll2003", tmp_path)


def test_unknown_corpora_are_errors(tmp_path):
    with pytest.raises(ValueError, match="there is: conll2003"):
        fetch("conll2002", tmp_path)
