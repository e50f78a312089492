"""Token features learned from the training data."""

from collections.abc import Callable
from functools import partial
from typing import Any, Literal, cast, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from spacy.errors import Errors
from spacy.tokens import Doc
from spacy.vocab import Vocab
from thinc.api import ArgsKwargs, Model, torch2xp
from thinc.types import Floats2d, Ints1d
from torch import Tensor

from ..nn import WordCharEmbedding
from ..torch_bridge.arrays import to_torch
from ..torch_bridge.torch_layer import install, module_of, through_module, torch_layer
from .by_doc import Flat, Tok2Vec, Vectors, by_doc
from .training_docs import LEARNS_FROM_DOCS, begin_anew, take_training_docs
from .word_features import (
    N_CASES,
    Vocabulary,
    learn_vocabulary,
    lookup_vectors,
    type_features,
    types_of,
)

StaticVectors = Literal["none", "frozen", "tuned", "auto"]
CharEncoder = Literal["cnn", "lstm"]


def WordCharEmbed(
    word_width: int = 100,
    char_width: int = 30,
    char_filters: int = 100,
    char_window: int = 3,
    case_width: int = 10,
    min_freq: int = 1,
    word_dropout: float = 1.0,
    static_vectors: StaticVectors = "none",
    char_encoder: CharEncoder = "cnn",
) -> Tok2Vec:
    """Embed tokens by word, characters and letter case (spacy_bilstm_crf.WordCharEmbed.v1).

    Words are lower-cased and their digits folded to 0. The words and characters are those of the
    training data, found at initialization and stored with the model.

    word_width: width of the learned word table. With tuned vectors, theirs counts instead.
    char_width: width of a character's embedding.
    char_filters, char_window: filters of the character CNN, and how many characters each sees.
        The character LSTM gives as many features, half of them in each direction. With 0 filters,
        characters are not read.
    case_width: width of the letter-case embedding, 0 for none.
    min_freq: words seen less often in training have no row of their own.
    word_dropout: how readily words become unknown in training: a word seen n times does with
        probability word_dropout / (word_dropout + n), so half of the time for 1.0 and n = 1
        (Kiperwasser and Goldberg 2016, section 4, https://arxiv.org/abs/1603.04351). With tuned
        vectors, such a word has the vector that it began with.
    static_vectors: the pipeline's word vectors. "none" leaves them aside; "frozen" adds them as
        features; "tuned" starts the word table from them, and uses them as they are for words that
        the training data lacks; "auto" is "tuned" if there are vectors, else "none". Words are
        looked up as they are, then lower-cased, then folded.
    char_encoder: what reads a word's characters: "cnn" (Ma and Hovy 2016) or "lstm" (Lample et al.
        2016), which has no window.
    RETURNS: a model from docs to arrays of shape (tokens, nO).
    RAISES: ValueError at initialization if "frozen" or "tuned" finds no vectors.
    """
    if static_vectors not in get_args(StaticVectors):
        raise ValueError(
            f"static_vectors must be one of {get_args(StaticVectors)}, got {static_vectors!r}."
        )
    if char_encoder not in get_args(CharEncoder):
        raise ValueError(
            f"char_encoder must be one of {get_args(CharEncoder)}, got {char_encoder!r}."
        )
    sizes = (word_width, char_width, char_window, min_freq)
    others = (char_filters, case_width, word_dropout)
    if min(sizes) < 1 or min(others) < 0:
        raise ValueError(
            "word_width, char_width, char_window and min_freq of WordCharEmbed must be at least 1, "
            f"got {sizes}; char_filters, case_width and word_dropout at least 0, got {others}."
        )
    build = partial(
        WordCharEmbedding,
        char_width=char_width,
        char_filters=char_filters,
        char_window=char_window,
        case_width=case_width,
        char_encoder=char_encoder,
    )
    flat: Flat = torch_layer(
        "word_char_embed",
        build,
        forward=_forward,
        init=partial(_init, build, word_width, min_freq),
        attrs={
            "static_vectors": static_vectors,
            "vector_mode": None,
            "word_dropout": word_dropout,
            "words": None,
            "counts": None,
            "chars": None,
            **LEARNS_FROM_DOCS,
        },
        dims={"nO": word_width + char_filters + case_width if static_vectors == "none" else None},
    )
    return by_doc(flat)


