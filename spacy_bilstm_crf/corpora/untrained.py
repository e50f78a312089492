"""What a training config does to text before anything is trained."""

import sys
from pathlib import Path

from spacy.language import Language
from spacy.util import load_config, load_model_from_config


def untrained_pipeline(config: str | Path) -> Language:
    """The tokenizer of a training config and those of its components that need no training, such
    as a sentencizer: docs made with them look as the trained pipeline will see them.

    RAISES: OSError or ValueError if the config can't be read.
    """
    nlp = load_model_from_config(load_config(config, interpolate=True), auto_fill=True)
    for name, pipe in nlp.pipeline:
        if getattr(pipe, "is_trainable", False):
            nlp.remove_pipe(name)
    nlp.max_length = sys.maxsize  # what is left needs little memory
    return nlp
