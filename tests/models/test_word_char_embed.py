import warnings

import numpy as np
import pytest
import spacy
from spacy.attrs import ORTH
from spacy.tokens import Doc
from spacy.training.initialize import convert_vectors

from spacy_bilstm_crf.models import WordCharEmbed
from spacy_bilstm_crf.models.training_docs import offer_training_docs
from spacy_bilstm_crf.models.word_features import (
    _word,
    learn_vocabulary,
    type_features,
    types_of,
)
from spacy_bilstm_crf.torch_bridge.torch_layer import module_of


def make_docs(*texts, nlp=None):
    nlp = nlp or spacy.blank("xx")
    return [Doc(nlp.vocab, words=text.split()) for text in texts]


def word_types(docs, vocabulary):
    """The features of the docs' types, and the type of each token."""
    types, type_of = types_of(docs)
    return type_features(types, docs[0].vocab.strings, vocabulary), type_of


def test_words_are_folded_and_counted():
    docs = make_docs("The the 1996 1997 EU", "eu x")
    vocabulary, keys, _ = learn_vocabulary(docs, min_freq=1)
    types, type_of = word_types(make_docs("THE 2001 Eu y 20"), vocabulary)
    by_text = dict(zip("THE 2001 Eu y 20".split(), types.words[type_of].tolist()))
    assert (np.diff(vocabulary.words.astype(object)) > 0).all()
    assert len(vocabulary.words) == len(keys) == 4
    assert by_text["y"] == by_text["20"] == 0
    assert len({by_text["THE"], by_text["2001"], by_text["Eu"]}) == 3
    counts = types.counts[type_of].tolist()
    assert counts == [2, 2, 2, 0, 0]


def test_rare_words_can_be_left_out():
    vocabulary, _, _ = learn_vocabulary(make_docs("a a b"), min_freq=2)
    types, _ = word_types(make_docs("a b"), vocabulary)
    assert types.words.tolist().count(0) == 1


def test_the_row_of_a_word_does_not_depend_on_the_batch():
    docs = make_docs("c b a d", "b e")
    vocabulary, _, _ = learn_vocabulary(docs, min_freq=1)
    together, together_of = word_types(docs, vocabulary)
    alone, alone_of = word_types(docs[1:], vocabulary)
    assert together.words[together_of][4:].tolist() == alone.words[alone_of].tolist()
    assert len(together.words) == 5


def test_characters():
    vocabulary, _, _ = learn_vocabulary(make_docs("ab ba"), min_freq=1)
    types, _ = word_types(make_docs("ab zb"), vocabulary)
    assert sorted(map(tuple, types.chars.tolist())) == [(1, 3), (2, 3)]
    long = "a" * 100 + "b"
    types, _ = word_types(make_docs(long, nlp=None), vocabulary)
    assert types.chars.tolist() == [[2] * 31 + [3]]


def test_letter_case_classes():
    words = "1996 6-3 ... word WORD Word wOrd".split()
    vocabulary, _, _ = learn_vocabulary(make_docs(" ".join(words)), min_freq=1)
    types, type_of = word_types(make_docs(" ".join(words)), vocabulary)
    assert types.cases[type_of].tolist() == [0, 1, 2, 3, 4, 5, 6]


def test_words_that_are_symbols_of_spacy():
    # "ORG" and "DATE" have ids of their own in spaCy's string store.
    nlp = spacy.blank("xx")
    docs = make_docs("ORG DATE", nlp=nlp)
    vocabulary, keys, _ = learn_vocabulary(docs, min_freq=1)
    types, _ = word_types(docs, vocabulary)
    assert (types.words > 0).all()
    assert {own for own, _, _ in keys} == set(docs[0].to_array(ORTH).tolist())


def vectors_nlp():
    nlp = spacy.blank("xx")
    for i, word in enumerate(["paris", "London", "0000"], 1):
        nlp.vocab.set_vector(word, np.full(4, i, dtype="f"))
    return nlp


def initialized(nlp, *texts, **settings):
    model = WordCharEmbed(word_width=6, char_filters=5, case_width=2, **settings)
    model.initialize(X=make_docs(*texts, nlp=nlp))
    return model


def test_tuned_vectors_start_the_word_table():
    nlp = vectors_nlp()
    model = initialized(nlp, "Paris 1996 xyz", static_vectors="tuned")
    assert model.get_dim("nO") == 4 + 5 + 2
    (output,) = model.predict(make_docs("PARIS paris 2001 London nowhere", nlp=nlp))
    assert output[:4, :4].tolist() == [[1] * 4, [1] * 4, [3] * 4, [2] * 4]
    assert output[4, :4].tolist() == [0] * 4
    # London keeps its pretrained vector; Paris is tuned.
    table = module_of(model.get_ref("flat")).words.weight
    table.data += 1
    (output,) = model.predict(make_docs("paris London", nlp=nlp))
    assert output[:, :4].tolist() == [[2] * 4, [2] * 4]


def test_frozen_vectors_are_features():
    nlp = vectors_nlp()
    model = initialized(nlp, "Paris 1996 xyz", static_vectors="frozen")
    assert model.get_dim("nO") == 6 + 5 + 2 + 4
    (output,) = model.predict(make_docs("Paris London nowhere", nlp=nlp))
    assert output[:, -4:].tolist() == [[1] * 4, [2] * 4, [0] * 4]


WORDS = "paris 1 1 1 1\nLondon 2 2 2 2\n0000 3 3 3 3\n"
# The buckets of one word are all alike, so that its vector is known whatever its hashes are.
FLORET = "4 4 2 3 2 2166136261 < >\n" + "".join(f"{i} 2 2 2 2\n" for i in range(4))


