"""The loop of commands over many texts: a folder or a file of records in, a product out."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from spacy.language import Language
from tqdm import tqdm

from ..corpora.files import locked
from .load import load_pipeline
from .outputs import FilePerText, lock_file
from .packed import is_packed
from .product import Product
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
    of_others: of those it had, how many have files that the command has not written.
    """

    tagged: int
    failed: list[str]
    had: int
    of_others: int


def run(
    model: Language | str | Path,
    input_path: Path,
    output_path: Path,
    product: Product,
    *,
    workers: int = 1,
    force: bool = False,
    on_error: OnError | None = None,
) -> Outcome:
    """Make of the texts of a folder or a file of records what the output does not have yet.

    model: a pipeline, whose `max_length` is raised if no component needs the limit; or its name or
        path, which workers need, as each loads it.
    input_path, output_path: as they are checked by `check_input` and `check_output`.
    product: what is made.
    workers: how many processes tag; 1 is this one.
    force: remove first what the command has written to the output, and nothing else.
    on_error: told of each text that fails.
    RAISES: FileNotFoundError if a folder has no texts; ValueError if the input is damaged, the
        output is of others, the pipeline can't make the product, or another run writes there;
        OSError if the output can't be written, or a worker dies; and as `load_pipeline` does. What
        is written then is whole, and another run goes on from there.
    """
    if workers > 1 and isinstance(model, Language):
        raise ValueError("Workers load the pipeline themselves. Give its name or its path.")
    failed = []
    with ExitStack() as stack:
        progress = stack.enter_context(tqdm(unit=" texts", disable=None, file=sys.stderr))

        def report(name: str, reason: str) -> None:
            failed.append(name)
            if on_error is not None:
                on_error(name, reason)

        texts: Iterable[Text]
        if input_path.is_dir():
            named = find_named_texts(input_path)
            progress.total = len(named)
            texts = folder_texts(named, report)
        else:
            texts = open_records(input_path, report, are_numbers=product.are_numbers)
        tag_parts: TagParts
        if workers > 1:
            tag_parts = stack.enter_context(start_workers(str(model), workers, product))
        else:
            nlp = model if isinstance(model, Language) else load_pipeline(model)
            tag_parts = Tagger(nlp, product).tag_parts
        lock = lock_file(output_path, is_folder=product.is_folder)
        stack.enter_context(locked(lock, output_path))
        output = product.open_output(output_path, force=force)
        n_tagged, n_had = tag_texts(texts, tag_parts, output, report, progress)
    of_others = output.n_of_others if isinstance(output, FilePerText) else 0
    return Outcome(n_tagged, failed, n_had, of_others)


def check_input(path: Path) -> None:
    """RAISES: FileNotFoundError if there is no input; ValueError if it is one text."""
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist.")
    if path.is_file() and path.suffix.lower() == ".txt":
        raise ValueError(f"{path} is one text. Give its folder, or a file of JSON lines.")


def is_named_as_lines(path: Path) -> bool:
    """Tell whether an output is a file of lines, by its name."""
    return path.suffix == ".jsonl" or is_packed(path)


def check_lines_output(input_path: Path, output_path: Path) -> None:
    """RAISES: ValueError if the output can't be a file of lines."""
    if output_path.is_dir():
        raise ValueError(
            f"{output_path} is a folder. JSON lines go into a file, such as out.jsonl."
        )
    if output_path.exists() and not output_path.is_file():
        raise ValueError(f"{output_path} is not a regular file. Give another output.")
    if output_path.resolve() == input_path.resolve():
        raise ValueError(f"{output_path} is the input. Give another output file.")
