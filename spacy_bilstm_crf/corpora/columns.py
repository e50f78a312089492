"""Column files (CoNLL-2003 and its like) -> Docs.

One token a line, columns separated by blanks or tabs, a blank line after each sentence. The first
column is the word, the last its tag in IOB1, IOB2, BIOES or BILUO, or "-" if it is not known. A
line that begins with -DOCSTART- begins a document.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args

from spacy.tokens import Doc
from spacy.vocab import Vocab

from ..tags import read_tags

DOCSTART = "-DOCSTART-"
Unit = Literal["auto", "sentence", "document"]
Sentence = tuple[list[str], list[str]]
"""Words, and their tags in IOB2."""


class ColumnsError(ValueError):
    """A column file can't be read. The message names the file and the line."""


def read_columns(path: str | Path, vocab: Vocab, unit: Unit = "auto") -> Iterator[Doc]:
    """Read a column file.

    path: the file, in UTF-8.
    vocab: the vocabulary of the docs.
    unit: "sentence" for one doc a sentence, "document" for one doc from one -DOCSTART- line to the
        next, with its sentence starts, "auto" for documents where the file begins with such a
        line, else sentences.
    YIELDS: docs with the file's words, sentence starts and entities. Where blanks stood in the
        original text is not known, so `doc.has_unknown_spaces` is true, and training takes the
        words as they are.
    RAISES: ColumnsError naming the file and the line if a line has too few columns, a tag is
        unknown, or the file is not UTF-8, holds no tokens or marks no documents that are asked for.
    """
    if unit not in get_args(Unit):
        raise ValueError(f"unit must be one of {get_args(Unit)}, got {unit!r}.")
    if unit == "auto":
        unit = "document" if marks_documents(path) else "sentence"
    for sentences in read_documents(path, need_marks=unit == "document"):
        if unit == "document":
            yield _make_doc(vocab, sentences)
        else:
            for sentence in sentences:
                yield _make_doc(vocab, [sentence])


def marks_documents(path: str | Path) -> bool:
    """Tell whether a column file begins with a -DOCSTART- line."""
    first = next((line for line in _lines(Path(path)) if line.strip()), "")
    return first.startswith(DOCSTART)


def read_documents(path: str | Path, *, need_marks: bool = False) -> Iterator[list[Sentence]]:
    """The documents of a column file, each a list of sentences. A file without -DOCSTART- lines
    gives one; with need_marks it is an error."""
    path = Path(path)
    document: list[Sentence] = []
    rows: list[list[str]] = []
    n_columns = n_tokens = number = 0
    for number, line in enumerate(_lines(path), 1):
        fields = re.split(r"[ \t]+", line.strip(" \t\r\n"))
        if fields == [""] or fields[0] == DOCSTART:
            if rows:
                document.append(_sentence(path, number - len(rows), rows))
                rows = []
            if fields[0] == DOCSTART and document:
                yield document
                document = []
            need_marks = need_marks and fields[0] != DOCSTART
            continue
        if need_marks:
            raise ColumnsError(
                f"{path}, line {number}: a token before any {DOCSTART} line. The file does not say "
                "where its documents begin: convert it by sentence."
            )
        n_columns = n_columns or max(2, len(fields))
        if len(fields) != n_columns:
            raise ColumnsError(
                f"{path}, line {number}: expected {n_columns} columns, the word first and "
                f"its tag last, found {len(fields)}: {line.strip()[:60]!r}."
            )
        rows.append(fields)
        n_tokens += 1
    if rows:
        document.append(_sentence(path, number + 1 - len(rows), rows))
    if n_tokens == 0:
        raise ColumnsError(f"{path}: the file holds no tokens.")
    if document:
        yield document


def _lines(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                yield line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                raise ColumnsError(
                    f"{path}, line {number}: not UTF-8 ({error}). Convert the file, for example "
                    "with iconv."
                ) from error


def _sentence(path: Path, first_line: int, rows: list[list[str]]) -> Sentence:
    try:
        tags = read_tags([fields[-1] for fields in rows])
    except ValueError:
        for number, fields in enumerate(rows, first_line):
            try:
                read_tags([fields[-1]])
            except ValueError as error:
                reason = str(error).split(" is unknown: ")
                raise ColumnsError(
                    f"{path}, line {number}: tag {fields[-1]!r} is unknown: {reason[-1]}"
                ) from error
        raise
    return [fields[0] for fields in rows], tags


def _make_doc(vocab: Vocab, sentences: list[Sentence]) -> Doc:
    words = [word for sentence, _ in sentences for word in sentence]
    sizes = [len(sentence) for sentence, _ in sentences]
    starts: list[bool | int | None] = [i == 0 for size in sizes for i in range(size)]
    tags = [tag for _, sentence in sentences for tag in sentence]
    # spaCy reads an empty string as a missing annotation.
    return Doc(vocab, words=words, sent_starts=starts, ents=["" if t == "-" else t for t in tags])
