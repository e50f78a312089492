"""The docstrings of this project: prose, then a line `name: text` for each argument, and lines
RETURNS, RAISES, WARNS or YIELDS. Continuation lines are indented."""

import inspect
import re
from collections.abc import Collection
from typing import NamedTuple

_ENTRY = re.compile(r"(\w+(?:, \w+)*): (.+)")
_OUTCOMES = ("RETURNS", "RAISES", "WARNS", "YIELDS")
# In a docstring of a line or two, they follow the sentence.
_INLINE = re.compile(r"(?<=\.) (RETURNS: )")
# The registered name, which stands above the text already.
_REGISTERED = re.compile(r"\s*\(spacy_bilstm_crf\.\w+\.v\d+\)|(?<=\()spacy_bilstm_crf\.\w+\.v\d+; ")


class Docstring(NamedTuple):
    """A docstring in its parts, as Markdown.

    arguments: the names that a line explains, and its text.
    outcomes: RETURNS and the like, each with its text.
    """

    prose: str
    arguments: list[tuple[tuple[str, ...], str]]
    outcomes: list[tuple[str, str]]


def parse(text: str, names: Collection[str] = ()) -> Docstring:
    """Take a docstring apart.

    names: those of the arguments. A line that begins with another word and a colon is prose; if
        there are none, every such line of the last paragraph is of an argument.
    """
    prose: list[str] = []
    entries: list[tuple[str, list[str]]] = []
    lines = _INLINE.sub(r"\n\1", inspect.cleandoc(text))
    last = lines.rpartition("\n\n")[2].splitlines()
    for line in lines.splitlines():
        found = _ENTRY.fullmatch(line)
        if found and _explains(found[1], names, line in last):
            entries.append((found[1], [found[2]]))
        elif entries and line[:1] == " ":
            entries[-1][1].append(line.strip())
        elif entries and line:
            entries[-1][1].append(line)
        else:
            prose.append(line)
    joined = [(name, " ".join(lines)) for name, lines in entries]
    return Docstring(
        _REGISTERED.sub("", "\n".join(prose)).strip(),
        [(tuple(name.split(", ")), text) for name, text in joined if name not in _OUTCOMES],
        [(name, text) for name, text in joined if name in _OUTCOMES],
    )


def _explains(name: str, names: Collection[str], in_last: bool) -> bool:
    if name in _OUTCOMES:
        return True
    return set(name.split(", ")) <= set(names) if names else in_last


def outcome(name: str, text: str) -> str:
    """A line on what a function returns or raises."""
    return f"*{name.capitalize()}:* {text}"
