"""A classifier of texts by n-grams and by an encoder's states."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from spacy.tokens import Doc
from thinc.api import (
    Linear,
    Logistic,
    Model,
    add,
    chain,
    concatenate,
    list2ragged,
    reduce_max,
    reduce_mean,
    softmax_activation,
    zero_init,
)
from thinc.types import Floats2d


def TextCatSum(
    tok2vec: Model[list[Doc], list[Floats2d]],
    linear_model: Model[list[Doc], Floats2d],
    nO: int | None = None,
) -> Model[list[Doc], Floats2d]:
    """Classify texts by the sum of two scores of each label (spacy_bilstm_crf.TextCatSum.v1): of a
    linear model over n-grams, and of the mean and the maximum of an encoder's states, trained as
    one (a product of experts: Hinton 2002, https://doi.org/10.1162/089976602760128018).

    spaCy's `TextCatEnsemble.v2` has a layer over the linear model's probabilities instead, which
    must first learn to trust them: it learns more slowly.

    tok2vec: what encodes the words, such as `BiLSTMTok2Vec.v1`, or a listener.
    linear_model: `NaiveBayesNgrams.v1` or `spacy.TextCatBOW.v3`, with no_output_layer = true. It
        says whether labels exclude each other.
    nO: the number of labels, null to take it from the training data.
    RETURNS: a model from docs to arrays of shape (docs, labels).
    """
    exclusive = not linear_model.attrs["multi_label"]
    # From 0 on: the n-grams tell what there is left to learn.
    scores: Model[Any, Any] = Linear(nO=nO, init_W=zero_init)
    pooled: Model[Any, Any] = chain(
        _one_row_at_least(), list2ragged(), concatenate(reduce_max(), reduce_mean()), scores
    )
    output: Model[Any, Any] = softmax_activation() if exclusive else Logistic()
    model: Model[Any, Any] = chain(add(linear_model, chain(tok2vec, pooled)), output)
    model.set_ref("tok2vec", tok2vec)
    model.set_ref("output_layer", scores)
    model.attrs["multi_label"] = not exclusive
    return model


def _one_row_at_least() -> Model[list[Floats2d], list[Floats2d]]:
    """A row of zeros for a doc without tokens, of which there is no maximum."""
    return Model("one_row_at_least", _fill)


def _fill(
    model: Model[Any, Any], rows: list[Floats2d], is_train: bool
) -> tuple[list[Floats2d], Callable[[list[Floats2d]], list[Floats2d]]]:
    filled = [own if len(own) else model.ops.alloc2f(1, own.shape[1]) for own in rows]

    def backprop(d_filled: list[Floats2d]) -> list[Floats2d]:
        return [d_own[: len(own)] for d_own, own in zip(d_filled, rows)]

    return filled, backprop
