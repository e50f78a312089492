"""A config for a corpus."""

from itertools import chain
from pathlib import Path
from typing import cast

import typer
from spacy.util import get_lang_class
from wasabi import msg

from ..corpora.annotated import AnnotatedText, ReadOptions
from ..corpora.files import make_room, write_whole
from ..corpora.formats import FORMATS
from ..corpora.inputs import find_inputs
from ..training.choose import Chosen, Size, choose


def init_cli(
    corpus: Path = typer.Argument(
        ..., help="A file of annotated texts, or a folder of them, as for `convert`"
    ),
    config: Path = typer.Argument(..., help="Config file to write"),
    lang: str | None = typer.Option(
        None, "--lang", "-l", help="Language code; by default found by the words"
    ),
    size: str = typer.Option("default", help="fast, default or best"),
    vectors: str | None = typer.Option(None, help="A pipeline with word vectors"),
    minutes: float | None = typer.Option(
        None, min=0.0, help="Train no longer, by the time of some steps on this machine"
    ),
    gpu_id: int = typer.Option(-1, "--gpu-id", "-g", help="GPU to train on, -1 for the CPU"),
    seed: int = typer.Option(0, help="Seed of the training"),
    format: str | None = typer.Option(None, "--format", "-f", help="Format, as for `convert`"),
    force: bool = typer.Option(False, "--force", help="Replace the config if it is there"),
) -> None:
    """Look at a corpus and write the config that fits it, with a reason for each choice.

    Language and tokenizer, runs of sentences, memory of the document, width, steps, evaluations and
    patience. It is a config of spaCy's: edit it, and train with `spacy train`, or by `train` of
    these commands, which writes one like it if there is none. `spacy init config --pipeline
    bilstm_crf_ner` gives one that has seen no corpus.
    """
    try:
        make_room(config)
        if config.exists() and not force:
            raise FileExistsError(f"{config} is there already: --force replaces it.")
        inputs = find_inputs(corpus, format)
        reader = FORMATS[inputs.format]
        paths = inputs.files["train"]
        texts = list(chain.from_iterable(reader.read(path, ReadOptions()) for path in paths))
        chosen = choose_for(
            texts,
            lang=lang,
            size=size,
            vectors=vectors,
            minutes=minutes,
            gpu=gpu_id >= 0,
            seed=seed,
        )
        write_whole(config, format_config(chosen).encode())
    except (ValueError, OSError, ImportError) as error:
        msg.fail("No config can be written", str(error), exits=1)
    print_choices(chosen)
    msg.good(f"Wrote {config}")


def choose_for(
    texts: list[AnnotatedText],
    *,
    lang: str | None,
    size: str,
    vectors: str | None,
    minutes: float | None,
    gpu: bool,
    seed: int,
) -> Chosen:
    """Check what was typed, and choose.

    RAISES: ValueError, ImportError if there is no such size or language.
    """
    if size not in ("fast", "default", "best"):
        raise ValueError(f"--size must be fast, default or best, got {size!r}.")
    if lang is not None:
        get_lang_class(lang)
    return choose(
        texts,
        lang=lang,
        size=cast(Size, size),
        vectors=vectors,
        minutes=minutes,
        gpu=gpu,
        seed=seed,
    )


def format_config(chosen: Chosen) -> str:
    """A config as text, with the reasons as comments at its head."""
    lines = [f"# {name} = {_short(value)}: {reason}\n" for name, value, reason in chosen.choices]
    return f"{''.join(lines)}\n{chosen.config.to_str(interpolate=False)}"


def print_choices(chosen: Chosen) -> None:
    """Print each choice and its reason."""
    lines = (
        f"{name.rpartition('.')[2]} = {_short(value)}: {reason}"
        for name, value, reason in chosen.choices
    )
    for line in dict.fromkeys(lines):  # train and dev are read alike
        msg.text(line)


def _short(value: object) -> str:
    if isinstance(value, dict):
        return next(str(own) for own in value.values())
    return "null" if value is None else str(value)
