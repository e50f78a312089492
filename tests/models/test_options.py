"""The options of the model: what each changes, and that pipelines learn with it."""

import numpy as np
import pytest
import spacy
import torch
from spacy.tokens import Doc
from thinc.api import set_dropout_rate

from spacy_bilstm_crf.models import BiLSTMCRF, WordCharEmbed
from spacy_bilstm_crf.nn import CharLSTM
from spacy_bilstm_crf.nn.segment_mean import segment_mean
from spacy_bilstm_crf.tags import OUTSIDE, ids_to_spans, repair

from ..conftest import EXPECTED, make_examples, predictions, small_nlp, train

WORD_CHAR = {"@architectures": "spacy_bilstm_crf.WordCharEmbed.v1"}


def fitted(steps=60, **model):
    nlp = small_nlp(**model)
    examples = make_examples(nlp)
    nlp.initialize(lambda: examples)
    train(nlp, examples, steps)
    return nlp


@pytest.mark.slow
@pytest.mark.parametrize(
    "model",
    [
        {"decoder": "softmax"},
        {"decoder": "greedy"},
        {"doc_memory": 0.5},
        {"doc_memory": 0.5, "depth": 2, "conv_layers": 1},
        {"depth": 0},
        {"depth": 0, "conv_layers": 1, "doc_memory": 0.5},
        {"embed": {**WORD_CHAR, "char_encoder": "lstm"}},
        {"embed": {**WORD_CHAR, "char_filters": 0, "case_width": 0}},
    ],
    ids=str,
)
def test_learns_and_is_the_same_after_loading(model, tmp_path):
    nlp = fitted(**model)
    assert predictions(nlp) == EXPECTED
    nlp.to_disk(tmp_path)
    again = spacy.load(tmp_path)
    docs = [nlp.make_doc("Anna saw Paris and Smith saw paris .")]
    for a, b in zip(
        nlp.get_pipe("ner").model.predict(docs).by_doc(),
        again.get_pipe("ner").model.predict(docs).by_doc(),
    ):
        assert np.array_equal(a, b)
    nlp.get_pipe("ner").add_label("NEW")
    assert predictions(nlp) == EXPECTED


@pytest.mark.parametrize(
    "name,trained,other",
    [("decoder", "crf", "greedy"), ("doc_width", 50, 0), ("char_window", 3, 5)],
)
def test_another_setting_than_in_training_is_refused(name, trained, other, tmp_path):
    fitted(steps=1, doc_memory=0.5, embed=WORD_CHAR).to_disk(tmp_path)
    inside = {"decoder": "", "doc_width": ".tok2vec", "char_window": ".tok2vec.embed"}
    place = f"components.ner.model{inside[name]}"
    with pytest.raises(ValueError, match=f"{name} = {trained!r}, and the config says {other!r}"):
        spacy.load(tmp_path, config={f"{place}.{name}": other})


def test_prediction_draws_no_random_numbers():
    nlp = fitted(steps=1, doc_memory=0.5)
    before = np.random.get_state()[1:3]
    nlp("Anna saw Paris and Smith saw paris .")
    after = np.random.get_state()[1:3]
    assert before[1] == after[1] and np.array_equal(before[0], after[0])


def test_one_direction_reads_no_token_ahead():
    model = fitted(steps=1, bidirectional=False).get_pipe("ner").model
    vocab = spacy.blank("xx").vocab
    one, other = (Doc(vocab, words=["Anna", "saw", word]) for word in ("Paris", "rain"))
    first, second = model.predict([one]).by_doc()[0], model.predict([other]).by_doc()[0]
    assert np.array_equal(first[:2], second[:2])
    assert not np.array_equal(first[2], second[2])


def argmax(crf, emissions):
    """The tags of one sequence."""
    length = np.array([len(emissions)])
    return crf.predict((emissions, length, length)).argmax().tolist()


