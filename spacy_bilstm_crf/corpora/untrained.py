"""The untrained pipeline of a config: its tokenizer, and what needs no training."""

import configparser
import sys
from pathlib import Path

from spacy.language import Language
from spacy.util import load_config, load_model_from_config
from thinc.api import Config


def read_config(path: str | Path, *, interpolate: bool = False) -> Config:
    """`spacy.util.load_config`, with one kind of error for whatever is wrong with a config.

    RAISES: OSError or ValueError if it is missing or can't be read.
    """
    try:
        return load_config(path, interpolate=interpolate)
    except configparser.Error as error:
        raise ValueError(f"{path} can't be read as a config: {error}") from error


def untrained_pipeline(config: str | Path) -> Language:
    """The tokenizer of a training config and those of its components that need no training, such
    as a sentencizer: docs made with them look as the trained pipeline will see them.

    RAISES: OSError or ValueError if the config is missing or can't be read.
    """
    if not Path(config).is_file():
        raise FileNotFoundError(
            f"There is no config {config}. A corpus is trained with the config of its name, unless "
            "--vars.config names another: is it misspelt? Otherwise copy one from configs/."
        )
    nlp = load_model_from_config(read_config(config, interpolate=True), auto_fill=True)
    for name, pipe in nlp.pipeline:
        if getattr(pipe, "is_trainable", False):
            nlp.remove_pipe(name)
    nlp.max_length = sys.maxsize  # what is left needs little memory
    return nlp
