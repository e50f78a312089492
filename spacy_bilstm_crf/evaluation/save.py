"""Saving a pipeline whose settings have changed."""

from __future__ import annotations

import tempfile
from pathlib import Path

from spacy.language import Language

from ..corpora.files import make_room, write_whole


def check_output(model: str | Path, output: Path | None) -> None:
    """Check where a pipeline is to be saved; arguments as for `save_settings`.

    RAISES: ValueError or OSError if it can't be saved there.
    """
    if output is None and not Path(model).is_dir():
        raise ValueError(f"{model} is no folder, but a package: give --output, a new folder.")
    if output is not None and output.exists():
        raise FileExistsError(f"{output} is there already. Give a new folder.")
    make_room(Path(model) if output is None else output.parent, folder=True)


def save_settings(nlp: Language, name: str, model: str | Path, output: Path | None) -> Path:
    """Save a pipeline of which only the settings of a component have changed since it was loaded:
    whole or not at all.

    name: the component.
    model: where it was loaded from.
    output: a new folder for all of it. Without one, the settings in `model` are replaced.
    RETURNS: the folder.
    """
    folder = Path(model) if output is None else output
    with tempfile.TemporaryDirectory(prefix=".", suffix=".unfinished", dir=folder.parent) as aside:
        made = Path(aside) / "model"
        nlp.to_disk(made)
        if output is not None:
            made.rename(output)
            return output
        # The config alone has the settings; the component's own record of others goes with it.
        for part in (Path("config.cfg"), Path(name) / "cfg"):
            write_whole(folder / part, (made / part).read_bytes())
    return folder
