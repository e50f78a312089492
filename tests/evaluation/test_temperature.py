"""The temperature that makes gold tags most likely."""

import numpy as np
import pytest
from spacy.tokens import DocBin, Span
from spacy.training import Example

from spacy_bilstm_crf.evaluation.held_out import read_held_out
from spacy_bilstm_crf.evaluation.temperature import (
    TEMPERATURES,
    best_temperature,
    calibrate,
    sequence_losses,
)

from ..conftest import TRAIN, make_examples, predictions, small_nlp, train


def test_the_loss_is_that_of_the_distribution(trained):
    ner = trained.get_pipe("ner")
    examples = make_examples(trained)
    empty = trained.make_doc("")
    examples.insert(1, Example(empty, empty.copy()))
    found = sequence_losses(trained, "ner", examples, [0.5, 1.0])
    assert found.shape == (5, 2) and found[1].tolist() == [0.0, 0.0]
    # At temperature 1, among allowed sequences: the product of what n_best gives for all entities.
    for eg, loss in zip(examples, found[:, 1]):
        gold = {(ent.start, ent.end, ent.label_) for ent in eg.reference.ents}
        analyses = ner.n_best(eg.predicted, 20)
        own = [p for p, ents in analyses if {(e.start, e.end, e.label_) for e in ents} == gold]
        assert loss == pytest.approx(-np.log(own[0]), abs=1e-6)


def test_gold_entities_that_can_not_be_are_left_out(trained):
    def example(end):
        doc = trained.make_doc("Anna Smith \n sleeps .")
        doc.ents = [doc.char_span(0, end, label="PER")]
        return Example(trained.make_doc(doc.text), doc)

    possible, impossible = example(10), example(13)
    assert impossible.reference.ents[0][-1].is_space
    losses = sequence_losses(trained, "ner", [possible, impossible], [1.0])
    assert losses[0, 0] > 0.0 and losses[1, 0] == 0.0


def test_the_best_temperature_between_those_that_are_tried():
    # The loss of a share of right answers q that are given the log-odds x / T.
    x, q = 3.0, 0.8
    p = 1 / (1 + np.exp(-x / TEMPERATURES))
    loss = -(q * np.log(p) + (1 - q) * np.log(1 - p))
    assert best_temperature(loss[None]) == pytest.approx(x / np.log(q / (1 - q)), rel=5e-3)


@pytest.mark.parametrize("decoder", ["crf", "softmax"])
def test_calibration_of_a_pipeline_that_is_too_sure(dev, decoder):
    nlp = small_nlp(decoder=decoder)
    known = make_examples(nlp)
    nlp.initialize(lambda: known)
    train(nlp, known)
    ner = nlp.get_pipe("ner")
    held_out = read_held_out(nlp, ner, dev)
    found = calibrate(nlp, held_out, folds=4)
    assert found.temperature > 1.5 and ner.cfg["temperature"] == 1.0
    for key in ("expected_calibration_error", "brier_score", "log_loss", "sequence_loss"):
        assert found.after[key] < found.before[key]
    assert found.after["precision"] == found.before["precision"]
    before = predictions(nlp)
    losses = sequence_losses(nlp, "ner", held_out.examples, [1.0, found.temperature])
    ner.cfg["temperature"] = found.temperature
    assert predictions(nlp) == before
    # It does not matter at which temperature the pipeline is: the one that is found is absolute.
    assert calibrate(nlp, held_out, folds=4).temperature == found.temperature
    assert losses[:, 1].sum() < losses[:, 0].sum()


def test_unknown_annotation_is_summed_out(trained):
    eg = make_examples(trained)[0]
    eg.reference.set_ents([], default="missing")
    assert sequence_losses(trained, "ner", [eg], [1.0])[0, 0] == pytest.approx(0.0, abs=1e-9)


def test_entities_of_others_do_not_forbid_the_gold_ones(trained):
    examples = make_examples(trained)
    expected = sequence_losses(trained, "ner", examples, [1.0])
    ruler = trained.add_pipe("entity_ruler", before="ner")
    ruler.add_patterns([{"label": "PER", "pattern": "Paris"}])
    assert sequence_losses(trained, "ner", examples, [1.0]).tolist() == expected.tolist()


def test_what_can_not_be_calibrated(trained, dev, tmp_path):
    ner = trained.get_pipe("ner")
    held_out = read_held_out(trained, ner, dev)
    with pytest.raises(ValueError, match="at least 2 folds, got 1"):
        calibrate(trained, held_out, folds=1)
    one = held_out._replace(examples=held_out.examples[1:2], documents=np.zeros(1, dtype=int))
    with pytest.raises(ValueError, match="dev.spacy has one document"):
        calibrate(trained, one)
    docs = [eg.reference for eg in make_examples(trained, TRAIN)]
    DocBin(docs=docs).to_disk(tmp_path / "known.spacy")
    with pytest.raises(ValueError, match="the surer the better.*not trained on"):
        calibrate(trained, read_held_out(trained, ner, tmp_path / "known.spacy"))


def test_one_document_with_all_errors(trained, tmp_path):
    """Without it, a fold would be as sure as can be; all of them have a temperature."""
    docs = [eg.reference for eg in make_examples(trained, TRAIN)]
    wrong = docs[0].copy()
    wrong.set_ents([Span(wrong, ent.start, ent.end, "LOC") for ent in wrong.ents])
    DocBin(docs=[*docs, wrong]).to_disk(tmp_path / "dev.spacy")
    held_out = read_held_out(trained, trained.get_pipe("ner"), tmp_path / "dev.spacy")
    found = calibrate(trained, held_out, folds=len(docs) + 1)
    assert 1.0 < found.temperature < 8.0
    # Of that document nothing is learned, so that it is read at the surest of temperatures.
    assert found.after["sequence_loss"] > found.before["sequence_loss"]
