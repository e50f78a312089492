"""Numbers that are not finite: found before they become entities."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from spacy.tokens import Doc
from thinc.api import Model, to_numpy

from ..torch_bridge.weights import weights_of
from .tag_distribution import TagDistribution


def check_finite(model: Model[Any, Any], tags: TagDistribution, docs: Sequence[Doc]) -> None:
    """Check the scores that tags and probabilities are read from: a NaN among them is greater and
    less than nothing, and would quietly give no entities, or any.

    model: a BiLSTMCRF.
    tags: what it gives for docs.
    RAISES: ValueError if an emission, or a score of the CRF's transitions, is not a finite number.
        The message says which weights or vectors are to blame, or else at which token it begins.
    """
    chain = tags.crf.chain
    scores = (
        tags.emissions, chain.start_transitions, chain.transitions, chain.end_transitions
    )  # fmt: skip
    if all(np.isfinite(t.detach().cpu().numpy().sum(dtype=np.float64)) for t in scores):
        return
    rows = tags.emissions.sum(dim=1, dtype=torch.float64).cpu().numpy()
    broken = _broken_weights(model)
    if broken:
        cause = f"weights of the model are not finite numbers ({', '.join(broken)})"
    elif not np.isfinite(to_numpy(docs[0].vocab.vectors.data)).all():
        cause = "the word vectors of the pipeline have values that are not finite numbers"
    else:
        place = int(np.flatnonzero(~np.isfinite(rows))[0])
        nth = int(np.searchsorted(np.cumsum([len(doc) for doc in docs]), place, side="right"))
        token = docs[nth][place - sum(len(doc) for doc in docs[:nth])]
        cause = f"the scores of {token.text!r} (token {token.i} of doc {nth}) are not finite"
    raise ValueError(
        f"The entities can't be predicted: {cause}. Is the pipeline damaged, or was it trained "
        "until its weights overflowed? Copy or train it again."
    )


def _broken_weights(model: Model[Any, Any]) -> list[str]:
    return [weight.name for weight in weights_of(model) if not weight.value.isfinite().all()]
