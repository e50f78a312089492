"""The NER model: token features, BiLSTM, a linear layer, and a CRF beside them."""

from collections.abc import Callable
from functools import partial
from typing import Any, Literal, get_args

from spacy.tokens import Doc
from thinc.api import Linear, Model, with_array
from thinc.layers.resizable import resize_linear_weighted
from thinc.types import Floats2d

from .bilstm import BiLSTMTok2Vec
from .crf import CRF, Decoder, grow_crf
from .pieces import PIECE, pieces
from .seal import SealedModel

# How far below the scores of old tags those of new ones start.
_IMPROBABLE = 5.0


def BiLSTMCRF(
    tok2vec: Model[list[Doc], list[Floats2d]],
    hidden_width: int = 128,
    depth: int = 1,
    dropout: float | None = None,
    max_length: int = 256,
    overlap: int = 32,
    conv_layers: int = 0,
    conv_window: int = 3,
    precision: Literal["float32", "bfloat16"] = "float32",
    bidirectional: bool = True,
    doc_memory: float = 0.0,
    doc_width: int = 50,
    decoder: Decoder = "crf",
    nO: int | None = None,
) -> Model[list[Doc], list[Floats2d]]:
    """A BiLSTM-CRF tagger (spacy_bilstm_crf.BiLSTMCRF.v1).

    Source: Huang et al. 2015, https://arxiv.org/abs/1508.01991. The model maps docs to emissions,
    arrays of shape (tokens, nO). The CRF is a layer that the forward pass leaves aside: the
    component runs it on the emissions, with the tags when it trains (`crf_loss`) and without them
    when it predicts (`crf_decode`).

    tok2vec: the token features: spacy_bilstm_crf.WordCharEmbed.v1, spacy.MultiHashEmbed.v2,
        spacy.Tok2VecListener.v1 or any other layer from docs to arrays of shape (tokens, width).
    hidden_width, depth, dropout, max_length, overlap, conv_layers, conv_window, precision,
        bidirectional, doc_memory, doc_width: as for `BiLSTMTok2Vec`.
    decoder: "crf", or without scores of transitions "softmax", which takes the best legal tag
        sequence, or "greedy", which takes the best tag of each token and reads what is illegal as
        the conlleval script does. Where the component has a threshold, probabilities choose the
        entities, and "greedy" is as "softmax".
    nO: the number of tags, 4 * labels + 1. The component sets it from the labels.
    RAISES: ValueError if a setting is out of its range.
    """
    if decoder not in get_args(Decoder):
        raise ValueError(f"decoder must be one of {get_args(Decoder)}, got {decoder!r}.")
    encoder = BiLSTMTok2Vec(
        tok2vec,
        hidden_width,
        depth,
        dropout,
        max_length,
        overlap,
        conv_layers,
        conv_window,
        precision,
        bidirectional,
        doc_memory,
        doc_width,
    )
    output = Linear(nO, encoder.maybe_get_dim("nO"))
    crf = CRF(decoder)
    if nO is not None:
        crf.set_dim("nO", nO)
    return SealedModel(
        "bilstm_crf",
        partial(_forward, max_length, max_length - 2 * overlap),
        init=_init,
        layers=[encoder, with_array(output), crf],
        refs={"tok2vec": tok2vec, "encoder": encoder, "output_layer": output, "crf": crf},
        dims={"nO": nO},
    )


def n_trained_tags(model: Model[Any, Any]) -> int:
    """How many of a model's tags it was trained on: all but those that it was given since. The
    component keeps this in the model's attrs, so that it is saved; 1, for O, before training."""
    n_tags: int = model.attrs.get("n_trained_tags", model.get_dim("nO"))
    return n_tags


def _forward(
    max_length: int, step: int, model: Model[Any, Any], docs: list[Doc], is_train: bool
) -> tuple[list[Floats2d], Callable[[list[Floats2d]], Any]]:
    if not docs:
        return [], lambda d_emissions: []
    encoder, output = model.layers[:2]
    if not is_train and max(map(len, docs)) > PIECE and not listens(model):
        return [
            _predict_in_pieces(max_length, step, model, doc) for doc in docs
        ], lambda d_emissions: []
    encoded, backprop_encoder = encoder(docs, is_train)
    emissions, backprop_output = output(encoded, is_train)

    def backprop(d_emissions: list[Floats2d]) -> Any:
        return backprop_encoder(backprop_output(d_emissions))

    return emissions, backprop


def _predict_in_pieces(max_length: int, step: int, model: Model[Any, Any], doc: Doc) -> Floats2d:
    encoder, output = model.layers[:2]
    parts = []
    for piece, core in pieces(doc, step, margin=max_length):
        parts.append(output.predict(encoder.predict([piece]))[0][core])
    emissions: Floats2d = model.ops.xp.concatenate(parts)
    return emissions


def listens(model: Model[Any, Any]) -> bool:
    """Whether its features come from a component before it, which keeps them for whole docs."""
    return any(layer.name.endswith("listener") for layer in model.walk())


def _init(
    model: Model[Any, Any], X: list[Doc] | None = None, Y: list[Floats2d] | None = None
) -> None:
    if Y is not None and model.has_dim("nO") is None:
        model.set_dim("nO", Y[0].shape[1])
    n_tags = model.get_dim("nO")
    for name in ("output_layer", "crf"):
        layer = model.get_ref(name)
        if layer.has_dim("nO") is None:
            layer.set_dim("nO", n_tags)
    encoder, output = model.get_ref("encoder"), model.get_ref("output_layer")
    encoder.initialize(X=X)
    output.set_dim("nI", encoder.get_dim("nO"), force=True)
    output.initialize()
    model.get_ref("crf").initialize()


def grow(model: Model[Any, Any], n_tags: int) -> None:
    """Give an initialized model more tags. The weights of those that it has stay as they are; the
    new ones start out improbable everywhere. `n_trained_tags` says how many it was trained on."""
    model.attrs.setdefault("n_trained_tags", model.get_dim("nO"))
    padded, output = model.layers[1], model.get_ref("output_layer")
    n_old = output.get_dim("nO")
    low = output.get_param("b")[: n_trained_tags(model)].min() - _IMPROBABLE
    larger = resize_linear_weighted(output, n_tags)
    larger.get_param("b")[n_old:] = low
    padded.layers[0] = larger
    model.set_ref("output_layer", larger)
    grow_crf(model.get_ref("crf"), n_tags)
    model.set_dim("nO", n_tags, force=True)
