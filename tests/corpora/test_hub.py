import json
import shutil
import sys

import pytest

from spacy_bilstm_crf.corpora.hub import fetch
from spacy_bilstm_crf.corpora.inputs import find_inputs

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
    fetched = fetch("conll2003", tmp_path / "new")
    assert hub == [("eriktks/conll2003", "refs/convert/parquet")]
    assert [path.name for path in fetched.paths] == ["train.txt", "dev.txt", "test.txt"]
    for path in fetched.paths:
        assert path.read_text() == "Maria\tB-PER\nHolt\tI-PER\nleft\tO\n\nRain\tO\n\n"
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [
        "dev.txt",
        "test.txt",
        "train.txt",
    ]


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


@pytest.fixture
def local(monkeypatch, tmp_path):
    """Writes splits as parquet into a folder, which `datasets` then reads."""
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    datasets.disable_progress_bars()

    def write(features=None, **splits):
        folder = tmp_path / "local"
        folder.mkdir()
        for name, rows in splits.items():
            kinds = datasets.Features(features(datasets)) if features else None
            split = datasets.Dataset.from_dict(rows, features=kinds)
            split.to_parquet(str(folder / f"{name}.parquet"))
        return folder

    return write


WORDS = {"words": [["Maria", " ", "left"], ["Oslo"]], "ner": [["B-PER", "I-PER", "O"], ["S-LOC"]]}


def test_a_local_folder_of_strings(local, tmp_path):
    fetched = fetch(str(local(train=WORDS, validation=WORDS)), tmp_path / "new")
    assert [path.name for path in fetched.paths] == ["train.txt", "dev.txt"]
    assert fetched.columns[:2] == ("words", "ner")
    # A word of only white space can't stand in a column.
    assert fetched.paths[1].read_text() == "Maria\tB-PER\nleft\tO\n\nOslo\tB-LOC\n\n"


def test_a_file_and_its_one_split(local, tmp_path):
    folder = local(any=WORDS)
    fetched = fetch(str(folder / "any.parquet"), tmp_path / "new")
    assert [path.name for path in fetched.paths] == ["train.txt"]


def test_class_labels_plain_labels_and_those_not_known(local, tmp_path):
    def features(datasets):
        labels = datasets.ClassLabel(names=["O", "PER"])
        kinds = {"tokens": datasets.Value("string"), "tags": labels}
        return {name: datasets.Sequence(kind) for name, kind in kinds.items()}

    rows = {"tokens": [["Maria", "Holt", "left"]], "tags": [[1, 1, 0]]}
    (path,) = fetch(str(local(features, train=rows)), tmp_path / "new").paths
    assert path.read_text() == "Maria\tB-PER\nHolt\tI-PER\nleft\tO\n\n"


def test_texts_and_spans_become_json_lines(local, tmp_path):
    spans = [[{"start": 0, "end": 5, "label": "PER"}], []]
    rows = {"id": ["a", "b"], "text": ["Maria left", "Rain"], "entities": spans}
    (path,) = fetch(str(local(train=rows)), tmp_path / "new").paths
    assert path.name == "train.jsonl"
    assert [json.loads(line) for line in path.read_text().splitlines()] == [
        {"text": "Maria left", "spans": spans[0]},
        {"text": "Rain", "spans": []},
    ]


def test_several_columns_that_fit_are_an_error(local, tmp_path):
    folder = str(local(train={**WORDS, "chunks": WORDS["ner"], "lemmas": WORDS["words"]}))
    with pytest.raises(ValueError, match="words: words, lemmas. Say --words"):
        fetch(folder, tmp_path / "new")
    with pytest.raises(ValueError, match="tags: ner, chunks. Say --tags"):
        fetch(folder, tmp_path / "new", words="words")
    assert fetch(folder, tmp_path / "new", words="lemmas", tags="chunks").columns.tags == "chunks"


def test_numbers_without_names_and_missing_columns_are_errors(local, tmp_path):
    folder = str(local(train={"tokens": [["a", "b"]], "tags": [[0, 1]]}))
    with pytest.raises(ValueError, match="No column was found for the tags.*need names"):
        fetch(folder, tmp_path / "new")
    with pytest.raises(ValueError, match="numbers without names"):
        fetch(folder, tmp_path / "new", tags="tags")
    with pytest.raises(ValueError, match="no column 'ner'; there is: tokens, tags"):
        fetch(folder, tmp_path / "new", tags="ner")


