"""Weights of sentences in the loss, against losses of the sequences one by one."""

import warnings

import numpy as np
import pytest
from spacy.tokens import Doc, DocBin, Span, SpanGroup
from spacy.training import Example
from spacy.vocab import Vocab
from thinc.api import fix_random_seed

from spacy_bilstm_crf.pipeline.weights import token_weights
from spacy_bilstm_crf.training.corpus import SentenceRuns

from ..conftest import make_examples, small_nlp

WORDS = ["Anna", "Smith", "saw", "Paris", "It", "rained", "Jordan", "left", "early"]
STARTS = [0, 4, 6]
ENDS = [4, 6, 9]
ENTS = ["B-PER", "I-PER", "O", "B-LOC", "O", "O", "B-PER", "O", "O"]


def weighted_doc(vocab, weights, stretches=None, words=WORDS, **doc):
    doc = Doc(vocab, words=words, **doc)
    spans = [Span(doc, *stretch) for stretch in stretches or zip(STARTS, ENDS)]
    doc.spans["weights"] = SpanGroup(doc, attrs={"weights": weights}, spans=spans)
    return doc


def example(nlp, weights, **kwargs):
    marks = [i in STARTS for i in range(len(WORDS))]
    reference = weighted_doc(nlp.vocab, weights, ents=ENTS, sent_starts=marks, **kwargs)
    return Example(Doc(nlp.vocab, words=WORDS, sent_starts=marks), reference)


@pytest.fixture
def vocab():
    return Vocab()


@pytest.fixture
def loss_of(trained):
    """The loss of an example and its gradient for the emissions, by the component or without its
    weights."""
    ner = trained.get_pipe("ner")

    def compute(eg, key="weights"):
        ner.cfg["weights_key"] = key
        loss, gradient = ner.get_loss([eg], ner.model.predict([eg.predicted]))
        return loss, np.asarray(gradient.emissions)

    return compute


def test_no_weights_and_weights_of_one_change_no_bit(trained, loss_of):
    loss, gradient = loss_of(example(trained, [1.0, 1.0, 1.0]), key=None)
    for other in (
        loss_of(example(trained, [1.0, 1.0, 1.0])),
        loss_of(example(trained, [1, 1, 1])),
        loss_of(example(trained, [1.0], stretches=[(2, 4)])),
        loss_of(example(trained, []), key="other"),
    ):
        assert other[0] == loss and np.array_equal(other[1], gradient)


def test_each_sequence_counts_as_its_weight_says(trained, loss_of):
    alone = []  # the loss of each sentence by itself, three times as it is a third of all
    for left in range(3):
        one = example(trained, [float(i == left) for i in range(3)])
        alone.append(loss_of(one))
        start, end = STARTS[left], ENDS[left]
        gradient = alone[-1][1]
        assert np.abs(gradient[start:end]).max() > 1e-6
        assert not gradient[:start].any() and not gradient[end:].any()
        cut = example(trained, [])
        sentence = cut.reference[start:end].as_doc()
        words = Doc(trained.vocab, words=[t.text for t in sentence])
        expected, of_emissions = loss_of(Example(words, sentence), key=None)
        assert alone[-1][0] == pytest.approx(expected / 3, rel=1e-4)
        np.testing.assert_allclose(gradient[start:end], of_emissions / 3, rtol=1e-3, atol=1e-7)
    loss, gradient = loss_of(example(trained, [2.0, 0.25, 0.0]))
    assert loss == pytest.approx(2 * alone[0][0] + 0.25 * alone[1][0], rel=1e-5)
    expected = 2 * alone[0][1] + 0.25 * alone[1][1]
    np.testing.assert_allclose(gradient, expected, rtol=1e-3, atol=1e-7)


def test_a_weight_of_nothing_is_a_sequence_left_out_of_the_update(trained):
    """Its words, characters and transitions get no gradient from it."""
    ner = trained.get_pipe("ner")
    ner.cfg["weights_key"] = "weights"
    ner.update([example(trained, [0.0, 0.0, 0.0])])
    gradients = [g for node in ner.model.walk() for g in _gradients(node)]
    assert gradients and not any(np.any(g) for g in gradients)


def _gradients(node):
    for name in node.param_names:
        if node.has_grad(name):
            yield np.asarray(node.get_grad(name))
    for shim in node.shims:
        for parameter in shim._model.parameters():
            if parameter.grad is not None:
                yield parameter.grad.to_dense().numpy()


def test_joined_sentences_count_as_the_mean_of_their_tokens(trained, loss_of):
    eg = example(trained, [0.5, 2.0, 0.0])
    joined = Example(Doc(trained.vocab, words=WORDS), eg.reference)
    loss, gradient = loss_of(joined, key=None)
    mean = (4 * 0.5 + 2 * 2.0 + 3 * 0.0) / 9
    weighted, of_emissions = loss_of(joined)
    assert weighted == pytest.approx(mean * loss, rel=1e-6)
    np.testing.assert_allclose(of_emissions, mean * gradient, rtol=1e-3, atol=1e-7)


def test_incorrect_spans_count_as_their_sequence(trained, loss_of):
    trained.get_pipe("ner").cfg["incorrect_spans_key"] = "wrong"
    losses = {}
    for weights in ([1.0, 1.0, 1.0], [0.3, 0.0, 0.0], [0.0, 1.0, 1.0]):
        eg = example(trained, weights)
        eg.reference.set_ents([], missing=[eg.reference[:4]])
        eg.reference.spans["wrong"] = [Span(eg.reference, 3, 4, "LOC")]
        losses[weights[0]] = loss_of(eg)[0]
    assert losses[1.0] - losses[0.0] > 1e-3  # what the incorrect span costs
    assert losses[0.3] == pytest.approx(0.3 * (losses[1.0] - losses[0.0]), rel=1e-4)


