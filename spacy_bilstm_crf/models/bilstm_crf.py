"""The NER model: a tok2vec, a linear layer, and a CRF over its scores."""

from collections.abc import Callable
from typing import Any, get_args

import numpy as np
from spacy.tokens import Doc
from thinc.api import Linear, Model
from thinc.layers.resizable import resize_linear_weighted

from ..batching.sequences import sequence_lengths
from ..torch_bridge.linear import forward_linear
from ..torch_bridge.seal import SealedModel
from .biluo_crf import Decoder
from .by_doc import Tok2Vec, forward_tokens
from .crf import CRF, grow_crf
from .tag_distribution import Gradient, TagDistribution

# How far below the scores of old tags those of new ones start.
_IMPROBABLE = 5.0


def BiLSTMCRF(
    tok2vec: Tok2Vec,
    decoder: Decoder = "crf",
    nO: int | None = None,
) -> Model[list[Doc], TagDistribution]:
    """A tagger with a CRF (spacy_bilstm_crf.BiLSTMCRF.v1).

    Source: Huang et al. 2015, https://arxiv.org/abs/1508.01991. The model maps docs to a
    distribution over their tag sequences.

    tok2vec: all that lies below the output layer: spacy_bilstm_crf.BiLSTMTok2Vec.v1, a listener on
        a shared one (spacy.Tok2VecListener.v1), or any other layer from docs to arrays of shape
        (tokens, width).
    decoder: "crf", or without scores of transitions "softmax", which takes the best allowed tag
        sequence, or "greedy", which takes the best tag of each token and repairs forbidden
        transitions as the conlleval script does. Where the component has a threshold,
        probabilities choose the entities, and "greedy" is as "softmax".
    nO: the number of tags, 4 * labels + 1. The component sets it from the labels:
        leave it at None.
    RAISES: ValueError if the decoder is unknown.
    """
    if decoder not in get_args(Decoder):
        raise ValueError(f"decoder must be one of {get_args(Decoder)}, got {decoder!r}.")
    output = Linear(nO, tok2vec.maybe_get_dim("nO"))
    crf = CRF(decoder)
    if nO is not None:
        crf.set_dim("nO", nO)
    return SealedModel(
        "bilstm_crf",
        _forward,
        init=_init,
        layers=[tok2vec, output, crf],
        refs={"tok2vec": tok2vec, "output_layer": output, "crf": crf},
        dims={"nO": nO},
    )


def _forward(
    model: Model[Any, Any], docs: list[Doc], is_train: bool
) -> tuple[TagDistribution, Callable[[Gradient], Any]]:
    tok2vec, output, crf = model.layers
    if docs:
        vectors, backprop_tok2vec = forward_tokens(tok2vec, docs, is_train)
    else:
        vectors, backprop_tok2vec = model.ops.alloc2f(0, output.get_dim("nI")), lambda d_vectors: []
    emissions, backprop_output = forward_linear(output, vectors, is_train)
    doc_lengths = np.array([len(doc) for doc in docs], dtype=np.int64)
    tags, backprop_crf = crf((emissions, sequence_lengths(docs), doc_lengths), is_train)

    def backprop(gradient: Gradient) -> Any:
        return backprop_tok2vec(backprop_output(backprop_crf(gradient)))

    return tags, backprop


def n_trained_tags(model: Model[Any, Any]) -> int:
    """The number of a model's tags that it was trained on: all but those that were added since."""
    n_tags: int = model.attrs.get("n_trained_tags", model.get_dim("nO"))
    return n_tags


def _init(model: Model[Any, Any], X: list[Doc] | None = None, Y: Any = None) -> None:
    n_tags = model.get_dim("nO")
    tok2vec, output, crf = model.layers
    for layer in (output, crf):
        if layer.has_dim("nO") is None:
            layer.set_dim("nO", n_tags)
    tok2vec.initialize(X=X)
    width = tok2vec.maybe_get_dim("nO")
    if width is None and X:
        width = tok2vec.predict(X)[0].shape[1]
    if width is None:
        raise ValueError(
            "The width of the tok2vec is unknown. Initialize with sample docs, or give it a fixed "
            "width."
        )
    output.set_dim("nI", width, force=True)
    output.initialize()
    crf.initialize()


def grow(model: Model[Any, Any], n_tags: int) -> None:
    """Give an initialized model more tags. The weights of those that it has stay as they are; the
    new ones start out improbable everywhere. `n_trained_tags` says how many it was trained on."""
    model.attrs.setdefault("n_trained_tags", model.get_dim("nO"))
    output = model.get_ref("output_layer")
    n_old = output.get_dim("nO")
    low = output.get_param("b")[: n_trained_tags(model)].min() - _IMPROBABLE
    larger = resize_linear_weighted(output, n_tags)
    larger.get_param("b")[n_old:] = low
    model.layers[model.layers.index(output)] = larger
    model.set_ref("output_layer", larger)
    grow_crf(model.get_ref("crf"), n_tags)
    model.set_dim("nO", n_tags, force=True)
