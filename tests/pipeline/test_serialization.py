"""Saving, loading, copying and sending to other processes."""

import copy
import pickle
import subprocess
import sys

import pytest
import spacy

from ..conftest import (
    EXPECTED,
    TRAIN,
    assert_same_predictions,
    entities,
    make_examples,
    predictions,
    small_nlp,
    train,
)

TEXTS = [text for text, _ in TRAIN] + ["Some other words, Anna!"]


def test_to_disk_and_back(trained, tmp_path):
    trained.to_disk(tmp_path / "model")
    loaded = spacy.load(tmp_path / "model")
    assert predictions(loaded) == EXPECTED
    assert loaded.get_pipe("ner").labels == ("LOC", "PER")
    assert_same_predictions(trained, loaded, TEXTS)


def test_to_bytes_and_back(trained):
    loaded = spacy.blank("xx").from_config(trained.config).from_bytes(trained.to_bytes())
    assert_same_predictions(trained, loaded, TEXTS)


def test_the_component_alone(trained, tmp_path):
    ner = trained.get_pipe("ner")
    for way in ("bytes", "disk"):
        other = small_nlp().get_pipe("ner")
        if way == "bytes":
            other.from_bytes(ner.to_bytes())
        else:
            ner.to_disk(tmp_path / "ner")
            other.from_disk(tmp_path / "ner")
        assert other.labels == ner.labels
        assert [
            r.entities.starts.tolist() for r in other.predict([trained.make_doc(TEXTS[0])])
        ] == [r.entities.starts.tolist() for r in ner.predict([trained.make_doc(TEXTS[0])])]


@pytest.mark.slow
def test_a_fresh_process_imports_only_spacy(trained, tmp_path):
    trained.to_disk(tmp_path / "model")
    code = (
        "import spacy, sys\n"
        "nlp = spacy.load(sys.argv[1])\n"
        "print([[(e.start, e.end, e.label_) for e in nlp(t).ents] for t in sys.argv[2:]])"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "model"), *TEXTS[:4]]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout.strip().splitlines()[-1] == str(EXPECTED)


def test_an_uninitialized_pipeline_can_be_saved(tmp_path):
    small_nlp().to_disk(tmp_path / "model")
    loaded = spacy.load(tmp_path / "model")
    with pytest.raises(ValueError, match="initialize"):
        loaded("Anna")


def test_training_goes_on_after_loading(trained):
    examples = make_examples(trained)
    assert train(trained, examples, steps=3)[-1] < 0.5
    assert predictions(trained) == EXPECTED


def test_copies(trained):
    ner = trained.get_pipe("ner")
    for model in (ner.model.copy(), copy.deepcopy(ner.model)):
        docs = [trained.make_doc(text) for text in TEXTS]
        assert [a.tolist() for a in model.predict(docs).by_doc()] == [
            a.tolist() for a in ner.model.predict(docs).by_doc()
        ]
    pickled = pickle.loads(pickle.dumps(ner.to_bytes()))
    assert small_nlp().get_pipe("ner").from_bytes(pickled).labels == ner.labels


def test_sourcing_into_another_pipeline(trained):
    other = spacy.blank("xx")
    other.add_pipe("sentencizer")
    other.add_pipe("ner", source=trained)
    assert [entities(doc) for doc in other.pipe(text for text, _ in TRAIN)] == EXPECTED


@pytest.mark.parametrize("cut", [0.0, 0.3, 0.7, 0.999])
def test_a_model_file_cut_short(trained, tmp_path, cut):
    trained.to_disk(tmp_path / "model")
    file = tmp_path / "model" / "ner" / "model"
    data = file.read_bytes()
    file.write_bytes(data[: int(len(data) * cut)])
    with pytest.raises(ValueError, match=r"Can't load 'ner' from .*ner: .*cut short"):
        spacy.load(tmp_path / "model")


def test_a_missing_label_at_load(trained, tmp_path):
    trained.to_disk(tmp_path / "model")
    (tmp_path / "model" / "ner" / "cfg").write_text('{"labels": ["LOC"]}')
    with pytest.raises(ValueError, match=r"1 labels \(5 tags\).*9 tags"):
        spacy.load(tmp_path / "model")


def test_a_damaged_label(trained, tmp_path):
    for way in ("disk", "bytes"):  # the second: what was loaded is saved again
        trained.to_disk(tmp_path / way)
        file = tmp_path / way / "ner" / "cfg"
        file.write_text(file.read_text().replace("PER", "PES"))
        with pytest.raises(ValueError, match=r"labels are \['LOC', 'PES'\].*\['LOC', 'PER'\]"):
            spacy.load(tmp_path / way)
        trained = spacy.blank("xx").from_config(trained.config).from_bytes(trained.to_bytes())


def test_labels_that_were_added_or_renamed_are_saved(trained, tmp_path):
    ner = trained.get_pipe("ner")
    ner.to_bytes()
    ner.add_label("ORG")
    trained.to_disk(tmp_path / "more")
    assert spacy.load(tmp_path / "more").get_pipe("ner").labels == ("LOC", "PER", "ORG")
    ner.cfg["labels"] = ["PLACE", "PERSON", "ORG"]
    trained.to_disk(tmp_path / "other")
    loaded = spacy.load(tmp_path / "other")
    assert [ent.label_ for ent in loaded(TEXTS[0]).ents] == ["PERSON", "PLACE"]
    # Those alone may be read into a model that has as many.
    loaded.get_pipe("ner").from_disk(tmp_path / "more" / "ner", exclude=["model", "vocab"])
    assert [ent.label_ for ent in loaded(TEXTS[0]).ents] == ["PER", "LOC"]


def test_a_failed_load_leaves_the_component_as_it_was(trained, tmp_path):
    other = small_nlp()
    labels = make_examples(other, [("Oslo Oslo", {"entities": [(0, 4, "CITY")]})])
    other.initialize(lambda: labels)
    other.get_pipe("ner").to_disk(tmp_path)
    file = tmp_path / "model"
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(ValueError, match="cut short"):
        trained.get_pipe("ner").from_disk(tmp_path)
    assert trained.get_pipe("ner").labels == ("LOC", "PER")
    assert predictions(trained) == EXPECTED