@pytest.mark.parametrize(
    ("text", "mode", "expected"),
    [
        pytest.param(WORDS, "default", [1, 2, 3], id="GloVe"),
        pytest.param("3 4\n" + WORDS, "default", [1, 2, 3], id="word2vec and fastText"),
        pytest.param(FLORET, "floret", [2, 2, 2], id="floret"),
    ],
)
def test_vectors_by_spacy_init_vectors(text, mode, expected, tmp_path):
    (tmp_path / "vectors.txt").write_text(text)
    nlp = spacy.blank("xx")
    convert_vectors(nlp, tmp_path / "vectors.txt", truncate=0, prune=-1, mode=mode)
    for static_vectors, columns in [("tuned", slice(0, 4)), ("frozen", slice(-4, None))]:
        model = initialized(nlp, "Paris 2001", static_vectors=static_vectors)
        (output,) = model.predict(make_docs("Paris London 1996", nlp=nlp))
        expected_rows = np.repeat([expected], 4, axis=0).T
        np.testing.assert_allclose(output[:, columns], expected_rows, rtol=1e-6)


def test_auto_vectors():
    assert initialized(vectors_nlp(), "a", static_vectors="auto").get_dim("nO") == 11
    assert initialized(spacy.blank("xx"), "a", static_vectors="auto").get_dim("nO") == 13


@pytest.mark.parametrize("mode", ["tuned", "frozen"])
def test_vectors_of_width_0_are_an_error(mode):
    with pytest.raises(ValueError, match="no word vectors.*spacy init vectors"):
        initialized(spacy.blank("xx"), "a", static_vectors=mode)


def test_unknown_modes_are_errors():
    with pytest.raises(ValueError, match="static_vectors"):
        WordCharEmbed(static_vectors="yes")


def test_needs_docs():
    with pytest.raises(ValueError, match="docs"):
        WordCharEmbed().initialize(X=[])
    with pytest.raises(ValueError, match="initialize"):
        WordCharEmbed().predict(make_docs("a"))


def test_offered_docs_come_before_samples():
    model = WordCharEmbed()
    assert offer_training_docs(model, lambda: iter(make_docs("a b c", "d"))) == 1
    model.initialize(X=make_docs("z"))
    assert len(model.get_ref("flat").attrs["words"]) == 4


def test_word_dropout_falls_with_the_count():
    nlp = spacy.blank("xx")
    model = initialized(nlp, "seldom " + "often " * 99, word_dropout=1.0)
    docs = make_docs("seldom often " * 2000, nlp=nlp)
    module = module_of(model.get_ref("flat"))
    module.words.weight.data[:] = 1.0
    module.words.weight.data[0] = 0.0
    (output,), _ = model(docs, is_train=True)
    dropped = (output[:, 0] == 0).reshape(-1, 2).mean(axis=0)
    assert dropped.tolist() == pytest.approx([1 / 2, 1 / 100], abs=0.03)


def test_gradients_reach_the_tables():
    nlp = spacy.blank("xx")
    model = initialized(nlp, "a b", word_dropout=0.0)
    docs = make_docs("a b", "", "a", nlp=nlp)
    output, backprop = model(docs, is_train=True)
    assert [x.shape for x in output] == [(2, 13), (0, 13), (1, 13)]
    assert backprop([np.ones_like(x) for x in output]) == []
    grad = module_of(model.get_ref("flat")).words.weight.grad
    assert sorted(grad[:, 0].tolist()) == [0.0, 1.0, 2.0]


def test_long_words_are_not_kept_in_memory():
    docs = make_docs("a short " + "x" * 64, "y" * 65 + " z" * 3 + "z" * 100_000)
    vocabulary, _, _ = learn_vocabulary(docs, min_freq=1)
    before = _word.cache_info().currsize
    word_types(make_docs("new" + "y" * 62, "q" * 100_000), vocabulary)
    assert _word.cache_info().currsize == before
    types, _ = word_types(make_docs("new" + "y" * 61), vocabulary)
    assert _word.cache_info().currsize == before + 1
    assert types.words.tolist() == [0]
    assert word_types(docs[1:], vocabulary)[0].words.min() > 0


def test_words_of_the_sample_docs_alone_are_warned_of():
    nlp = spacy.blank("xx")
    docs = [nlp.make_doc(f"word{i}") for i in range(20)]
    with pytest.warns(UserWarning, match=r"from 10 sample docs.*learn_words.v1"):
        WordCharEmbed().initialize(X=docs[:10])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        WordCharEmbed().initialize(X=docs)
        offered = WordCharEmbed()
        offer_training_docs(offered, lambda: docs)
        offered.initialize(X=docs[:10])


def test_a_layer_that_is_initialized_twice_keeps_the_words_that_it_was_offered():
    nlp = spacy.blank("xx")
    docs = [nlp.make_doc(f"word{letter}") for letter in "abcdefghijklmnopqrst"]
    model = WordCharEmbed()
    offer_training_docs(model, lambda: docs)
    model.initialize(X=docs[:10])
    module = module_of(model.get_ref("flat"))
    model.initialize(X=docs[:10])
    assert module_of(model.get_ref("flat")) is module and len(module.words.weight) == 21
    model.begin_update(docs[:2])
    with pytest.warns(UserWarning, match="sample docs"):
        model.initialize(X=docs[:10])
    assert len(module_of(model.get_ref("flat")).words.weight) == 11
