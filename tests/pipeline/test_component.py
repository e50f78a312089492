"""What a trainable spaCy component owes: training, prediction, labels, scores."""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest
import spacy
import torch
from spacy.cli import app
from spacy.errors import Errors
from spacy.tokens import Doc, Span
from spacy.training import Example
from thinc.api import Adam, fix_random_seed, set_dropout_rate
from typer.testing import CliRunner

from spacy_bilstm_crf.cli import cli
from spacy_bilstm_crf.models.tag_distribution import TagDistribution

from ..conftest import (
    EXPECTED,
    TRAIN,
    entities,
    make_examples,
    predictions,
    small_nlp,
    train,
)

invoke = CliRunner().invoke
SAMPLE = Path(__file__).parents[2] / "configs" / "sample.cfg"


def initialized(examples_of=make_examples, **model):
    nlp = small_nlp(**model)
    examples = examples_of(nlp)
    nlp.initialize(lambda: examples)
    return nlp, examples


@pytest.mark.slow
def test_overfits_with_the_default_config():
    nlp = spacy.blank("xx")
    nlp.add_pipe("bilstm_crf_ner")
    examples = make_examples(nlp)
    optimizer = nlp.initialize(lambda: examples)
    for _ in range(80):
        losses = nlp.update(examples, sgd=optimizer, losses={})
    assert losses["bilstm_crf_ner"] < 0.1
    assert predictions(nlp) == EXPECTED
    assert nlp.evaluate(examples)["ents_f"] == 1.0


def test_labels_come_from_the_examples_sorted():
    nlp, _ = initialized()
    ner = nlp.get_pipe("ner")
    assert ner.labels == ("LOC", "PER")
    assert ner.label_data == ["LOC", "PER"]
    assert ner.model.get_dim("nO") == 9


def test_labels_can_be_given_as_init_labels_saves_them():
    nlp = small_nlp()
    ner = nlp.get_pipe("ner")
    ner.initialize(lambda: make_examples(nlp), nlp=nlp, labels=["PER", "LOC", "ORG"])
    assert ner.labels == ("PER", "LOC", "ORG")


def test_add_label():
    nlp = small_nlp()
    ner = nlp.get_pipe("ner")
    assert ner.add_label("ORG") == 1
    assert ner.add_label("ORG") == 0
    assert "ORG" in nlp.vocab.strings
    nlp.initialize(lambda: make_examples(nlp))
    assert set(ner.labels) == {"ORG", "PER", "LOC"}
    for bad in (5, "", None):
        with pytest.raises(ValueError, match="label"):
            ner.add_label(bad)


def test_the_model_size_in_the_config_bounds_the_labels():
    nlp = small_nlp(nO=5)
    ner = nlp.get_pipe("ner")
    ner.add_label("PER")
    with pytest.raises(ValueError, match="says 5 tags, 1 labels"):
        ner.add_label("LOC")


def test_a_model_size_that_does_not_fit_the_labels_is_an_error():
    nlp = small_nlp(nO=13)
    with pytest.raises(ValueError, match="13 tags, but 2 labels need 9"):
        nlp.initialize(lambda: make_examples(nlp))


def test_initialize_without_examples():
    nlp = small_nlp()
    with pytest.raises(TypeError):
        nlp.get_pipe("ner").initialize(None)
    nlp.get_pipe("ner").add_label("PER")
    with pytest.warns(UserWarning, match="no words but those of 'x y z'.*with all examples"):
        nlp.initialize()
    examples = make_examples(nlp)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nlp.initialize(lambda: examples)
        nlp.initialize(lambda: examples[:1])


def test_without_labels_nothing_is_found():
    nlp = small_nlp()
    no_entities = make_examples(nlp, [TRAIN[3]])
    with pytest.warns(UserWarning, match="no labels: the training data has no entities"):
        nlp.initialize(lambda: no_entities)
    ner = nlp.get_pipe("ner")
    assert train(nlp, no_entities, steps=3)[-1] == pytest.approx(0.0)
    for confidence in ("off", "entities", "spans"):
        ner.cfg["confidence"] = confidence
        doc = nlp(TRAIN[0][0])
        assert {token.ent_iob_ for token in doc} == {"O"}
    assert doc.spans["bilstm_crf_ner"].attrs["scores"].shape == (0,)
    assert ner.n_best(doc) == [(1.0, [])]
    with pytest.raises(ValueError, match="label 'LOC'"):
        nlp.update(make_examples(nlp))
    ner.add_label("LOC")
    ner.add_label("PER")
    again = small_nlp().from_bytes(nlp.to_bytes())
    assert predictions(again) == [[]] * len(TRAIN)
    train(again, make_examples(again), steps=80)
    assert predictions(again) == EXPECTED


