"""One truth about the settings: the config, `cfg`, and what is saved never disagree."""

import pickle

import pytest
import spacy
from spacy.cli.find_threshold import find_threshold
from spacy.tokens import DocBin
from thinc.api import Config

from ..conftest import EXPECTED, TRAIN, entities, make_examples, predictions, small_nlp

CHANGED = {
    "threshold": 0.5,
    "confidence": "off",
    "spans_key": "other",
    "spans_threshold": 0.3,
    "overwrite_ents": True,
    "incorrect_spans_key": "wrong",
    "weights_key": "weights",
    "join": 0.25,
    "temperature": 1.5,
}
OTHER = {
    "threshold": 0.8,
    "confidence": "spans",
    "spans_key": "third",
    "spans_threshold": 0.4,
    "overwrite_ents": False,
    "incorrect_spans_key": "false",
    "weights_key": "other",
    "join": 0.75,
    "temperature": 0.75,
}
DEFAULT = {
    "threshold": None,
    "confidence": "entities",
    "spans_key": "bilstm_crf_ner",
    "spans_threshold": 0.1,
    "overwrite_ents": False,
    "incorrect_spans_key": None,
    "weights_key": None,
    "join": 0.0,
    "temperature": 1.0,
}


def in_force(nlp, name="ner"):
    """The settings of the component, which are those of the pipeline's config."""
    cfg, config = nlp.get_pipe(name).cfg, nlp.config["components"][name]
    settings = {key: value for key, value in cfg.items() if key != "labels"}
    assert settings == {key: config[key] for key in settings}
    assert settings.pop("promise") is None
    return pytest.approx(settings)


def override(settings, name="ner"):
    return {"components": {name: settings}}


def test_a_config_given_to_load_counts(trained, tmp_path):
    trained.to_disk(tmp_path)
    assert in_force(spacy.load(tmp_path)) == DEFAULT
    assert in_force(spacy.load(tmp_path, config=override(OTHER))) == OTHER


def test_a_change_is_saved_and_can_be_overridden(trained, tmp_path):
    trained.get_pipe("ner").cfg.update(CHANGED)
    assert in_force(trained) == CHANGED
    trained.to_disk(tmp_path)
    assert in_force(spacy.load(tmp_path)) == CHANGED
    for settings in (OTHER, DEFAULT):
        loaded = spacy.load(tmp_path, config=override(settings))
        assert in_force(loaded) == settings
    loaded.to_disk(tmp_path)
    assert in_force(spacy.load(tmp_path)) == DEFAULT


def test_an_edited_config_counts(trained, tmp_path):
    trained.get_pipe("ner").cfg.update(CHANGED)
    trained.to_disk(tmp_path)
    config = Config().from_disk(tmp_path / "config.cfg", interpolate=False)
    assert {key: config["components"]["ner"][key] for key in CHANGED} == CHANGED
    config["components"]["ner"].update(OTHER)
    config.to_disk(tmp_path / "config.cfg")
    assert in_force(spacy.load(tmp_path)) == OTHER


def test_predictions_follow_the_override(trained, tmp_path):
    trained.to_disk(tmp_path)
    assert predictions(spacy.load(tmp_path)) == EXPECTED
    loaded = spacy.load(tmp_path, config={"components.ner.threshold": 1.0})
    assert predictions(loaded) == [[]] * len(TRAIN)


def test_bytes_and_pickles_keep_changes(trained, tmp_path):
    trained.get_pipe("ner").cfg.update(CHANGED)
    copies = [
        spacy.blank("xx").from_config(trained.config).from_bytes(trained.to_bytes()),
        small_nlp().from_bytes(trained.to_bytes()),
        pickle.loads(pickle.dumps(trained)),
    ]
    for copy in copies:
        assert in_force(copy) == CHANGED
        copy.get_pipe("ner").cfg.update(OTHER)  # also if its pipeline is not told
        copy.to_disk(tmp_path)
        assert in_force(spacy.load(tmp_path)) == OTHER
    assert in_force(trained) == CHANGED


def test_the_component_alone_keeps_changes(trained, tmp_path):
    ner = trained.get_pipe("ner")
    ner.cfg.update(CHANGED)
    ner.to_disk(tmp_path / "alone")
    nlp = small_nlp()
    nlp.get_pipe("ner").from_disk(tmp_path / "alone")
    assert in_force(nlp) == CHANGED


@pytest.mark.parametrize("kept", [True, False])
def test_changes_before_and_after_sourcing(trained, tmp_path, kept):
    trained.get_pipe("ner").cfg.update(CHANGED)
    trained.to_disk(tmp_path)
    source = spacy.load(tmp_path)
    other = spacy.blank("xx")
    other.add_pipe("ner", name="names", source=source)
    if not kept:
        del source
    assert in_force(other, "names") == CHANGED
    other.get_pipe("names").cfg.update(OTHER)
    other.to_disk(tmp_path)
    assert in_force(spacy.load(tmp_path), "names") == OTHER
    loaded = spacy.load(tmp_path, config=override(DEFAULT, "names"))
    assert in_force(loaded, "names") == DEFAULT


