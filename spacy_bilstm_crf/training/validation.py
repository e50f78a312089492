"""The loss and the token accuracy on a development set."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from spacy.language import Language
from spacy.training import Example
from spacy.util import minibatch
from thinc.api import Model

from ..pipeline.alignment import gold_tag_ids, join_across_entities
from ..pipeline.bilstm_crf_ner import BiLSTMCRFRecognizer
from ..tags import MISSING

# Docs that are read at once: what bounds the memory.
_BATCH = 64


def validate(
    nlp: Language, pipe: Any, examples: Iterable[Example]
) -> tuple[float | None, float | None]:
    """Read examples with the weights as they are, without dropout. Docs are not changed.

    RETURNS: the mean loss, as the component's `get_loss` gives it, of a batch, with
        `bilstm_crf_ner` of a sequence; and with that the share of tokens with a known tag that get
        it. None where there is nothing to count.
    RAISES: ValueError if an example has a label that the component does not have, or the component
        tells no loss of what its model predicts, such as spaCy's parser.
    """
    before = [proc for name, proc in nlp.pipeline[: nlp.pipe_names.index(pipe.name)]]
    if isinstance(pipe, BiLSTMCRFRecognizer):
        return _validate_tags(pipe, before, examples)
    losses = []
    for batch in minibatch(examples, _BATCH):
        batch = _tagged_before(before, batch)
        try:
            with _probabilities(pipe.model):
                told = pipe.get_loss(batch, pipe.model.predict([eg.predicted for eg in batch]))
        except Exception as error:  # whatever: no component owes it
            raise ValueError(f"{pipe.name} tells none ({type(error).__name__}).") from error
        if told is None:  # as tok2vec: others tell what it has to learn
            return None, None
        losses.append(float(told[0]))
    return float(np.mean(losses)) if losses else None, None


@contextmanager
def _probabilities(model: Model[Any, Any]) -> Iterator[None]:
    """Let taggers give probabilities: they leave out the softmax where the best tag is enough."""
    layers = [node for node in model.walk() if node.attrs.get("softmax_normalize") is False]
    for layer in layers:
        layer.attrs["softmax_normalize"] = True
    try:
        yield
    finally:
        for layer in layers:
            layer.attrs["softmax_normalize"] = False


def _validate_tags(
    pipe: BiLSTMCRFRecognizer, before: Sequence[Any], examples: Iterable[Example]
) -> tuple[float | None, float | None]:
    loss, n_sequences, n_right, n_known = 0.0, 0, 0, 0
    for batch in minibatch(examples, _BATCH):
        batch = _tagged_before(before, batch)
        docs = [eg.predicted for eg in batch]
        if not any(len(doc) for doc in docs):
            continue
        scores = pipe.model.predict(docs)
        gold = gold_tag_ids(batch, pipe.labels, name=pipe.name)
        found = scores.argmax()
        scores = scores.with_lengths(join_across_entities(scores.lengths, gold))
        with torch.no_grad():
            loss -= float(scores.log_prob(gold).sum())
        n_sequences += len(scores.lengths)
        known = gold != MISSING
        n_right += int(np.sum(found[known] == gold[known]))
        n_known += int(known.sum())
    return (
        loss / n_sequences if n_sequences else None,
        n_right / n_known if n_known else None,
    )


def _tagged_before(pipes: Sequence, batch: list[Example]) -> list[Example]:
    """The examples with what the components before give."""
    if not pipes:
        return batch
    docs = [eg.predicted.copy() for eg in batch]
    for pipe in pipes:
        docs = [pipe(doc) for doc in docs]
    return [Example(doc, eg.reference) for doc, eg in zip(docs, batch)]
