"""Trained pipelines, loaded whole or refused."""

from __future__ import annotations

from pathlib import Path
from textwrap import shorten

import spacy
from catalogue import RegistryError
from spacy.errors import Errors
from spacy.language import Language
from spacy.util import is_package

from .printable import printable

# What spaCy writes last, and loads a pipeline without: its words then have no vectors.
_VOCAB = ("strings.json", "vectors", "key2row", "vectors.cfg", "lookups.bin")


def check_exists(model: str | Path) -> None:
    """RAISES: OSError if there is no such trained pipeline; arguments as for `load_pipeline`."""
    if not Path(model).exists() and not is_package(str(model)):
        raise OSError(Errors.E050.format(name=model))


def load_pipeline(model: str | Path) -> Language:
    """Load a trained pipeline.

    model: its folder, or the name of its package.
    RAISES: OSError if there is none; ValueError, in one line, if it can't be loaded.
    """
    check_exists(model)
    folder = Path(model)
    if (folder / "model-best").is_dir() and not (folder / "vocab").exists():
        raise ValueError(
            f"{model} is the output of a training: give its pipeline, {folder / 'model-best'}"
        )
    try:
        if folder.is_dir():
            for name in _VOCAB:
                if not (folder / "vocab" / name).is_file():
                    raise FileNotFoundError(f"there is no vocab/{name}")
        return spacy.load(model)
    except Exception as error:  # damaged data raises what it will, such as EOFError and KeyError
        reason = shorten(printable(error, keep="\n\t"), 300, placeholder=" …")
        if isinstance(error, (RegistryError, ImportError)) or "[E002]" in reason:
            raise ValueError(
                f"{model} can't be loaded: it asks for what is not installed ({reason})"
            ) from error
        raise ValueError(
            f"{model} can't be loaded: it is incomplete or damaged ({reason}). If training was "
            "interrupted, use model-best, or model-last if this is model-best; otherwise copy it "
            "or train it again."
        ) from error