def test_a_split_that_is_wrong_leaves_nothing(local, tmp_path):
    wrong = {"words": [["a", "b"]], "ner": [["O"]]}
    with pytest.raises(ValueError, match="test: row 0: 2 words, but 1 tags"):
        fetch(str(local(train=WORDS, test=wrong)), tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_other_splits_are_left_out(hub, monkeypatch, tmp_path):
    import datasets

    split = datasets.load_dataset("x", None)["train"]
    monkeypatch.setattr(datasets, "load_dataset", lambda name: {"train": split, "extra": split})
    fetched = fetch("some/corpus", tmp_path)
    assert fetched.left_out == ["extra"]
    assert fetched.paths == [tmp_path / "train.txt"]


def test_config_and_revision_are_passed_on(hub, monkeypatch, tmp_path):
    import datasets

    given = []
    split = datasets.load_dataset("x", None)["train"]

    def load_dataset(*args, **kwargs):
        given.append((args, kwargs))
        return {"train": split}

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    fetch("some/corpus", tmp_path, config="da", revision="main")
    assert given == [(("some/corpus", "da"), {"revision": "main"})]


def classes(names, text="text", label="label"):
    """Makes the features of a text and the number of its class."""
    return lambda datasets: {
        text: datasets.Value("string"),
        label: datasets.ClassLabel(names=names),
    }


def records(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_texts_and_labels_become_json_lines(local, tmp_path):
    rows = {"text": ["Fine", "Poor\n"], "label": [1, 0]}
    folder = local(classes(["neg", "pos"]), train=rows, test=rows)
    fetched = fetch(str(folder), tmp_path / "new")
    assert [path.name for path in fetched.paths] == ["train.jsonl", "test.jsonl"]
    assert fetched.columns == ("text", "label", "labels") and not fetched.n_unknown
    assert records(fetched.paths[1]) == [
        {"text": "Fine", "label": "pos"},
        {"text": "Poor\n", "label": "neg"},
    ]
    assert find_inputs(tmp_path / "new").format == "labels"


def test_labels_that_are_not_known_are_left_out(local, tmp_path):
    some = {"sentence": ["Fine", "So so", "Poor"], "label": [1, -1, 0]}
    none = {"sentence": ["Fine"], "label": [-1]}
    features = classes(["negative", "positive"], text="sentence")
    fetched = fetch(str(local(features, train=some, test=none)), tmp_path / "new")
    assert [path.name for path in fetched.paths] == ["train.jsonl"]
    assert fetched.n_unknown == {"train": 1, "test": 1}
    assert [row["text"] for row in records(fetched.paths[0])] == ["Fine", "Poor"]
    shutil.rmtree(tmp_path / "local")
    with pytest.raises(ValueError, match="no text whose label is known in 'label'"):
        fetch(str(local(features, train=none)), tmp_path / "none")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("given, expected", [([-1, 2], ["-1", "2"]), (["a", "b"], ["a", "b"])])
def test_labels_without_names(local, tmp_path, given, expected):
    rows = {"id": ["x", "y"], "text": ["Fine", "Poor"], "label": given}
    fetched = fetch(str(local(train=rows)), tmp_path / "new")
    assert fetched.columns[:2] == ("text", "label")
    assert [row["label"] for row in records(fetched.paths[0])] == expected


def test_lists_of_labels(local, tmp_path):
    def features(datasets):
        labels = datasets.Sequence(datasets.ClassLabel(names=["anger", "joy", "neutral"]))
        return {"text": datasets.Value("string"), "labels": labels}

    rows = {"text": ["Fine", "Well"], "labels": [[1, 2], [0]]}
    (path,) = fetch(str(local(features, train=rows)), tmp_path / "new").paths
    assert [row["label"] for row in records(path)] == [["joy", "neutral"], "anger"]


def test_columns_of_labels_that_are_told_or_must_be(local, tmp_path):
    rows = {"title": ["A"], "body": ["Fine"], "stars": [5]}
    folder = str(local(train=rows))
    (path,) = fetch(folder, tmp_path / "new", words="body", tags="stars").paths
    assert records(path) == [{"text": "Fine", "label": "5"}]
    with pytest.raises(ValueError, match="Several columns may be the text: title, body. Say --wor"):
        fetch(folder, tmp_path / "new", tags="stars")


def test_a_row_without_a_text(local, tmp_path):
    folder = local(classes(["neg", "pos"]), train={"text": ["Fine", None], "label": [1, 0]})
    with pytest.raises(ValueError, match="train: row 1: there is no text in 'text'"):
        fetch(str(folder), tmp_path / "new")