def _init(
    build: partial[WordCharEmbedding],
    word_width: int,
    min_freq: int,
    model: Model[Any, Any],
    X: list[Doc] | None = None,
    Y: Any = None,
) -> None:
    docs = take_training_docs(model, X)
    if docs is None:
        return
    vocabulary, keys, vocab = learn_vocabulary(docs, min_freq=min_freq)
    width = vocab.vectors.shape[1]
    mode = model.attrs["static_vectors"]
    if mode == "auto":
        mode = "tuned" if width else "none"
    width = 0 if mode == "none" else width
    if mode != "none" and width == 0:
        raise ValueError(
            f'WordCharEmbed has static_vectors = "{mode}", but the pipeline has no word vectors '
            "(their width is 0). Set [initialize] vectors to a pipeline made with "
            '`spacy init vectors`, or static_vectors to "none".'
        )
    sizes = {
        "word_width": width if mode == "tuned" else word_width,
        "n_words": len(vocabulary.words) + 1,
        "n_chars": len(vocabulary.chars) + 2,
        "n_cases": N_CASES,
        "vector_width": width,
        "tuned": mode == "tuned",
    }
    module = build(**sizes)
    if mode == "tuned":
        values, found = lookup_vectors(vocab.vectors, keys)
        module.words.weight.data[1:][torch.from_numpy(found)] = torch.from_numpy(values[found])
    model.attrs.update(vocabulary._asdict(), vector_mode=mode)
    install(model, module)
    model.set_dim("nO", module.output_width, force=True)


def _forward(
    model: Model[Any, Any], docs: list[Doc], is_train: bool
) -> tuple[Vectors, Callable[[Floats2d], Any]]:
    if model.attrs["words"] is None:
        raise ValueError(Errors.E109.format(name="word_char_embed"))
    if is_train:
        begin_anew(model)
    types, type_of = types_of(docs)
    module, vocab = module_of(model), docs[0].vocab
    device = model.shims[0].device  # type: ignore[attr-defined]
    # Vectors of the pipeline may be changed by anyone. What a character LSTM makes of a word
    # depends, in the last digits, on the words beside it: kept, it would depend on earlier texts.
    is_plain = model.attrs["vector_mode"] == "none" and module.settings["char_encoder"] == "cnn"
    if is_train or not is_plain or device.type != "cpu":
        return _run(model, (types, type_of, vocab), is_train)

    def compute(missing: Tensor) -> Tensor:
        own = types[missing.numpy()]
        vectors, _ = _run(model, (own, np.arange(len(own)), vocab), False)
        return to_torch(vectors.rows)

    table, slots, token = module.cache.look_up(types, compute)
    rows = torch2xp(table.index_select(0, slots))
    return Vectors(cast(Floats2d, rows), cast(Ints1d, type_of), types, token), lambda d_rows: []


def _convert_inputs(
    model: Model[Any, Any],
    inputs: tuple[NDArray[np.uint64], NDArray[np.int64], Vocab],
    is_train: bool,
) -> tuple[ArgsKwargs, Callable[..., Any]]:
    types, type_of, vocab = inputs
    vocabulary = Vocabulary(*(model.attrs[field] for field in Vocabulary._fields))
    features = type_features(types, vocab.strings, vocabulary)
    alpha = model.attrs["word_dropout"]
    drop = (alpha / (alpha + np.maximum(features.counts, 1))).astype(np.float32)
    arrays: list[Any] = [type_of, features.words, drop, features.chars, features.cases]
    if model.attrs["vector_mode"] != "none":
        width, found = module_of(model).settings["vector_width"], vocab.vectors.shape[1]
        if width != found:
            raise ValueError(
                f"WordCharEmbed was trained with word vectors of width {width}, but those of "
                f"this pipeline have width {found}. Source the component into a pipeline with the "
                "vectors that it was trained with."
            )
        arrays += lookup_vectors(vocab.vectors, features.keys)
    device = model.shims[0].device  # type: ignore[attr-defined]
    tensors = tuple(torch.from_numpy(array).to(device) for array in arrays)
    return ArgsKwargs(args=tensors, kwargs={}), lambda d_inputs: []


_run = through_module(_convert_inputs, Vectors)
