"""The texts of a folder or of a JSON-lines file, tagged into an output."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from spacy.language import Language
from tqdm import tqdm

from ..corpora.files import locked
from .formats import Format, open_output
from .outputs import FilePerText, lock_file
from .tag_texts import allow_long_texts, tag_texts
from .texts import OnError, Text, find_named_texts, folder_texts, stream_texts


class Outcome(NamedTuple):
    """What became of the texts.

    tagged: how many were tagged.
    failed: the names of those that failed.
    had: how many the output had already.
    of_others: of those it had, how many have files that `predict` has not written.
    """

    tagged: int
    failed: list[str]
    had: int
    of_others: int


def predict(
    nlp: Language,
    input_path: Path,
    output_path: Path,
    output_format: Format | None = None,
    *,
    force: bool = False,
    on_error: OnError | None = None,
) -> Outcome:
    """Tag the texts of a folder or a JSON-lines file that the output does not have yet.

    nlp: its `max_length` is raised if no component needs the limit.
    output_path: a folder; for the formats of lines, such as jsonl, a file.
    output_format: by default that of `default_format`.
    force: remove first what this function has written to the output, and nothing else.
    on_error: told of each text that fails.
    RAISES: FileNotFoundError if there is no input, or a folder without texts; ValueError if the
        output is not of this function, or another run writes there; OSError if it can't be written.
    """
    if not input_path.exists():
        raise FileNotFoundError(f"{input_path} does not exist.")
    is_folder = input_path.is_dir()
    if not is_folder and input_path.suffix.lower() == ".txt":
        raise ValueError(f"{input_path} is one text. Give its folder, or a file of JSON lines.")
    named = find_named_texts(input_path) if is_folder else {}
    output_format = Format(output_format or default_format(input_path))
    _check_output(input_path, output_path, output_format)
    allow_long_texts(nlp)
    failed = []

    def report(name: str, error: Exception) -> None:
        failed.append(name)
        if on_error is not None:
            on_error(name, error)

    with ExitStack() as stack:
        lock = lock_file(output_path, is_folder=output_format.is_folder)
        stack.enter_context(locked(lock, output_path))
        texts: Iterable[Text]
        if is_folder:
            texts = folder_texts(named, report)
        else:
            texts = stream_texts(stack.enter_context(input_path.open("rb")), report)
        output = open_output(
            output_format, output_path, nlp, are_numbers=not is_folder, force=force
        )
        total = len(named) if is_folder else None
        progress = tqdm(texts, unit=" texts", total=total, disable=None, file=sys.stderr)
        n_tagged, n_had = tag_texts(nlp, progress, output, report)
    of_others = output.n_of_others if isinstance(output, FilePerText) else 0
    return Outcome(n_tagged, failed, n_had, of_others)


def default_format(input_path: Path) -> Format:
    """The format of an output if none is asked for: brat for a folder, jsonl for JSON lines."""
    return Format.brat if input_path.is_dir() else Format.jsonl


def _check_output(input_path: Path, output_path: Path, output_format: Format) -> None:
    if not output_format.is_folder:
        if output_path.is_dir():
            raise ValueError(
                f"{output_path} is a folder. JSON lines go into a file, such as out.jsonl."
            )
        if output_path.exists() and not output_path.is_file():
            raise ValueError(f"{output_path} is not a regular file. Give another output.")
        if output_path.resolve() == input_path.resolve():
            raise ValueError(f"{output_path} is the input. Give another output file.")
    elif output_path.suffix == ".jsonl" or (output_path.exists() and not output_path.is_dir()):
        raise ValueError(
            f"The format {output_format.value} is written to a folder, and {output_path} is a "
            "file, or named like one. Give the name of a folder; for JSON lines say --format jsonl."
        )
