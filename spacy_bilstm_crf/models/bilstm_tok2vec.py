"""The encoder, as a tok2vec layer that any spaCy component can use."""

from collections.abc import Callable
from functools import partial
from typing import Any, Literal, cast

import numpy as np
import torch
from numpy.typing import NDArray
from spacy.attrs import LOWER
from spacy.tokens import Doc
from thinc.api import ArgsKwargs, Model, torch2xp
from thinc.types import Floats2d
from torch import Tensor

from ..batching.layout import Layout
from ..batching.sequences import sequence_lengths
from ..nn import LockedDropout
from ..torch_bridge.arrays import to_torch
from ..torch_bridge.torch_layer import install, module_of, through_module, torch_layer
from .by_doc import Flat, Tok2Vec, Vectors, by_doc, forward_flat
from .encoder import DocEncoder
from .with_chunks import with_chunks

# Tokens of a window: more would not fit into memory.
_LONGEST = 1_000_000


def BiLSTMTok2Vec(
    embed: Tok2Vec,
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
) -> Tok2Vec:
    """Encode the tokens of docs in their context (spacy_bilstm_crf.BiLSTMTok2Vec.v1).

    A doc that has sentence starts is read sentence by sentence, any other as one sequence.

    embed: the token features: spacy_bilstm_crf.WordCharEmbed.v1, spacy.MultiHashEmbed.v2, a
        listener, or any other layer from docs to one vector a token.
    hidden_width: LSTM units of each direction.
    depth: number of stacked LSTM layers. With 0, as over a transformer, there is none, and the
        output is as wide as the features.
    dropout: rate of the locked dropout on each layer's input and on the output. None: the rate
        given to `nlp.update(drop=...)`, which is `[training] dropout` in `spacy train`. A number
        stands whatever is given there.
    max_length: longest sequence in tokens that the LSTM reads at once; longer ones are read in
        overlapping windows of this length, so that memory stays bounded.
    overlap: tokens of context that such a window has on either side of the tokens it gives.
    conv_layers, conv_window: convolutions over neighbouring tokens before the LSTM, and how many
        tokens, an odd number, each sees.
    precision: of the numbers that the encoder multiplies when it predicts on a GPU: "bfloat16" is
        for those that have it. On others and on a CPU, where float32 is faster, that is used, and
        in training. It may be set when a trained pipeline is loaded:
        `spacy.load(path, config={...})`.
    bidirectional: whether there are LSTMs in both directions, or a forward one only.
    doc_memory: with a number above 0, each token also gets the mean of the outputs of all tokens of
        its doc that are the same word, whatever their case: a name that is plain in one sentence
        then helps in the others (after Luo et al. 2020, https://arxiv.org/abs/1911.02257). And it
        gets a summary of its doc beside its features: what the doc is about. The number says in
        which share of the docs it is so in training; in the others a token attends to its own
        sequence only, so that the model also knows docs of a sentence. Train on whole documents:
        give the reader a large `max_sentences`. Docs of more than 32,000 tokens are predicted in
        chunks, each with a memory of its own.
    doc_width: width of that summary, a layer over the mean of the features of the doc's tokens; 0
        for none.
    RETURNS: a model from docs to arrays of shape (tokens, 2 * hidden_width), half as wide if not
        bidirectional, twice as wide with doc_memory.
    RAISES: ValueError if max_length is not more than twice the overlap, or above a million, or
        precision is unknown.
    """
    if precision not in ("float32", "bfloat16"):
        raise ValueError(f"precision must be 'float32' or 'bfloat16', got {precision!r}.")
    if dropout is not None:
        _check_dropout(dropout)
    if doc_width < 0:
        raise ValueError(f"doc_width must be at least 0, got {doc_width}.")
    if not 0.0 <= doc_memory <= 1.0:
        raise ValueError(f"doc_memory must be a share from 0 to 1, got {doc_memory}.")
    if overlap < 0 or not 2 * overlap < max_length <= _LONGEST:
        raise ValueError(
            f"max_length ({max_length}) must be more than twice the overlap ({overlap}) and at "
            f"most {_LONGEST}, and the overlap must not be negative."
        )
    has_memory = doc_memory > 0
    width = hidden_width * (1 + bidirectional) * (1 + has_memory) if depth > 0 else None
    build = partial(
        DocEncoder,
        hidden_width=hidden_width,
        depth=depth,
        conv_layers=conv_layers,
        conv_window=conv_window,
        bidirectional=bidirectional,
        memory=has_memory,
        doc_width=doc_width if has_memory else 0,
    )
    encoder = torch_layer(
        "bilstm",
        build,
        forward=through_module(partial(_convert_inputs, precision == "bfloat16")),
        init=partial(_init_encoder, build),
        attrs={"dropout_rate": 0.0, "fixed_dropout": dropout},
        dims={"nI": None, "nO": width},
    )
    flat: Flat = Model(
        "bilstm_tok2vec",
        partial(_forward, max_length, overlap, doc_memory),
        init=_init,
        layers=[embed, encoder],
        refs={"embed": embed, "encoder": encoder},
        dims={"nO": width},
    )
    return by_doc(with_chunks(flat, step=max_length - 2 * overlap, margin=max_length))