def test_tokens_that_are_not_the_reference_s(vocab):
    reference = weighted_doc(vocab, [0.5, 0.2], [(0, 2), (2, 4)], words=["a", "b", "cd", "e"])
    predicted = Doc(vocab, words=["a", "bc", "d", "\n", "e"])
    aligned = token_weights([Example(predicted, reference)], "weights", name="ner")
    assert aligned == pytest.approx([0.5, 0.35, 0.2, 1.0, 0.2])
    same = Doc(vocab, words=["a", "b", "cd", "e"])
    both = token_weights(
        [Example(same, reference), Example(same, same.copy())], "weights", name="ner"
    )
    assert both == pytest.approx([0.5, 0.5, 0.2, 0.2, 1.0, 1.0, 1.0, 1.0])
    assert token_weights([Example(same, same)], "weights", name="ner") is None


def test_the_later_of_two_stretches_that_overlap_counts(vocab):
    doc = weighted_doc(vocab, [0.5, 0.2], [(0, 9), (1, 3)])
    assert token_weights([Example(doc, doc)], "weights", name="ner") == pytest.approx(
        [0.5, 0.2, 0.2, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]
    )


@pytest.mark.parametrize(
    "weights",
    [None, [1.0, 0.5], [1.0, -0.5, 1.0], [1, float("nan"), 1], [1, "x", 1], [[1], [2, 3]]],
)
def test_weights_that_are_none(trained, weights):
    eg = example(trained, weights)
    ner = trained.get_pipe("ner")
    ner.cfg["weights_key"] = "weights"
    before = ner.to_bytes()
    message = "'ner' has weights_key = 'weights'.*'Anna Smith saw Paris.*at least 0 for.* 3 spans"
    with pytest.raises(ValueError, match=message):
        trained.update([eg])
    del eg.reference.spans["weights"].attrs["weights"]
    with pytest.raises(ValueError, match=message):
        trained.update([eg])
    assert ner.to_bytes() == before


def test_a_weights_key_that_no_doc_has():
    nlp = small_nlp()
    nlp.get_pipe("ner").cfg["weights_key"] = "wieghts"
    examples = [*make_examples(nlp), example(nlp, [1.0, 0.5, 1.0])]
    with pytest.warns(UserWarning, match="weights_key = 'wieghts'.*misspelt"):
        nlp.initialize(lambda: examples)
    nlp.get_pipe("ner").cfg["weights_key"] = "weights"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nlp.initialize(lambda: examples)


def test_weights_outlive_files_and_runs_of_sentences(trained, tmp_path):
    doc = example(trained, [0.5, 0.25, 2.0]).reference
    DocBin(["ENT_IOB", "ENT_TYPE", "SENT_START"], docs=[doc]).to_disk(tmp_path / "train.spacy")
    for most, n_runs in [(8, 1), (2, 2), (1, 3)]:
        runs = list(SentenceRuns(tmp_path, max_sentences=most)(trained))
        found = [token_weights([eg], "weights", name="ner") for eg in runs]
        assert len(found) == n_runs
        assert np.concatenate(found) == pytest.approx([0.5] * 4 + [0.25] * 2 + [2.0] * 3)


def test_what_counts_less_teaches_less():
    """Of two annotations of the same words, that which counts more is learned."""
    texts = {"PER": "Nobody saw Jordan", "LOC": "Nobody saw Jordan"}
    for chosen in texts:
        nlp = small_nlp()
        nlp.get_pipe("ner").cfg["weights_key"] = "weights"
        examples = []
        for label, text in texts.items():
            words = text.split()
            weight = 1.0 if label == chosen else 0.1
            stretches = [(0, 3)]
            ents = ["O", "O", f"B-{label}"]
            reference = weighted_doc(nlp.vocab, [weight], stretches, words=words, ents=ents)
            examples.append(Example(Doc(nlp.vocab, words=words), reference))
        optimizer = nlp.initialize(lambda examples=examples: examples)
        optimizer.learn_rate = 0.01
        for _ in range(40):
            nlp.update(examples, sgd=optimizer)
        doc = nlp("Nobody saw Jordan")
        assert [ent.label_ for ent in doc.ents] == [chosen]
        assert doc.ents[0]._.confidence == pytest.approx(1 / 1.1, abs=0.03)


def test_gradients_that_gather_are_weighted_each(trained):
    """Two updates without an optimizer: each has its own weights and number of sequences."""
    ner = trained.get_pipe("ner")
    ner.cfg["weights_key"] = "weights"
    output = ner.model.get_ref("output_layer")

    def gradient(*weights):
        for name in ("W", "b"):
            output.set_grad(name, output.get_param(name) * 0)
        for own in weights:
            fix_random_seed(0)  # words are left out at random
            ner.update([example(trained, own)])
        return output.get_grad("b").copy()

    first, second = gradient([1.0, 0.0, 0.0]), gradient([0.0, 0.5, 2.0])
    assert np.abs(first).max() > 1e-6
    np.testing.assert_allclose(
        gradient([1.0, 0.0, 0.0], [0.0, 0.5, 2.0]), first + second, rtol=1e-4, atol=1e-8
    )


def test_rehearsal_knows_no_weights(trained):
    trained.resume_training()
    ner = trained.get_pipe("ner")
    losses = []
    for key in (None, "weights"):
        ner.cfg["weights_key"] = key
        fix_random_seed(0)
        losses.append(ner.rehearse([example(trained, [0.0, 0.0, 0.0])])["ner"])
    assert losses[0] == losses[1] > 0
