"""What a model knew, as the gold standard of a model that is not to forget it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc
from thinc.api import Model

from ..models.bilstm_crf import n_trained_tags
from ..models.tag_distribution import TagDistribution
from ..tags import MISSING, OUTSIDE


def what_it_knew(
    teacher: Model[list[Doc], Any], docs: list[Doc], n_tags: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The tags that a model gives the tokens of docs.

    teacher: the model as it was.
    n_tags: the tags that the model has now.
    RETURNS: (tokens,) the tags of entities, and MISSING where it found none, for there may be one
        of a label that it was not trained on; (tags,) the tags that are possible there.
    """
    known: TagDistribution = teacher.predict(docs)
    forbidden = np.zeros(tuple(known.emissions.shape), dtype=bool)
    forbidden[:, n_trained_tags(teacher) :] = True
    tags = known.forbid(forbidden).argmax()
    tags[tags == OUTSIDE] = MISSING
    allowed = np.arange(n_tags) >= n_trained_tags(teacher)
    allowed[OUTSIDE] = True
    return tags, allowed
