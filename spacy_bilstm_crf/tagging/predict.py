"""The texts of a folder or of a file of records, tagged into an output."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from spacy.language import Language
from tqdm import tqdm

from ..corpora.files import locked
from .formats import Format, make_function, open_output
from .load import load_pipeline
from .outputs import FilePerText, lock_file
from .packed import PARQUET, is_packed
from .records import open_records
from .tag_texts import tag_texts
from .tagger import Tagger, TagParts
from .texts import OnError, Text, find_named_texts, folder_texts
from .workers import start_workers


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
    model: Language | str | Path,
    input_path: Path,
    output_path: Path,
    output_format: Format | None = None,
    *,
    workers: int = 1,
    force: bool = False,
    on_error: OnError | None = None,
) -> Outcome:
    """Tag the texts of a folder or a file of records that the output does not have yet.

    model: a pipeline, whose `max_length` is raised if no component needs the limit; or its name or
        path, which workers need, as each loads it.
    output_path: a folder; for the formats of lines, such as jsonl, a file.
    output_format: by default that of `default_format`.
    workers: how many processes tag; 1 is this one.
    force: remove first what this function has written to the output, and nothing else.
    on_error: told of each text that fails.
    RAISES: FileNotFoundError if there is no input, or a folder without texts; ValueError if the
        input is damaged, the output is not of this function, or another run writes there; OSError
        if the output can't be written, or a worker dies; and as `load_pipeline` does. What is
        written then is whole, and another run goes on from there.
    """
    if not input_path.exists():
        raise FileNotFoundError(f"{input_path} does not exist.")
    is_folder = input_path.is_dir()
    if not is_folder and input_path.suffix.lower() == ".txt":
        raise ValueError(f"{input_path} is one text. Give its folder, or a file of JSON lines.")
    if workers > 1 and isinstance(model, Language):
        raise ValueError("Workers load the pipeline themselves. Give its name or its path.")
    output_format = Format(output_format or default_format(input_path))
    _check_output(input_path, output_path, output_format)
    are_numbers = not is_folder and output_format.is_file_per_text
    failed = []
    with ExitStack() as stack:
        progress = stack.enter_context(tqdm(unit=" texts", disable=None, file=sys.stderr))

        def report(name: str, reason: str) -> None:
            failed.append(name)
            if on_error is not None:
                on_error(name, reason)

        texts: Iterable[Text]
        if is_folder:
            named = find_named_texts(input_path)
            progress.total = len(named)
            texts = folder_texts(named, report)
        else:
            texts = open_records(input_path, report, are_numbers=are_numbers)
        tag_parts: TagParts
        if workers > 1:
            tag_parts = stack.enter_context(
                start_workers(str(model), workers, output_format, are_numbers=are_numbers)
            )
        else:
            nlp = model if isinstance(model, Language) else load_pipeline(model)
            make = make_function(output_format, nlp, are_numbers=are_numbers)
            tag_parts = Tagger(nlp, make).tag_parts
        lock = lock_file(output_path, is_folder=output_format.is_folder)
        stack.enter_context(locked(lock, output_path))
        output = open_output(output_format, output_path, are_numbers=are_numbers, force=force)
        n_tagged, n_had = tag_texts(texts, tag_parts, output, report, progress)
    of_others = output.n_of_others if isinstance(output, FilePerText) else 0
    return Outcome(n_tagged, failed, n_had, of_others)


def default_format(input_path: Path) -> Format:
    """The format of an output if none is asked for: brat for a folder, jsonl for records."""
    return Format.brat if input_path.is_dir() else Format.jsonl


def _check_output(input_path: Path, output_path: Path, output_format: Format) -> None:
    is_lines = output_path.suffix == ".jsonl" or is_packed(output_path)
    if not output_format.is_folder:
        if output_path.is_dir():
            raise ValueError(
                f"{output_path} is a folder. JSON lines go into a file, such as out.jsonl."
            )
        if output_path.exists() and not output_path.is_file():
            raise ValueError(f"{output_path} is not a regular file. Give another output.")
        if output_path.resolve() == input_path.resolve():
            raise ValueError(f"{output_path} is the input. Give another output file.")
        if output_path.suffix == PARQUET and output_format != Format.jsonl:
            raise ValueError(
                f"{output_path}: Parquet has what the format jsonl has. Leave out --format "
                f"{output_format.value}, or give another output."
            )
    elif is_lines or (output_path.exists() and not output_path.is_dir()):
        raise ValueError(
            f"The format {output_format.value} is written to a folder, and {output_path} is a "
            "file, or named like one. Give the name of a folder; for JSON lines say --format jsonl."
        )