def _forward(
    max_length: int,
    overlap: int,
    doc_memory: float,
    model: Model[Any, Any],
    docs: list[Doc],
    is_train: bool,
) -> tuple[Vectors, Callable[[Floats2d], Any]]:
    embed, encoder = model.layers
    if not docs:
        return Vectors(model.ops.alloc2f(0, encoder.get_dim("nO"))), lambda d_encoded: []
    features, backprop_embed = forward_flat(embed, docs, is_train)
    device = encoder.shims[0].device  # type: ignore[attr-defined]
    layout = Layout(sequence_lengths(docs), device, max_length=max_length, overlap=overlap)
    groups: tuple[Tensor | None, ...] = (None, None)
    if doc_memory > 0:
        recalls = np.ones(len(docs), dtype=bool)
        if is_train:
            recalls = np.random.random(len(docs)) < doc_memory
        groups = tuple(
            torch.from_numpy(g).to(device) for g in _groups(docs, layout.lengths, recalls)
        )
    encoded, backprop_encoder = encoder((features, layout, *groups), is_train)

    def backprop(d_encoded: Floats2d) -> Any:
        return backprop_embed(backprop_encoder(d_encoded))

    return Vectors(encoded), backprop


def _groups(
    docs: list[Doc], lengths: NDArray[np.int64], recalls: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number the doc of each token, and the word of its doc that it is, whatever its case. In docs
    that do not recall, each sequence stands for a doc.

    lengths: (sequences,). recalls: (docs,). RETURNS: (tokens,) and (tokens,), each from 0.
    """
    lower = np.concatenate([doc.to_array(LOWER) for doc in docs])
    nth_doc = np.repeat(np.arange(len(docs)), [len(doc) for doc in docs])
    if len(docs) == 1 and recalls.all():
        _, word_of = np.unique(lower, return_inverse=True)
        return np.zeros(len(lower), dtype=np.int64), word_of.astype(np.int64)
    nth_sequence = np.repeat(np.arange(len(lengths)), lengths)
    scope = np.where(recalls[nth_doc], nth_doc, len(docs) + nth_sequence)
    _, doc_of = np.unique(scope, return_inverse=True)
    _, words = np.unique(lower, return_inverse=True)
    _, word_of = np.unique(doc_of * (words.max(initial=0) + 1) + words, return_inverse=True)
    return doc_of.astype(np.int64), word_of.astype(np.int64)


def _check_dropout(rate: float) -> float:
    if not 0.0 <= rate < 1.0:
        raise ValueError(f"The dropout rate must be at least 0 and less than 1, got {rate}.")
    return rate


def _init(model: Model[Any, Any], X: list[Doc] | None = None, Y: Any = None) -> None:
    embed, encoder = model.layers
    embed.initialize(X=X)
    width = embed.maybe_get_dim("nO")
    if width is None and X:
        width = embed.predict(X)[0].shape[1]
    if width is not None:
        encoder.set_dim("nI", width)
    encoder.initialize()
    model.set_dim("nO", encoder.get_dim("nO"), force=True)


def _init_encoder(
    build: partial[DocEncoder], model: Model[Any, Any], X: Any = None, Y: Any = None
) -> None:
    width = model.maybe_get_dim("nI")
    if width is None:
        raise ValueError(
            "The width of the token features is unknown. Initialize with sample docs, or give "
            "the embedding layer a fixed width."
        )
    module = build(input_width=width)
    install(model, module)
    model.set_dim("nO", module.output_width, force=True)


def _has_bfloat16(device: torch.device) -> bool:
    # On a CPU, converting the few rows of a step takes longer than is won by the products.
    return device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)


def _convert_inputs(
    bfloat16: bool,
    model: Model[Any, Any],
    inputs: tuple[Vectors, Layout, Tensor | None, Tensor | None],
    is_train: bool,
) -> tuple[ArgsKwargs, Callable[..., Any]]:
    (rows, row_of, keys, token), layout, doc_of, word_of = inputs
    if is_train:
        fixed = model.attrs["fixed_dropout"]
        rate = _check_dropout(model.attrs["dropout_rate"] if fixed is None else fixed)
        for module in module_of(model).modules():
            if isinstance(module, LockedDropout):
                module.rate = rate
    device = model.shims[0].device  # type: ignore[attr-defined]
    in_half = bfloat16 and not is_train and _has_bfloat16(device)
    tensor = to_torch(rows, device, requires_grad=is_train)
    index = None if row_of is None else to_torch(row_of, device)

    def convert_gradients(d_inputs: ArgsKwargs) -> Floats2d:
        return cast(Floats2d, torch2xp(d_inputs.args[0][0]))

    args = ((tensor, index, keys, token), layout, doc_of, word_of, in_half)
    return ArgsKwargs(args=args, kwargs={}), convert_gradients
