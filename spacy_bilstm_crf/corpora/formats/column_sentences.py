"""The lines of a column file -> its sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..annotated import FormatError
from .column_layout import WHITE, Layout, NumberedLine, is_docstart, is_part, keys, split
from .token_tags import iob2, joined

_COMMENT = re.compile(r"# ?([\w.:-]+(?: id)?) =(?: (.*))?", re.DOTALL)


@dataclass
class Word:
    """A token, the line it stands on, its tag as written, and whether a blank follows."""

    text: str
    line: int
    tag: str
    space: bool = True


@dataclass
class Sentence:
    """A sentence of a column file.

    document: which of the file's documents it is in, from 1; 0 before the first that is marked.
    document_name: what the file calls that.
    told_text: its text with spaces, and `text_line`, the line where it stands.
    """

    document: int = 0
    document_name: str = ""
    name: str = ""
    told_text: str | None = None
    text_line: int = 0
    words: list[Word] = field(default_factory=list)

    def tags(self, path: Path, layout: Layout) -> list[str]:
        """The tags in IOB2.

        RAISES: FormatError naming the line if one is unknown.
        """
        places = [f"{path}, line {word.line}" for word in self.words]
        is_plain = layout.tags is not None and layout.tags.plain
        return iob2([word.tag for word in self.words], places, plain=is_plain)

    def text(self, path: Path, layout: Layout) -> tuple[str, list[tuple[int, int]], bool]:
        """The text, where its tokens are, and whether its spaces are true.

        RAISES: FormatError naming the line if the text that the file tells has other words.
        """
        words = [word.text for word in self.words]
        if self.told_text is not None:
            tokens = find_words(self.told_text, words)
            if tokens is None:
                raise FormatError(
                    f"{path}, line {self.text_line}: the words of the sentence, which begins on "
                    f"line {self.words[0].line}, are not those of its '# text': "
                    f"{self.told_text[:60]!r}. Correct one of them, or remove the '# text' line."
                )
            return self.told_text, tokens, True
        if not layout.tells_spaces:
            return *joined(words), False
        text, tokens = "", []
        for word in self.words:
            tokens.append((len(text), len(text) + len(word.text)))
            text += word.text + " " * word.space
        return text.rstrip(" "), tokens, True


def read_sentences(path: Path, lines: Iterable[NumberedLine], layout: Layout) -> Iterator[Sentence]:
    """The sentences of a file.

    RAISES: FormatError naming the line if one has more or fewer columns than the others.
    """
    sentence = Sentence()
    ranges = _Ranges()
    for number, line in lines:
        if number == layout.header:
            continue
        begins_document = is_docstart(line)
        if begins_document or not line.strip(WHITE):
            if sentence.words:
                yield sentence
                sentence = Sentence(sentence.document, sentence.document_name)
                ranges = _Ranges()
            if begins_document:
                sentence = Sentence(sentence.document + 1)
        elif layout.is_comment(line):
            # A comment inside a sentence says nothing of it.
            if not sentence.words:
                sentence = _read_comment(sentence, number, line)
        else:
            fields = split(line, layout.has_tabs)
            if len(fields) != layout.width:
                raise FormatError(
                    f"{path}, line {number}: expected {layout.width} columns, as in the lines "
                    f"before, found {len(fields)}: {line.strip()[:60]!r}."
                )
            ranges.add(sentence.words, number, fields, layout)
    if sentence.words:
        yield sentence


def find_words(text: str, words: list[str]) -> list[tuple[int, int]] | None:
    """Where words are in a text, with nothing but white space between; white space may also be
    written otherwise in words. None if the text has other words."""
    tokens, end = [], 0
    for word in words:
        start = text.find(word, end)
        if start < 0 or text[end:start].strip():
            break
        end = start + len(word)
        tokens.append((start, end))
    else:
        if not text[end:].strip():
            return tokens
    letters = [i for i, letter in enumerate(text) if not letter.isspace()]
    sizes = [len("".join(word.split())) for word in words]
    if 0 in sizes or "".join(text.split()) != "".join("".join(words).split()):
        return None
    tokens, first = [], 0
    for size in sizes:
        tokens.append((letters[first], letters[first + size - 1] + 1))
        first += size
    return tokens


def _read_comment(sentence: Sentence, number: int, line: str) -> Sentence:
    if line.startswith("# newdoc"):
        sentence = Sentence(sentence.document + 1)
    found = _COMMENT.fullmatch(line.rstrip("\r\n"))
    if found is None:
        return sentence
    key, value = found[1], found[2] or ""
    if key == "newdoc id":
        sentence.document_name = value.strip(WHITE)
    elif key == "sent_id":
        sentence.name = value.strip(WHITE)
    elif key == "text":
        sentence.told_text, sentence.text_line = value, number
    return sentence


class _Ranges:
    """Adds words, where CoNLL-U may write one ("du") as a range of several ("de", "le")."""

    def __init__(self) -> None:
        self.last = 0

    def add(self, words: list[Word], number: int, fields: list[str], layout: Layout) -> None:
        assert layout.tags is not None
        space = layout.misc is None or keys(fields[layout.misc]).get("spaceafter") != "No"
        if layout.has_index and is_part(fields[0]):
            if "-" in fields[0]:
                self.last = int(fields[0].split("-")[1])
                words.append(Word(fields[layout.word], number, "", space))
            return
        tag = layout.tags.of(fields)
        in_range = layout.has_index and fields[0].isdecimal() and 0 < int(fields[0]) <= self.last
        if not in_range:
            words.append(Word(fields[layout.word], number, tag, space))
        elif words[-1].tag in ("", "O") or (words[-1].tag == "-" and tag != "O"):
            # The range has the first tag of its words that is one of an entity.
            words[-1].tag = tag
