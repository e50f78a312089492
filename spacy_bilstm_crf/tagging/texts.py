"""Texts to tag, and those of a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from ..corpora.brat import find_texts, read_text


class Text(NamedTuple):
    """A text to tag.

    name: what it is called in the output.
    fields: what else its record holds.
    """

    name: str
    text: str
    fields: dict[str, Any] = {}


OnError = Callable[[str, str], None]
"""Told the name of a text, and why it failed: the type of the error and its message."""


def reason_of(error: Exception) -> str:
    """Why a text failed."""
    return f"{type(error).__name__}: {error}"


def digest(text: str) -> str:
    """A digest of a text, to compare it by: 32 hexadecimal digits."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def stamp(kept: str, length: int, hidden: Iterable[tuple[int, int]]) -> str:
    """What a text with hidden stretches can be compared by, from which no one can guess them.

    kept: the text without them.
    length: of the whole text, in characters.
    hidden: their (start, end), by start. Without any, the stamp is the text's digest.
    """
    offsets = "".join(f" {start}-{end}" for start, end in hidden)
    return f"{digest(kept)} {length}{offsets}" if offsets else digest(kept)


def check_unchanged(text: Text, earlier: str) -> None:
    """RAISES: ValueError if the text of this name had another `stamp` earlier."""
    pairs = [pair.split("-") for pair in earlier.split(" ")[2:]]
    hidden = [(int(start), int(end)) for start, end in pairs]
    if stamp(without(text.text, hidden), len(text.text), hidden) != earlier:
        raise ValueError(
            f"The output has another text than the input under the name {text.name!r}: the "
            "input has changed since. Give another output, or --force to begin anew."
        )


def without(text: str, stretches: Iterable[tuple[int, int]]) -> str:
    """A text without some stretches, given as (start, end), by start."""
    parts, last = [], 0
    for start, end in stretches:
        parts.append(text[last:start])
        last = end
    return "".join([*parts, text[last:]])


def is_done(text: Text, done: Mapping[str, str]) -> bool:
    """Tell whether a text is among those that are done, given by name with their stamps.

    RAISES: ValueError if the text of this name had another stamp.
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
            on_error(name, reason_of(error))
