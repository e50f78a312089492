"""A linear classifier of texts over word n-grams, each as heavy as it tells labels apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import LOWER
from spacy.ml.extract_ngrams import extract_ngrams
from spacy.ml.models.textcat import NEG_VALUE, resize_and_set_ref
from spacy.tokens import Doc
from thinc.api import (
    Logistic,
    Model,
    chain,
    resizable,
    softmax_activation,
    with_cpu,
)
from thinc.layers.resizable import resize_linear_weighted
from thinc.types import Floats2d

from .sparse_linear import Features, sparse_linear
from .training_docs import LEARNS_FROM_DOCS, begin_anew, take_training_docs

# Keys that are counted at once: what bounds the memory.
_CHUNK = 5_000_000


def NaiveBayesNgrams(
    exclusive_classes: bool,
    ngram_size: int = 3,
    min_freq: int = 2,
    no_output_layer: bool = False,
    nO: int | None = None,
) -> Model[list[Doc], Floats2d]:
    """Classify texts by their word n-grams (spacy_bilstm_crf.NaiveBayesNgrams.v1):
    `spacy.TextCatBOW.v3`, in which an n-gram that a text has does not count as 1, but as the
    logarithm of how much more often it stands in the texts with a label than in those without, the
    largest over labels (NB-SVM: Wang and Manning 2012, https://aclanthology.org/P12-2018). What
    says nothing of labels is not learned by heart.

    The ratios are those of the training data, counted at initialization and stored with the model:
    a config needs `learn_words.v1` in [initialize.before_init].

    exclusive_classes: whether a text has exactly one label.
    ngram_size: words of the longest n-gram. Words are lower-cased.
    min_freq: n-grams that fewer training texts have are not read.
    no_output_layer: give scores instead of probabilities.
    nO: the number of labels, null to take it from the training data.
    RETURNS: a model from docs to arrays of shape (docs, labels).
    RAISES: ValueError if a size is less than 1, and at initialization if no doc has labels.
    """
    if min(ngram_size, min_freq) < 1:
        raise ValueError(
            "ngram_size and min_freq of NaiveBayesNgrams must be at least 1, got "
            f"{(ngram_size, min_freq)}."
        )
    # As in spacy/ml/models/textcat.py, _build_bow_text_classifier.
    linear = sparse_linear(nO)
    fill = {"b": 0 if no_output_layer else NEG_VALUE, "W": 0}
    resizable_layer: Model[Any, Any] = resizable(
        linear, resize_layer=partial(resize_linear_weighted, fill_defaults=fill)
    )
    extract = extract_ngrams(ngram_size, attr=LOWER)
    weigh: Model[Any, Any] = Model(
        "naive_bayes",
        _forward,
        init=partial(_init, extract, linear, min_freq),
        attrs={"keys": None, "ratios": None, **LEARNS_FROM_DOCS},
    )
    # The layer that weighs is shown docs when it is initialized, and gets n-grams.
    features: Model[Any, Any] = Model(
        "naive_bayes_ngrams", _features, init=_init_features, layers=[extract, weigh]
    )
    model: Model[Any, Any] = chain(features, resizable_layer)
    if not no_output_layer:
        output: Model[Any, Any] = softmax_activation() if exclusive_classes else Logistic()
        model = chain(model, output)
    model = with_cpu(model, model.ops)
    if nO is not None:
        model.set_dim("nO", nO)
    model.set_ref("output_layer", linear)
    model.attrs["multi_label"] = not exclusive_classes
    model.attrs["resize_output"] = partial(resize_and_set_ref, resizable_layer=resizable_layer)
    return model


def _features(
    model: Model[Any, Any], docs: list[Doc], is_train: bool
) -> tuple[Features, Callable[[Features], list[Doc]]]:
    extract, weigh = model.layers
    filled = [len(doc) > 0 for doc in docs]  # thinc's n-grams need a token
    keys, counts, own = extract([doc for doc in docs if len(doc)], is_train)[0]
    lengths = np.zeros(len(docs), own.dtype)
    lengths[filled] = own
    weighed: Features = weigh((keys, counts, lengths), is_train)[0]
    return weighed, lambda d_ngrams: []


def _init_features(model: Model[Any, Any], X: list[Doc] | None = None, Y: Any = None) -> None:
    for layer in model.layers:
        layer.initialize(X=X)


def _init(
    extract: Model[Any, Any],
    linear: Model[Any, Any],
    min_freq: int,
    model: Model[Any, Any],
    X: list[Doc] | None = None,
    Y: Any = None,
) -> None:
    docs = take_training_docs(model, X)
    if docs is None:
        return
    keys, n_texts, of_label = _count(extract, docs)
    keep = n_texts >= min_freq
    model.attrs["keys"] = keys[keep]
    linear.set_dim("nI", int(keep.sum()), force=True)
    model.attrs["ratios"] = log_count_ratios(of_label[keep], n_texts[keep])


def log_count_ratios(
    of_label: NDArray[np.int64], n_texts: NDArray[np.int64]
) -> NDArray[np.float32]:
    """How much n-grams tell of labels: the largest absolute value, over labels, of log(p / q),
    where p is an n-gram's share of all n-grams in texts with the label, and q in those without, one
    added to each count (Wang and Manning 2012, section 2.1; the sign is left to the weights).

    of_label: (n-grams, labels), how many texts with the label have each n-gram.
    n_texts: (n-grams,), how many texts have it.
    """
    p = 1.0 + of_label
    q = 1.0 + n_texts[:, None] - of_label
    ratios = np.log(p / p.sum(axis=0)) - np.log(q / q.sum(axis=0))
    return cast(NDArray[np.float32], np.abs(ratios).max(axis=1, initial=0.0).astype(np.float32))


def _count(
    extract: Model[Any, Any], docs: Iterable[Doc]
) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]:
    """N-grams in the order of their keys, how many labelled texts have each, and how many of each
    label.

    RAISES: ValueError if no text has labels.
    """
    labels: dict[str, int] = {}
    keys, counts = np.zeros(0, np.uint64), np.zeros((0, 1), np.int64)
    for own_keys, own_labels in _chunks(extract, docs, labels):
        found, at = np.unique(np.concatenate([keys, own_keys]), return_inverse=True)
        merged = np.zeros((len(found), 1 + len(labels)), np.int64)
        merged[at[: len(keys)], : counts.shape[1]] = counts
        for column, members in enumerate([np.ones(len(own_keys), bool), *own_labels]):
            merged[:, column] += np.bincount(at[len(keys) :][members], minlength=len(found))
        keys, counts = found, merged
    if not labels:
        raise ValueError(
            "NaiveBayesNgrams weighs n-grams by the labels of training texts, and was shown none. "
            "Set [initialize.before_init] to @callbacks = 'spacy_bilstm_crf.learn_words.v1', path "
            "= ${paths.train}, with a corpus whose texts have labels."
        )
    return keys, counts[:, 0], counts[:, 1:]


def _chunks(
    extract: Model[Any, Any], docs: Iterable[Doc], labels: dict[str, int]
) -> Iterator[tuple[NDArray[np.uint64], list[NDArray[np.bool_]]]]:
    """N-grams of many labelled docs, and for each label which of them are of docs that have it.
    labels: filled with the columns of labels as they are met."""
    keys: list[NDArray[np.uint64]] = []
    cats: list[dict[str, float]] = []
    size = 0
    for doc in docs:
        if not doc.cats or not len(doc):
            continue
        for label in doc.cats:
            labels.setdefault(label, len(labels))
        keys.append(extract.predict([doc])[0])
        cats.append(doc.cats)
        size += len(keys[-1])
        if size >= _CHUNK:
            yield _joined(keys, cats, labels)
            keys, cats, size = [], [], 0
    if keys:
        yield _joined(keys, cats, labels)


def _joined(
    keys: list[NDArray[np.uint64]], cats: list[dict[str, float]], labels: dict[str, int]
) -> tuple[NDArray[np.uint64], list[NDArray[np.bool_]]]:
    sizes = [len(own) for own in keys]
    members = [np.repeat([own.get(label, 0.0) >= 0.5 for own in cats], sizes) for label in labels]
    return np.concatenate(keys), members


def _forward(
    model: Model[Any, Any], ngrams: Any, is_train: bool
) -> tuple[Features, Callable[[Features], Features]]:
    """Take the n-grams that are known: their numbers, with their ratios for values."""
    if is_train:
        begin_anew(model)
    keys, _, lengths = ngrams
    known, ratios = model.attrs["keys"], model.attrs["ratios"]
    at = np.asarray(np.searchsorted(known, keys))
    at[at == len(known)] = 0
    keep = known[at] == keys if len(known) else np.zeros(len(keys), bool)
    doc = np.repeat(np.arange(len(lengths)), lengths)[keep]
    own_lengths = np.bincount(doc, minlength=len(lengths)).astype(lengths.dtype)
    return (at[keep], ratios[at[keep]], own_lengths), lambda d_ngrams: d_ngrams
