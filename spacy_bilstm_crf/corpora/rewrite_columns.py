"""A column file again, with the tags of some texts corrected: other columns, comments and the
scheme of the tags stay."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from .annotated import AnnotatedText, ReadOptions
from .formats.column_layout import WHITE, Layout, find_layout, is_docstart
from .formats.column_sentences import Sentence, Word, read_sentences
from .formats.columns import sample_lines
from .formats.token_tags import tags_of
from .open_text import read_lines
from .tag_schemes import encode, find_scheme

_DOCUMENT = 2
_LEVELS = {"newpar": 1, "newdoc": _DOCUMENT, "global.columns": 3}
_HEADER = re.compile(r"# ?(newpar|newdoc|global\.columns)\b")


def rewrite_columns(
    path: Path,
    corrections: Sequence[tuple[AnnotatedText, AnnotatedText | None]],
    options: ReadOptions,
) -> Iterator[str]:
    """The lines of a file, with other tags where these change.

    corrections: its texts as they were read, and as they should be; None to leave one out.
    options: with which it was read.
    """
    lines = [line for _, line in read_lines(path)]
    numbered = list(enumerate(lines, 1))
    layout = find_layout(path, list(sample_lines(iter(numbered))), options)
    sentences = list(read_sentences(path, numbered, layout))
    scheme = _find_scheme(path, sentences, layout)
    remaining = iter(sentences)
    for before, after in corrections:
        own = _take(remaining, len(before.tokens or ()))
        if after is None:
            _leave_out(lines, own, layout)
        elif after != before:
            old, new = _tags(before, own), _tags(after, own)
            for sentence, was, becomes in zip(own, old, new):
                encoded = zip(sentence.words, encode(was, scheme), encode(becomes, scheme))
                for word, tag, other in encoded:
                    if tag != other:
                        line = lines[word.line - 1]
                        lines[word.line - 1] = _set_tag(line, other, layout)
    yield from lines


def _take(sentences: Iterator[Sentence], n_words: int) -> list[Sentence]:
    own: list[Sentence] = []
    while sum(len(sentence.words) for sentence in own) < n_words:
        own.append(next(sentences))
    return own


def _tags(text: AnnotatedText, sentences: Iterable[Sentence]) -> list[list[str]]:
    """The tags of each sentence's words, in IOB2."""
    tags = iter(tags_of(text))
    return [list(islice(tags, len(sentence.words))) for sentence in sentences]


def _find_scheme(path: Path, sentences: Iterable[Sentence], layout: Layout) -> str:
    if layout.tags is not None and layout.tags.plain:
        return "plain"
    return find_scheme(
        (word.tag, tag)
        for sentence in sentences
        for word, tag in zip(sentence.words, sentence.tags(path, layout))
    )


def _set_tag(line: str, tag: str, layout: Layout) -> str:
    """A line with another tag, and its white space as it was."""
    assert layout.tags is not None
    separator = r" *\t[ \t]*" if layout.has_tabs else r"[ \t]+"
    begin = len(line) - len(line.lstrip(WHITE))
    end = len(line.rstrip(WHITE))
    borders = [begin]
    for found in re.finditer(separator, line[begin:end]):
        borders += [begin + found.start(), begin + found.end()]
    borders.append(end)
    first, last = borders[2 * layout.tags.column], borders[2 * layout.tags.column + 1]
    key = layout.tags.key
    value = tag if key is None else _set_key(line[first:last], key, tag, layout.tags.absent)
    return f"{line[:first]}{value}{line[last:]}"


def _set_key(field: str, key: str, tag: str, absent: str) -> str:
    """A field of "Key=value|..." with another value of a key, without it where that is as good."""
    parts = [] if field == "_" else field.split("|")
    names = [part.partition("=")[0] for part in parts]
    places = [i for i, name in enumerate(names) if name.lower() == key]
    if tag == absent:
        parts = [part for i, part in enumerate(parts) if i not in places]
    elif places:
        parts[places[0]] = f"{names[places[0]]}={tag}"
    else:
        parts.append(f"{key.upper()}={tag}")
    return "|".join(parts) or "_"


def _leave_out(lines: list[str], sentences: Sequence[Sentence], layout: Layout) -> None:
    """Empty the lines of sentences, of comments before them, and of the blank after them; and that
    with which a paragraph or the document began, if nothing is left of it."""
    words: list[Word] = [word for sentence in sentences for word in sentence.words]
    first, last = words[0].line - 1, words[-1].line
    headers: list[int] = []
    while first > 0 and lines[first - 1].strip(WHITE) and first != layout.header:
        first -= 1
        headers += [first] if _level(lines[first]) else []
    if last < len(lines) and not lines[last].strip(WHITE):
        last += 1
    before = next((i for i in range(first - 1, -1, -1) if lines[i].strip(WHITE)), None)
    after = next((line for line in lines[last:] if line.strip(WHITE)), None)
    ended = _DOCUMENT if after is None else _level(after)
    if before is not None and is_docstart(lines[before]) and ended >= _DOCUMENT:
        first = before
    kept = {i: lines[i] for i in headers if _level(lines[i]) > ended}
    lines[first:last] = [kept.get(i, "") for i in range(first, last)]


def _level(line: str) -> int:
    """What a line is of: a paragraph, a document or the file, 0 if of none."""
    if is_docstart(line):
        return _DOCUMENT
    found = _HEADER.match(line)
    return _LEVELS[found[1]] if found else 0
