"""New labels on a trained model, and rehearsal against forgetting."""

import numpy as np
import pytest
import spacy
import torch
from spacy.tokens import Span
from spacy.training import Example
from thinc.api import Adam

from spacy_bilstm_crf.models.tag_distribution import TagDistribution

from ..conftest import TRAIN, entities, make_examples, predictions, small_nlp

pytestmark = pytest.mark.slow

NEW = [("It rained on Friday", {"entities": [(13, 19, "DATE")]})]


def weights_of(nlp):
    model = nlp.get_pipe("ner").model
    output = model.get_ref("output_layer")
    crf = model.get_ref("crf").shims[0]._model.chain
    arrays = {name: parameter.detach().numpy() for name, parameter in crf.named_parameters()}
    return {**arrays, "W": output.get_param("W"), "b": output.get_param("b")}


def test_add_label_keeps_what_the_model_knows(trained):
    before, expected = weights_of(trained), predictions(trained)
    before = {name: array.copy() for name, array in before.items()}
    ner = trained.get_pipe("ner")
    assert ner.add_label("DATE") == 1
    assert ner.labels == ("LOC", "PER", "DATE")
    after = weights_of(trained)
    for name, array in before.items():
        assert np.array_equal(after[name][tuple(slice(n) for n in array.shape)], array), name
    assert {array.shape[0] for array in after.values()} == {13}
    assert predictions(trained) == expected
    ner.add_label("ORG")
    assert predictions(trained) == expected


def test_a_new_label_is_learned_and_saved(trained, tmp_path):
    optimizer = trained.resume_training()
    optimizer.learn_rate = 0.01
    trained.update(make_examples(trained), sgd=optimizer)
    trained.get_pipe("ner").add_label("DATE")  # the optimizer stays in use
    examples = make_examples(trained, [*TRAIN, *NEW])
    for _ in range(60):
        trained.update(examples, sgd=optimizer)
    assert entities(trained(NEW[0][0])) == [(3, 4, "DATE")]
    trained.to_disk(tmp_path)
    assert entities(spacy.load(tmp_path)(NEW[0][0])) == [(3, 4, "DATE")]


@pytest.mark.parametrize("rehearse", [True, False])
def test_rehearsal_keeps_old_labels(trained, rehearse):
    """Without it, examples of the new label alone make the model forget the old ones."""
    texts = [text for text, _ in TRAIN]
    expected = predictions(trained)
    trained.get_pipe("ner").add_label("DATE")
    optimizer = trained.resume_training()
    optimizer.learn_rate = 0.02
    new = make_examples(trained, [*NEW, ("She came again", {"entities": []})])
    old = [Example(doc, doc) for doc in map(trained.make_doc, texts)]
    for _ in range(40):
        trained.update(new, sgd=optimizer)
        if rehearse:
            losses = trained.rehearse(old, sgd=optimizer)
            assert losses["ner"] >= 0.0
    assert (predictions(trained) == expected) == rehearse
    assert entities(trained(NEW[0][0])) == [(3, 4, "DATE")]


def test_rehearsal_does_not_deny_the_new_label(trained, tmp_path):
    """What the model before knew of a text says nothing about a label that it did not have."""
    expected = predictions(trained)
    trained.get_pipe("ner").add_label("DATE")
    trained.to_disk(tmp_path)
    trained = spacy.load(tmp_path)  # nor after saving
    optimizer = trained.resume_training()
    optimizer.learn_rate = 0.02
    new = make_examples(trained, NEW)
    raw = make_examples(trained, [(NEW[0][0], {}), *TRAIN])
    for _ in range(40):
        trained.update(new, sgd=optimizer)
        for _ in range(3):
            trained.rehearse(raw, sgd=optimizer)
    assert entities(trained(NEW[0][0])) == [(3, 4, "DATE")]
    assert predictions(trained) == expected


def test_rehearsal_reaches_every_weight(trained):
    """spaCy's `rehearse` gathers gradients before it applies them."""
    optimizer = trained.resume_training()
    model = trained.get_pipe("ner").model
    shims = [shim for node in model.walk() for shim in node.shims]

    def weights():
        return [p.detach().clone() for shim in shims for p in shim._model.parameters()]

    for node in model.walk():  # let the model go astray, so that there is something to rehearse
        if node.name == "linear":
            node.set_param("b", node.get_param("b") + np.arange(node.get_dim("nO"), dtype="f"))
    before = weights()
    trained.rehearse(make_examples(trained), sgd=optimizer)
    after = weights()
    assert len(after) > 10
    for one, other in zip(before, after, strict=True):
        assert not torch.equal(one, other)
    trained.update(make_examples(trained), sgd=optimizer)
    for one, other in zip(after, weights(), strict=True):
        assert not torch.equal(one, other)


