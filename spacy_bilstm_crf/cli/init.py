"""A config for a corpus."""

from pathlib import Path
from typing import cast

import typer
from spacy.util import get_lang_class, is_package
from wasabi import msg

from ..corpora.annotated import AnnotatedText
from ..corpora.convert import read_files
from ..corpora.files import make_room, write_whole
from ..corpora.inputs import find_inputs
from ..corpora.overview import Overview
from ..training.choose import Chosen, Size, choose
from . import options
from .overview import print_overview


def init_cli(
    corpus: Path = typer.Argument(
        ..., help="A file of annotated texts, or a folder of them, as for `convert`"
    ),
    config: Path = typer.Argument(..., help="Config file to write"),
    lang: options.Lang = None,
    size: options.Size = "default",
    vectors: options.Vectors = None,
    minutes: options.Minutes = None,
    gpu_id: options.GpuId = -1,
    seed: int = typer.Option(0, help="Seed of the training"),
    format: options.Format = None,
    unit: options.Unit = "auto",
    word_column: options.WordColumn = None,
    tag_column: options.TagColumn = None,
    text_field: options.TextField = None,
    spans_field: options.SpansField = None,
    label_field: options.LabelField = None,
    offsets: options.Offsets = "characters",
    annotator: options.Annotator = None,
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
        read = options.read_options(
            word_column=word_column,
            tag_column=tag_column,
            unit=unit,
            offsets=offsets,
            annotator=annotator,
            text_field=text_field,
            spans_field=spans_field,
            label_field=label_field,
        )
        inputs = find_inputs(corpus, format)
        texts = list(read_files(inputs.format, inputs.files["train"], read))
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
    overview = Overview()
    for text in texts:
        overview.add("train", text)
    print_overview(overview)
    msg.good(f"Wrote {config}")
    msg.text(
        f"Next: python -m spacy bilstm-crf convert {corpus} CORPUS --config {config}, and then\n"
        f"python -m spacy train {config} --output OUTPUT --paths.train CORPUS/train.spacy "
        "--paths.dev CORPUS/dev.spacy"
    )


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

    RAISES: ValueError if there is no such size, language or pipeline with vectors.
    """
    if size not in ("fast", "default", "best"):
        raise ValueError(f"--size must be fast, default or best, got {size!r}.")
    if lang is not None:
        try:
            get_lang_class(lang)
        except ImportError as error:
            raise ValueError(
                f"spaCy has no language {lang!r}, or lacks what it needs ({error}). Give its code, "
                "such as en, or xx for any."
            ) from error
    if vectors is not None and not (Path(vectors).exists() or is_package(vectors)):
        raise ValueError(
            f"There is no pipeline {vectors} with vectors: no folder, and no package. For one of "
            f"spaCy's: python -m spacy download {vectors}"
        )
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