class TestDecoder:
    def models(self, decoder):
        torch.manual_seed(0)
        nlp = fitted(steps=5, decoder=decoder)
        return nlp, nlp.get_pipe("ner").model.get_ref("crf")

    def test_softmax_is_cross_entropy(self):
        _, crf = self.models("softmax")
        emissions = torch.randn(7, 9)
        tags = np.array([0, 1, 3, 0, 4, 0, 0])
        lengths = np.array([4, 3])
        scores = crf.predict((emissions.numpy(), lengths, lengths)).with_gradient()
        mean = -scores.log_prob(tags).mean()
        leaf = emissions.requires_grad_()
        expected = torch.nn.functional.cross_entropy(leaf, torch.tensor(tags), reduction="sum") / 2
        assert mean.item() == pytest.approx(expected.item(), rel=1e-5)
        (gradient,) = torch.autograd.grad(expected, leaf)
        assert np.allclose(scores.gradient(mean).emissions, gradient.numpy(), atol=1e-5)

    @pytest.mark.parametrize("decoder", ["softmax", "greedy"])
    def test_transitions_stay_zero(self, decoder):
        nlp, crf = self.models(decoder)
        module = crf.shims[0]._model
        assert [float(p.abs().sum()) for p in module.parameters()] == [0.0, 0.0, 0.0]

    def test_greedy_takes_the_best_tag_of_each_token_and_softmax_a_allowed_sequence(self):
        # I-A L-A after O is forbidden; the best allowed sequence has the lower-scored B-A.
        emissions = np.full((3, 9), -5.0, dtype="f")
        emissions[0, OUTSIDE], emissions[1, 2], emissions[2, 3] = 5.0, 5.0, 5.0
        emissions[1, 1] = 4.0
        for decoder, expected in [("greedy", [0, 1, 3]), ("softmax", [0, 1, 3])]:
            assert argmax(self.models(decoder)[1], emissions) == expected
        emissions[2] = -5.0
        emissions[2, OUTSIDE] = 5.0  # O I-A O
        assert argmax(self.models("greedy")[1], emissions) == [0, 4, 0]
        assert argmax(self.models("softmax")[1], emissions) == [0, 0, 0]

    def test_greedy_begins_and_ends_no_entity_where_that_is_ruled_out(self):
        # Two tokens of white space, which may stand within an entity only.
        emissions = np.full((5, 9), -5.0, dtype="f")
        emissions[:, 2] = 5.0  # I-A throughout
        emissions[[0, 1, 4]] = -5.0
        emissions[0, 2] = emissions[1, 2] = emissions[4, 2] = 5.0
        for token in (0, 1, 4):
            emissions[token, [1, 3, 4, 5, 7, 8]] = -np.inf
        crf = self.models("greedy")[1]
        assert argmax(crf, emissions) == [0, 0, 1, 3, 0]

    def test_unknown(self):
        with pytest.raises(ValueError, match="decoder"):
            BiLSTMCRF(WordCharEmbed(), decoder="viterbi")


def test_repair_finds_entities_as_conlleval_does():
    chance = np.random.default_rng(0)
    for _ in range(200):
        ids = chance.integers(0, 9, 6)
        first = np.array([True, False, False, True, False, False])
        found = []
        spans = ids_to_spans(repair(ids, first))
        for start, end, label in zip(*spans):
            found.append((int(start), int(end), int(label)))
        assert found == conlleval(ids, first)
        assert np.array_equal(repair(repair(ids, first), first), repair(ids, first))