def test_data_without_entities_for_labels_that_are_given():
    nlp = small_nlp()
    nlp.get_pipe("ner").add_label("PER")
    no_entities = make_examples(nlp, [TRAIN[3]])
    nlp.initialize(lambda: no_entities)
    assert train(nlp, no_entities, steps=20)[-1] < 0.1
    assert entities(nlp("Anna Smith")) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("threshold", [None, 0.0])
def test_before_training_nothing_is_found(seed, threshold, trained, tmp_path):
    fix_random_seed(seed)
    nlp, examples = initialized()
    nlp.get_pipe("ner").cfg.update(threshold=threshold, confidence="spans")
    doc = nlp.make_doc(TRAIN[0][0])
    doc.set_ents([Span(doc, 0, 1, "PER")], blocked=[doc[1:2]], default="missing")
    assert entities(nlp(doc)) == [(0, 1, "PER")]
    nlp.to_disk(tmp_path)
    for untrained in (nlp, spacy.load(tmp_path)):
        assert predictions(untrained) == [[]] * len(TRAIN)
    # Weights that are trained are not hindered by those that were not.
    expected = predictions(trained)
    assert predictions(nlp.from_bytes(trained.to_bytes())) == expected
    nlp.get_pipe("ner").cfg["threshold"] = None
    nlp.initialize(lambda: examples)
    train(nlp, examples, steps=60)
    assert predictions(nlp) == EXPECTED


def test_an_incorrect_spans_key_that_no_doc_has():
    nlp = small_nlp()
    nlp.get_pipe("ner").cfg["incorrect_spans_key"] = "worng"
    examples = make_examples(nlp)
    examples[2].reference.spans["wrong"] = []
    with pytest.warns(UserWarning, match="'worng'.*misspelt"):
        nlp.initialize(lambda: examples)
    nlp.get_pipe("ner").cfg["incorrect_spans_key"] = "wrong"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nlp.initialize(lambda: examples)


def known_words(nlp):
    embed = nlp.get_pipe("ner").model.get_ref("tok2vec").get_ref("embed")
    return embed.get_ref("flat").attrs["words"]


def test_initialize_twice_starts_anew():
    nlp, _ = initialized()
    other = make_examples(nlp, [("Oslo is cold", {"entities": [(0, 4, "LOC")]})])
    nlp.initialize(lambda: other)
    assert len(known_words(nlp)) == 3


def test_an_uninitialized_component_says_so():
    nlp = small_nlp()
    expected = Errors.E109.format(name="ner")
    with pytest.raises(ValueError) as error:
        nlp("Anna Smith")
    assert str(error.value) == expected
    with pytest.raises(ValueError, match="initialize"):
        nlp.update(make_examples(nlp))


def test_the_vocabulary_is_that_of_all_examples():
    # spaCy's own components see ten examples at initialization.
    data = [(f"word{chr(97 + i)} Smith", {"entities": [(6, 11, "PER")]}) for i in range(20)]
    nlp, _ = initialized(lambda nlp: make_examples(nlp, data))
    assert len(known_words(nlp)) == 21


def test_empty_docs(trained):
    assert entities(trained("")) == []
    texts = ["", TRAIN[0][0], "", TRAIN[1][0], ""]
    assert [entities(doc) for doc in trained.pipe(texts)] == [[], EXPECTED[0], [], EXPECTED[1], []]
    assert [
        len(reading.entities.starts)
        for reading in trained.get_pipe("ner").predict([trained.make_doc("")] * 2)
    ] == [
        0,
        0,
    ]
    assert trained.get_pipe("ner").predict([]) == []


def test_update_with_empty_docs():
    nlp, examples = initialized()
    empty = make_examples(nlp, [("", {"entities": []})])
    assert nlp.update(empty, sgd=nlp.create_optimizer(), losses={}) == {"ner": 0.0}
    mixed = [*empty, examples[0], *empty, examples[1]]
    assert train(nlp, mixed, steps=40)[-1] < 0.1
    assert entities(nlp(TRAIN[0][0])) == EXPECTED[0]