def test_labels_added_one_after_another_start_alike(trained):
    ner = trained.get_pipe("ner")
    for label in ("A", "B", "C"):
        ner.add_label(label)
    biases = ner.model.get_ref("output_layer").get_param("b")
    assert len(set(biases[-12:].tolist())) == 1 and biases[-1] < biases[:-12].min()


def test_an_optimizer_of_its_own_after_another_vocabulary():
    """What is remembered of the word table's rows is of that table and that optimizer."""
    nlp = small_nlp()
    for data in (TRAIN[:1], TRAIN, TRAIN[:2]):
        nlp.initialize(lambda data=data: make_examples(nlp, data))
        optimizers = [Adam(0.01, L2=0.0, use_averages=False) for _ in range(2)]
        for optimizer in (optimizers[0], optimizers[0], optimizers[1], optimizers[0]):
            nlp.update(make_examples(nlp, data), sgd=optimizer)
    other = small_nlp()
    other.initialize(lambda: make_examples(other))
    other.from_bytes(nlp.to_bytes())
    nlp.from_bytes(other.to_bytes())
    nlp.update(make_examples(nlp, TRAIN[:2]), sgd=Adam(0.01, L2=0.0, use_averages=False))


def test_rehearsal_without_a_memory_does_nothing(trained):
    examples = make_examples(trained)
    before = trained.to_bytes()
    assert trained.get_pipe("ner").rehearse(examples) == {}
    assert trained.to_bytes() == before


def test_incorrect_spans_are_unlearned(trained):
    ner = trained.get_pipe("ner")
    ner.cfg["incorrect_spans_key"] = "wrong"
    text = TRAIN[0][0]
    reference = trained.make_doc(text)  # nothing else is known of it
    reference.spans["wrong"] = [Span(reference, 0, 2, "PER")]
    example = Example(trained.make_doc(text), reference)
    optimizer = trained.resume_training()
    optimizer.learn_rate = 0.01
    losses = []
    for _ in range(30):
        losses.append(trained.update([example], sgd=optimizer, losses={})["ner"])
    assert losses[-1] < losses[0]
    assert (0, 2, "PER") not in entities(trained(text))


def test_incorrect_spans_are_unlearned_however_sure_the_model_is(trained):
    ner = trained.get_pipe("ner")
    output = ner.model.get_ref("output_layer")
    for key in ("W", "b"):
        output.set_param(key, output.get_param(key) * 5.0)
    text = TRAIN[0][0]
    assert trained(text).ents[0]._.confidence > 1 - 1e-12
    ner.cfg["incorrect_spans_key"] = "wrong"
    reference = trained.make_doc(text)
    reference.spans["wrong"] = [Span(reference, 0, 2, "PER")]
    optimizer = trained.resume_training()
    optimizer.learn_rate = 0.05
    for _ in range(60):
        trained.update([Example(trained.make_doc(text), reference)], sgd=optimizer)
    assert (0, 2, "PER") not in entities(trained(text))


def test_the_loss_of_an_incorrect_span_is_exact(trained):
    """-log(1 - P(span)), with P from the span's own confidence."""
    ner = trained.get_pipe("ner")
    ner.cfg["incorrect_spans_key"] = "wrong"
    doc = trained.make_doc("Nobody saw Anna Smith in Paris")
    reference = trained.make_doc(doc.text)
    reference.spans["wrong"] = [Span(reference, 2, 4, "PER")]
    emissions = ner.model.predict([doc])
    loss, _ = ner.get_loss([Example(doc, reference)], emissions)
    del reference.spans["wrong"]
    base, _ = ner.get_loss([Example(doc, reference)], emissions)
    ner.cfg.update(confidence="spans", spans_threshold=0.0)
    read = trained(doc.copy())
    spans = read.spans["bilstm_crf_ner"]
    scores = {(s.start, s.end, s.label_): p for s, p in zip(spans, spans.attrs["scores"])}
    p = scores[2, 4, "PER"]
    assert loss - base == pytest.approx(-np.log1p(-p), rel=1e-4)


def test_rehearsal_teaches_no_label_that_was_not_trained(trained, monkeypatch):
    ner = trained.get_pipe("ner")
    ner.add_label("NEW")
    trained.resume_training()
    output = ner._rehearsal_model.get_ref("output_layer")
    bias = output.get_param("b").copy()
    bias[9:] = 100.0
    output.set_param("b", bias)
    taught = []
    log_prob = TagDistribution.log_prob

    def spy(self, tags, **kwargs):
        taught.extend(tags.tolist())
        return log_prob(self, tags, **kwargs)

    monkeypatch.setattr(TagDistribution, "log_prob", spy)
    ner.rehearse(make_examples(trained))
    assert max(taught) < 9 and max(taught) > 0
