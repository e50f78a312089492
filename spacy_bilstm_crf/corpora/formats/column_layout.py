"""Which column of a column file is what: found in its first lines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ...tags import is_tag
from ..annotated import FormatError, ReadOptions
from .token_tags import SAMPLE, are_plain

DOCSTART = "-DOCSTART-"
WHITE = " \t\r\n"
"""What counts as white space. Others, such as a no-break space, are part of a word."""
CONLLU_WIDTH = 10
"""How many columns CoNLL-U has; the last is MISC."""

_KEYS = ("ner", "ne", "name", "entity")
_SURE_COMMENT = re.compile(r"# (?:[A-Za-z_][\w.:-]*(?: id)? =|(?:newdoc|newpar)[ \t\r\n]*$)")
_PART = re.compile(r"\d+[-.]\d+")
"""An index that is none of a word: a range of words, or an empty node."""

_FIND_HELP = "Say which it is: --tag-column, with a number from 1 or a name of the header."

NumberedLine = tuple[int, str]


class Tags(NamedTuple):
    """Where tags are.

    column: from 0.
    key: of the column's "Key=value|..." in lower case, None if the whole field is the tag.
    absent: the tag of a token that lacks the key.
    plain: whether tags are labels without prefixes.
    """

    column: int
    key: str | None = None
    absent: str = "O"
    plain: bool = False

    def of(self, fields: list[str]) -> str:
        """The tag of a token."""
        if self.key is None:
            return fields[self.column]
        return keys(fields[self.column]).get(self.key, self.absent)


@dataclass(frozen=True)
class Layout:
    """What the columns of a file are.

    has_tabs: whether tabs part fields, or also blanks.
    width: how many columns there are.
    word: the column of words, from 0.
    tags: where tags are; None if they are nowhere.
    has_index: whether the first column counts the words of a sentence.
    misc: the column of "SpaceAfter=No", None if there is none.
    tells_spaces: whether that is said anywhere.
    header: the number of the line of names, 0 if there is none.
    """

    has_tabs: bool
    width: int
    word: int
    tags: Tags | None
    has_index: bool = False
    misc: int | None = None
    tells_spaces: bool = False
    header: int = 0

    def is_comment(self, line: str) -> bool:
        """Tell whether a line is a comment. "#" may also be, or begin, a word: "# O", "#tag O"."""
        if not line.startswith("#"):
            return False
        fields = split(line, self.has_tabs)
        if _SURE_COMMENT.match(line) or len(fields) != self.width:
            return True
        if not line.startswith("# ") or self.tags is None or self.tags.plain:
            return False
        return not is_tag(self.tags.of(fields))


def split(line: str, has_tabs: bool) -> list[str]:
    """The fields of a line."""
    return re.split(r" *\t[ \t]*" if has_tabs else r"[ \t]+", line.strip(WHITE))


def keys(field: str) -> dict[str, str]:
    """The values of "Key=value|Key=value", by key in lower case."""
    pairs = (part.partition("=") for part in field.split("|"))
    return {key.lower(): value for key, is_pair, value in pairs if is_pair}


def is_part(index: str) -> bool:
    """Tell whether an index of CoNLL-U is that of a range ("3-4") or of an empty node ("5.1")."""
    return _PART.fullmatch(index) is not None


def is_docstart(line: str) -> bool:
    """Tell whether a line begins a document."""
    return split(line, False)[0] == DOCSTART


def find_layout(path: Path, lines: Iterable[NumberedLine], options: ReadOptions) -> Layout:
    """Find what the columns are.

    lines: the first of the file, with whole sentences.
    RAISES: FormatError if there are no tokens, or no two columns, or an option names a column that
        is not there.
    """
    lines = list(lines)
    names = _global_columns(lines)
    first = _first_token(lines)
    if first is None:
        raise FormatError(f"{path}: the file holds no tokens.")
    number, line = first
    has_tabs, header = "\t" in line.strip(WHITE), 0
    fields = split(line, has_tabs)
    if {options.word_column, options.tag_column} & (set(fields) - set(names)):
        names, header = fields, number
    if len(fields) < 2:
        raise FormatError(
            f"{path}, line {number}: expected 2 columns, the word first and its tag last, found "
            f"1: {fields[0][:60]!r}."
        )
    bare = Layout(has_tabs, len(fields), 0, None)
    sentences = _sentences(bare, [numbered for numbered in lines if numbered[0] != header])
    has_index = len(fields) > 2 and _count_words(sentences, has_tabs)
    rows = [row for rows in sentences for row in rows if not (has_index and is_part(row[0]))]
    if not rows:
        raise FormatError(f"{path}: the file holds no tokens.")
    lower = [name.lower() for name in names]
    is_conllu = has_index and len(fields) == CONLLU_WIDTH
    misc = lower.index("misc") if "misc" in lower else (CONLLU_WIDTH - 1 if is_conllu else None)
    if misc is not None and misc >= len(fields):
        misc = None
    if options.word_column is not None:
        word = _number(path, options.word_column, "word", names, len(fields))
    elif "form" in lower:
        word = lower.index("form")
    else:
        word = int(has_index)
    return Layout(
        has_tabs=has_tabs,
        width=len(fields),
        word=word,
        tags=_told_tags(path, options, names, rows, misc)
        or _find_tags(rows, {word} | ({0} if has_index else set()), misc, is_conllu),
        has_index=has_index,
        misc=misc,
        tells_spaces=misc is not None and any("spaceafter" in keys(row[misc]) for row in rows),
        header=header,
    )


def no_tags(path: Path, lines: Iterable[NumberedLine]) -> FormatError:
    """The error of a file in which no column holds tags."""
    number, line = _first_token(list(lines)) or (1, "")
    return FormatError(
        f"{path}, line {number}: no column holds tags such as O and B-PER, in: "
        f"{line.strip()[:60]!r}. {_FIND_HELP}"
    )


def _first_token(lines: list[NumberedLine]) -> NumberedLine | None:
    """The first line of a token: one without a "#" if there is any, as that may be a comment."""
    may_be = [
        (number, line)
        for number, line in lines
        if line.strip(WHITE) and not is_docstart(line) and not _SURE_COMMENT.match(line)
    ]
    sure = (numbered for numbered in may_be if not numbered[1].startswith("#"))
    return next(sure, may_be[0] if may_be else None)


def _global_columns(lines: list[NumberedLine]) -> list[str]:
    for _, line in lines:
        found = re.match(r"# global\.columns = (.*)", line.rstrip(WHITE))
        if found:
            return found[1].split()
    return []


def _sentences(layout: Layout, lines: list[NumberedLine]) -> list[list[list[str]]]:
    """The fields of each sentence. Lines with more or fewer of them are an error, said later."""
    sentences: list[list[list[str]]] = [[]]
    for _, line in lines:
        if not line.strip(WHITE) or is_docstart(line):
            sentences.append([])
        elif not layout.is_comment(line):
            fields = split(line, layout.has_tabs)
            if len(fields) == layout.width:
                sentences[-1].append(fields)
    return [sentence for sentence in sentences if sentence]


def _count_words(sentences: list[list[list[str]]], has_tabs: bool) -> bool:
    """Tell whether the first column counts words: in each sentence from 1 or 0, or through the
    file. Of sentences of a word each, only a 1 after a tab surely does."""
    parts = [[row[0] for row in rows if not is_part(row[0])] for rows in sentences]
    if has_tabs and all(part == _count(1, len(part)) for part in parts):
        return True
    whole = [index for part in parts for index in part]
    if all(len(part) < 2 for part in parts):
        return False
    return any(
        all(part == _count(first, len(part)) for part in counted)
        for first in (0, 1)
        for counted in (parts, [whole])
    )


def _count(first: int, length: int) -> list[str]:
    return [str(i) for i in range(first, first + length)]


def _number(path: Path, option: str, what: str, names: list[str], width: int) -> int:
    if option in names:
        return names.index(option)
    if option.isdecimal() and 1 <= int(option) <= width:
        return int(option) - 1
    known = f", named {', '.join(names)}" if names else ", without a header that names them"
    raise FormatError(
        f"{path}: there is no {what} column {option!r}: the file has {width} columns{known}."
    )


def _told_tags(
    path: Path, options: ReadOptions, names: list[str], rows: list[list[str]], misc: int | None
) -> Tags | None:
    """The tags of the column, or the key of the MISC column, that the option says."""
    if options.tag_column is None:
        return None
    key = options.tag_column.lower()
    if misc is not None and any(key in keys(row[misc]) for row in rows):
        return _key_tags(rows, misc, key)
    column = _number(path, options.tag_column, "tag", names, len(rows[0]))
    return Tags(column, plain=are_plain(row[column] for row in rows))


def _find_tags(
    rows: list[list[str]], others: set[int], misc: int | None, is_conllu: bool
) -> Tags | None:
    """The last column of only tags; else a key; else the last of labels; else that which is mostly
    tags, so that the one which is none can be named."""
    rows = rows[:SAMPLE]
    columns = [i for i in reversed(range(len(rows[0]))) if i not in others]
    shares = {i: sum(is_tag(row[i]) for row in rows) / len(rows) for i in columns}
    only_tags = [i for i in columns if shares[i] == 1]
    # A column may hold nothing but "-" for other reasons than that no tag is known.
    for i in sorted(only_tags, key=lambda i: all(row[i] == "-" for row in rows)):
        return Tags(i)
    if misc is not None:
        for key in _KEYS:
            values = [keys(row[misc])[key] for row in rows if key in keys(row[misc])]
            if values and all(map(is_tag, values)):
                return _key_tags(rows, misc, key)
    if is_conllu:  # its columns are known, and hold other labels
        return None
    for i in columns:
        if are_plain(row[i] for row in rows):
            return Tags(i, plain=True)
    return next((Tags(i) for i in columns if shares[i] >= 0.5), None)


def _key_tags(rows: list[list[str]], misc: int, key: str) -> Tags:
    """Where keys are on entities only, a token without one is O. Where O is said, it is unknown."""
    says_outside = any(keys(row[misc]).get(key) == "O" for row in rows)
    return Tags(misc, key, absent="-" if says_outside else "O")