def test_update_without_an_optimizer_accumulates():
    embed = {"@architectures": "spacy_bilstm_crf.WordCharEmbed.v1", "word_dropout": 0.0}
    nlp, examples = initialized(embed=embed)
    ner = nlp.get_pipe("ner")
    output = ner.model.get_ref("output_layer")
    ner.update(examples)
    first = output.get_grad("W").copy()
    transitions = ner.model.get_ref("crf").shims[0]._model.chain.transitions
    d_first = transitions.grad.clone()
    ner.update(examples)
    np.testing.assert_allclose(output.get_grad("W"), 2 * first, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(transitions.grad, 2 * d_first, rtol=1e-3, atol=1e-5)


def test_get_loss_agrees_with_finite_differences():
    nlp, examples = initialized()
    ner = nlp.get_pipe("ner")
    scores = ner.model.predict([eg.predicted for eg in examples])
    loss, gradient = ner.get_loss(examples, scores)
    direction = np.random.standard_normal(scores.emissions.shape).astype("f")

    def moved(step):
        emissions = scores.emissions + step * torch.from_numpy(direction)
        return TagDistribution(scores.crf, emissions, scores.lengths, scores.doc_lengths)

    step = 1e-2
    up, _ = ner.get_loss(examples, moved(step))
    down, _ = ner.get_loss(examples, moved(-step))
    expected = float((gradient.emissions * direction).sum())
    assert (up - down) / (2 * step) == pytest.approx(expected, rel=1e-2)


def test_get_loss_is_the_same_each_time():
    nlp, examples = initialized(join=0.9)
    ner = nlp.get_pipe("ner")
    scores = ner.model.predict([eg.predicted for eg in examples])
    assert len({ner.get_loss(examples, scores)[0] for _ in range(5)}) == 1


def test_update_takes_false_for_no_optimizer():
    nlp, examples = initialized()
    assert nlp.get_pipe("ner").update(examples, sgd=False)["ner"] > 0


def test_missing_annotation_is_not_outside():
    nlp = small_nlp()
    text = "Anna Smith met Paul Jones"
    reference = nlp.make_doc(text)
    # Nothing is said about "Paul Jones" here, but another example knows him.
    reference.set_ents([Span(reference, 0, 2, "PER")], outside=[reference[2:3]], default="missing")
    partial = Example(nlp.make_doc(text), reference)
    known = make_examples(nlp, [("Paul Jones slept", {"entities": [(0, 10, "PER")]})])
    nlp.initialize(lambda: [partial, *known])
    assert train(nlp, [partial, *known], steps=60)[-1] < 0.1
    assert entities(nlp(text)) == [(0, 2, "PER"), (3, 5, "PER")]
    ner = nlp.get_pipe("ner")
    doc = nlp.make_doc(text)
    outside = Example(doc, Doc(nlp.vocab, words=text.split(), ents=["O"] * 5))
    scores = ner.model.predict([doc])
    assert ner.get_loss([Example(doc, nlp.make_doc(text))], scores)[0] < 0.1
    assert ner.get_loss([outside], scores)[0] > 5


def test_an_entity_across_a_sentence_mark():
    nlp = small_nlp()
    words = "Nobody saw Jordan Smith here".split()
    reference = Doc(nlp.vocab, words=words, ents=["", "O", "B-PER", "I-PER", "O"])
    marked = Doc(nlp.vocab, words=words, sent_starts=[True, False, False, True, False])
    example = Example(marked, reference)
    nlp.initialize(lambda: [example])
    assert train(nlp, [example], steps=40)[-1] < 0.1


def test_a_label_that_is_not_known_is_an_error():
    nlp, examples = initialized()
    other = make_examples(nlp, [("Oslo", {"entities": [(0, 4, "CITY")]})])
    with pytest.raises(ValueError, match="'CITY'.*LOC, PER"):
        nlp.update(other)


def test_a_loss_that_is_not_finite_is_an_error():
    nlp, examples = initialized()
    ner = nlp.get_pipe("ner")
    bias = ner.model.get_ref("output_layer").get_param("b")
    good = bias.copy()
    bias[:] = np.nan
    optimizer = nlp.create_optimizer()
    with pytest.raises(ValueError, match="loss of 'ner' is nan.*learning rate"):
        nlp.update(examples, sgd=optimizer)
    # No gradient of it is left behind.
    bias[:] = good
    assert np.isfinite(train(nlp, examples, steps=2)).all()


def test_entities_on_the_doc_stay(trained):
    doc = trained.make_doc(TRAIN[0][0])
    doc.ents = [Span(doc, 1, 4, "RULE")]
    assert entities(trained(doc)) == [(1, 4, "RULE"), (4, 5, "LOC")]


def test_no_entity_begins_or_ends_with_white_space():
    nlp = small_nlp()
    text = "   \n\n Anna \n Smith \t "
    reference = nlp.make_doc(text)
    reference.ents = [Span(reference, 0, len(reference), "PER")]
    examples = [Example(nlp.make_doc(text), reference)]
    nlp.initialize(lambda: examples)
    train(nlp, examples, steps=30)
    assert [ent.text.strip() for ent in nlp("   ").ents] == []
    for ent in nlp(text).ents:
        assert ent.text == ent.text.strip()


def test_blocked_tokens_stay_blocked(trained):
    ours, theirs = (trained.make_doc(TRAIN[0][0]) for _ in range(2))
    for doc in (ours, theirs):
        doc.set_ents([], blocked=[doc[0:2], doc[3:4]], default="missing")
    assert entities(trained(ours)) == [(4, 5, "LOC")]
    # As spaCy's set_ents leaves it when nothing is predicted there.
    theirs.set_ents([Span(theirs, 4, 5, "LOC")], blocked=[theirs[0:2], theirs[3:4]])
    assert [t.ent_iob for t in ours] == [t.ent_iob for t in theirs] == [3, 3, 2, 3, 3, 2]


def test_tokens_outside_entities_are_marked_outside(trained):
    doc = trained(TRAIN[3][0])
    assert doc.has_annotation("ENT_IOB")
    assert {token.ent_iob_ for token in doc} == {"O"}


def test_scores_are_those_of_spacy_and_seqeval(trained):
    from seqeval.metrics import f1_score

    gold = ["Anna Smith saw Paris", "Jordan rained", "Paris Smith is far"]
    data = [
        (gold[0], {"entities": [(0, 10, "PER"), (15, 20, "LOC")]}),
        (gold[1], {"entities": [(0, 6, "LOC")]}),
        (gold[2], {"entities": [(0, 11, "PER")]}),
    ]
    scores = trained.evaluate(make_examples(trained, data))
    predicted, true = [], []
    for text, annotation in data:
        reference = trained.make_doc(text)
        reference.ents = [reference.char_span(*span) for span in annotation["entities"]]
        for doc, rows in ((trained(text), predicted), (reference, true)):
            rows.append([t.ent_iob_ + (f"-{t.ent_type_}" if t.ent_type_ else "") for t in doc])
    assert 0 < scores["ents_f"] < 1
    assert scores["ents_f"] == pytest.approx(f1_score(true, predicted))
    assert set(scores["ents_per_type"]) <= {"PER", "LOC"}


def test_incomplete_data_keeps_unlabelled_examples_out_of_the_score(trained):
    examples = make_examples(trained)
    examples.append(Example(trained.make_doc("Paris"), trained.make_doc("Paris")))
    assert trained.evaluate(examples)["ents_f"] == 1.0


def test_a_dropout_in_the_config_stands():
    nlp, _ = initialized(dropout=0.4)
    model = nlp.get_pipe("ner").model
    set_dropout_rate(model, 0.0)
    model.begin_update([nlp.make_doc("Anna Smith")])
    encoder = model.get_ref("tok2vec").get_ref("encoder").shims[0]._model.encoder
    assert encoder.dropout.rate == 0.4


def test_training_goes_the_same_way_with_the_same_seed():
    runs = []
    for _ in range(2):
        fix_random_seed(3)
        nlp, examples = initialized()
        runs.append(train(nlp, examples, steps=5, drop=0.3))
    assert runs[0] == runs[1]


def test_init_labels_of_spacy(tmp_path):
    invoke(cli, ["sample", str(tmp_path / "columns")])
    invoke(cli, ["convert", str(tmp_path / "columns"), str(tmp_path / "binary")])
    overrides = [
        "--paths.train",
        str(tmp_path / "binary" / "train.spacy"),
        "--paths.dev",
        "x.spacy",
    ]
    command = ["init", "labels", str(SAMPLE), str(tmp_path / "labels"), *overrides]
    assert invoke(app, command).exit_code == 0
    labels = json.loads((tmp_path / "labels" / "bilstm_crf_ner.json").read_text())
    assert labels == ["LOC", "MISC", "ORG", "PER"]


def test_words_are_forgotten_with_a_memory_zone_and_when_weights_change(trained, tmp_path):
    trained.to_disk(tmp_path)
    nlp = spacy.load(tmp_path)
    model = nlp.get_pipe("ner").model
    shims = [shim for node in model.walk() for shim in node.shims]
    caches = [s._model.cache for s in shims if hasattr(s._model, "cache")]
    assert len(caches) == 2

    def kept():
        return [cache._content is not None for cache in caches]

    with nlp.memory_zone():
        assert predictions(nlp) == EXPECTED
        assert all(kept())
    assert not any(kept())
    assert predictions(nlp) == EXPECTED and all(kept())
    examples = make_examples(nlp)
    optimizer = Adam(0.05)
    before = np.concatenate([scores.ravel() for scores in predict_scores(nlp, examples)])
    nlp.update(examples, sgd=optimizer)
    assert not any(kept())
    after = predict_scores(nlp, examples)
    assert np.abs(np.concatenate([scores.ravel() for scores in after]) - before).max() > 1e-3
    again = spacy.blank("xx")
    again.add_pipe("ner", source=nlp)
    for own, other in zip(after, predict_scores(again, examples)):
        np.testing.assert_array_equal(own, other)


def predict_scores(nlp, examples):
    return nlp.get_pipe("ner").model.predict([eg.predicted for eg in examples]).by_doc()