def test_a_renamed_component_tells_its_pipeline(trained):
    trained.rename_pipe("ner", "names")
    trained.get_pipe("names").cfg.update(CHANGED)
    assert in_force(trained, "names") == CHANGED


def test_find_threshold(trained, tmp_path):
    trained.to_disk(tmp_path / "model")
    docs = [eg.reference for eg in make_examples(trained)]
    DocBin(docs=docs).to_disk(tmp_path / "dev.spacy")
    _, _, scores = find_threshold(
        str(tmp_path / "model"), tmp_path / "dev.spacy", "ner", "threshold", "ents_f", n_trials=3
    )
    assert (scores[0.5], scores[1.0]) == (1.0, 0.0)


@pytest.mark.parametrize(
    "key, value, message",
    [
        ("treshold", 0.5, "no setting 'treshold': it has threshold, confidence"),
        ("threshold", "x", "threshold of 'ner'"),
        ("threshold", -0.1, "threshold of 'ner'"),
        ("threshold", True, "threshold of 'ner'"),
        ("threshold", float("nan"), "threshold of 'ner'"),
        ("spans_threshold", None, "spans_threshold of 'ner'"),
        ("spans_threshold", 2, "spans_threshold of 'ner'"),
        ("confidence", "entity", "confidence of 'ner'"),
        ("overwrite_ents", "yes", "overwrite_ents of 'ner'"),
        ("spans_key", None, "spans_key of 'ner'"),
        ("temperature", 0, "temperature of 'ner' must be a number above 0"),
        ("temperature", float("inf"), "temperature of 'ner'"),
        ("temperature", None, "temperature of 'ner'"),
        ("promise", "much", "promise of 'ner' must be what `tune` wrote"),
        ("incorrect_spans_key", 5, "incorrect_spans_key of 'ner'"),
        ("weights_key", "", "weights_key of 'ner'"),
    ],
)
def test_wrong_settings_are_told(trained, key, value, message):
    ner = trained.get_pipe("ner")
    before = dict(ner.cfg)
    with pytest.raises(ValueError, match=message):
        ner.cfg[key] = value
    with pytest.raises(ValueError, match=message):
        ner.cfg.update({key: value})
    assert ner.cfg == before and entities(trained(TRAIN[0][0])) == EXPECTED[0]
    ner.cfg = {**before, key: value}  # as find-threshold does
    with pytest.raises(ValueError, match=message):
        trained(TRAIN[0][0])


def test_settings_change_for_a_while(trained):
    ner = trained.get_pipe("ner")
    with pytest.raises(KeyError), ner.cfg.changed(threshold=1.0, confidence="off"):
        assert entities(trained(TRAIN[0][0])) == []
        raise KeyError
    assert in_force(trained) == DEFAULT


def test_a_threshold_beyond_what_is_computed_is_told(trained):
    ner = trained.get_pipe("ner")
    for key in ("threshold", "spans_threshold"):
        with pytest.warns(UserWarning, match=f"{key} of 'ner' is 0.001, and acts as 0.01"):
            ner.cfg[key] = 0.001


def test_a_promise_is_kept_beside_the_threshold(trained, tmp_path):
    promise = {"of": "recall", "at_least": 0.95, "confidence": None, "threshold": 0.123457}
    ner = trained.get_pipe("ner")
    ner.cfg.update({"threshold": 0.123457, "promise": promise})
    trained.to_disk(tmp_path / "one")
    other = spacy.blank("xx")
    other.add_pipe("ner", source=spacy.load(tmp_path / "one"))
    other.to_disk(tmp_path / "two")
    copies = [spacy.load(tmp_path / name) for name in ("one", "two")]
    copies += [pickle.loads(pickle.dumps(trained)), small_nlp().from_bytes(trained.to_bytes())]
    for copy in copies:
        assert copy.get_pipe("ner").cfg["promise"] == pytest.approx(promise)
        assert copy.config["components"]["ner"]["promise"] == copy.get_pipe("ner").cfg["promise"]
    # What was promised of one threshold does not follow another.
    changed = spacy.load(tmp_path / "one", config={"components.ner.threshold": 0.8})
    assert changed.get_pipe("ner").cfg["threshold"] == 0.8
    assert changed.get_pipe("ner").cfg["promise"]["threshold"] == pytest.approx(0.123457)


def test_a_threshold_given_to_load_stands_against_one_that_was_set(trained, tmp_path):
    """By the key that users write, in a pipeline whose own threshold was set by `cfg`."""
    trained.get_pipe("ner").cfg["threshold"] = 0.3
    trained.to_disk(tmp_path)
    loaded = spacy.load(tmp_path, config={"components.ner.threshold": 0.8})
    assert loaded.get_pipe("ner").cfg["threshold"] == 0.8
    assert loaded.config["components"]["ner"]["threshold"] == 0.8