def conlleval(ids, first):
    """Spans by the script's endOfChunk and startOfChunk, token by token."""
    spans, start = [], None
    tags = [("O", None) if i == 0 else ("BILU"[(i - 1) % 4], (i - 1) // 4) for i in ids]
    for i, (prefix, label) in enumerate(tags):
        before = ("O", None) if first[i] else tags[i - 1]
        ends = before[0] in "LU" or before[1] != label or prefix in "BOU"
        if start is not None and (ends or first[i]):
            spans.append((start, i, tags[start][1]))
            start = None
        if prefix != "O" and start is None:
            start = i
    if start is not None:
        spans.append((start, len(ids), tags[start][1]))
    return spans


class TestDocMemory:
    def test_group_means(self):
        states = torch.tensor([[1.0, 0.0], [5.0, 5.0], [3.0, 2.0]])
        assert segment_mean(states, torch.tensor([0, 1, 0])).tolist() == [[2.0, 1.0], [5.0, 5.0]]

    def test_a_word_hears_of_itself_in_its_own_doc_only(self):
        nlp = fitted(steps=5, doc_memory=0.5, doc_width=0)
        model, vocab = nlp.get_pipe("ner").model, nlp.vocab

        def sentences(*texts):
            words = [text.split() for text in texts]
            starts = [i == 0 for sentence in words for i in range(len(sentence))]
            return Doc(vocab, words=sum(words, []), sent_starts=starts)

        doc = sentences("JORDAN fell", "Nobody saw Jordan", "it rained")
        alone = sentences("JORDAN fell"), sentences("Nobody saw Jordan"), sentences("it rained")
        together, apart = (
            model.predict([doc]).by_doc()[0],
            np.concatenate(model.predict(list(alone)).by_doc()),
        )
        differs = np.abs(together - apart).max(axis=1) > 1e-6
        assert differs.tolist() == [True, False, False, False, True, False, False]

    def test_every_token_hears_of_its_doc(self):
        nlp = fitted(steps=5, doc_memory=0.5, doc_width=3)
        model, vocab = nlp.get_pipe("ner").model, nlp.vocab
        words, other = "It rained .".split(), "Jordan saw Paris .".split()
        docs = []
        for more in ([], other, other[::-1]):
            starts = [i in (0, 3) for i in range(3 + len(more))]
            docs.append(Doc(vocab, words=words + more, sent_starts=starts))
        alone, beside, reordered = (rows[:3] for rows in model.predict(docs).by_doc())
        assert (np.abs(alone - beside).max(axis=1) > 1e-6).all()
        # What the rest of the doc is about counts, not its order: the full stops' states differ.
        assert np.allclose(beside[:2], reordered[:2], atol=1e-6)

    def test_gradient(self):
        """The analytic gradient of the emissions for the weights is the numeric one."""
        nlp = fitted(steps=1, doc_memory=0.5)
        model = nlp.get_pipe("ner").model
        set_dropout_rate(model, 0.0)
        encoder = model.get_ref("tok2vec").get_ref("encoder").shims[0]._model.double()
        x = torch.randn(4, encoder.settings["input_width"], dtype=torch.float64)
        x.requires_grad_()
        from spacy_bilstm_crf.batching.layout import Layout

        layout = Layout(np.array([2, 1, 1]), torch.device("cpu"))
        doc_of, word_of = torch.tensor([0, 0, 0, 1]), torch.tensor([0, 1, 0, 2])
        assert torch.autograd.gradcheck(
            lambda x: encoder((x, None, None, None), layout, doc_of, word_of), x
        )


class TestCharLSTM:
    def test_a_word_does_not_depend_on_its_padding(self):
        torch.manual_seed(0)
        module = CharLSTM(9, 4, 6)
        short = torch.tensor([[3, 4, 5]])
        padded = torch.tensor([[3, 4, 5, 0, 0], [1, 2, 3, 4, 5]])
        torch.testing.assert_close(module(short)[0], module(padded)[0])
        assert module(short).shape == (1, 6)

    def test_each_half_reads_its_own_way(self):
        """The forward half is an LSTM's last state over the word, the other one's over the
        reversed word."""
        torch.manual_seed(0)
        module = CharLSTM(9, 4, 6)
        chars = torch.tensor([[3, 4, 5, 6]])
        x = module.embedding(chars)
        forward = module.encoder.forward_layers[0](x)[1][0][0]
        backward = module.encoder.backward_layers[0](x.flip(1))[1][0][0]
        torch.testing.assert_close(module(chars), torch.cat([forward, backward], dim=1))

    def test_errors(self):
        with pytest.raises(ValueError, match="even"):
            CharLSTM(9, 4, 5)
        with pytest.raises(ValueError, match="char_encoder"):
            WordCharEmbed(char_encoder="rnn")


def test_docs_that_do_not_recall_hear_of_their_sequences_only():
    from spacy_bilstm_crf.models.bilstm_tok2vec import _groups

    vocab = spacy.blank("xx").vocab
    docs = [Doc(vocab, words=words.split()) for words in ("a b A c", "A a", "a")]
    lengths = np.array([2, 2, 2, 1])

    def groups(*recalls):
        doc_of, found = _groups(docs, lengths, np.array(recalls))
        assert doc_of.tolist() == [0, 0, 0, 0, 1, 1, 2] if recalls[0] else [1, 1, 2, 2, 0, 0, 3]
        return [[i for i in range(7) if found[i] == n] for n in range(found.max() + 1)]

    assert sorted(groups(True, True, True)) == [[0, 2], [1], [3], [4, 5], [6]]
    assert sorted(groups(False, True, False)) == [[0], [1], [2], [3], [4, 5], [6]]
