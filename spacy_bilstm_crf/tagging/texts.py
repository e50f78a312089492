"""Texts to tag: from a folder, or from a stream of JSON lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any, NamedTuple

from ..corpora.brat import find_texts, read_text


class Text(NamedTuple):
    """A text to tag.

    name: what it is called in the output.
    fields: what else its record holds.
    """

    name: str
    text: str
    fields: dict[str, Any] = {}


OnError = Callable[[str, Exception], None]
"""Told the name of a text, and what went wrong with it."""


def digest(text: str) -> str:
    """A digest of a text, to compare it by: 32 hexadecimal digits."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def check_unchanged(text: Text, earlier: str) -> None:
    """RAISES: ValueError if the text of this name had another digest earlier."""
    if digest(text.text) != earlier:
        raise ValueError(
            f"The output has another text than the input under the name {text.name!r}: the "
            "input has changed since. Give another output, or --force to begin anew."
        )


def is_done(text: Text, done: Mapping[str, str]) -> bool:
    """Tell whether a text is among those that are done, given by name with their digests.

    RAISES: ValueError if the text of this name had another digest.
    """
    if text.name not in done:
        return False
    check_unchanged(text, done[text.name])
    return True


def find_named_texts(folder: Path) -> dict[str, Path]:
    """The .txt files of a folder and the folders in it, by their names: their paths within it,
    without .txt.

    RAISES: FileNotFoundError if there are none; ValueError if two have one name.
    """
    named: dict[str, Path] = {}
    for path in find_texts(folder):
        name = path.relative_to(folder).with_suffix("").as_posix()
        if name in named:
            raise ValueError(f"{named[name]} and {path} have one name; rename one of them.")
        named[name] = path
    return named


def folder_texts(named: dict[str, Path], on_error: OnError) -> Iterator[Text]:
    """The texts of files, as `find_named_texts` gives them."""
    for name, path in named.items():
        try:
            yield Text(name, read_text(path))
        except (ValueError, OSError) as error:
            on_error(name, error)


def stream_texts(stream: IO[bytes], on_error: OnError) -> Iterator[Text]:
    """The "text" of each line of JSON lines, named by the number of the line."""
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
            if not isinstance(record, dict) or not isinstance(record.get("text"), str):
                raise ValueError('expected a JSON object with a string "text"')
            record["text"].encode()  # half a surrogate pair is no character
        except (ValueError, RecursionError) as error:
            on_error(f"line {number}", error)
        else:
            yield Text(str(number), record.pop("text"), record)
