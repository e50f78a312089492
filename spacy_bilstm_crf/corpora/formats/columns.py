"""Column files: CoNLL-2003, CoNLL-U, IOB2 and their like.

One token a line, a blank line after each sentence. Fields are parted by tabs where the first token
has one, so that words may hold blanks, else by blanks. The first column is the word, or the second
where the first counts words; the last that holds tags is the tag, in IOB1, IOB2, BIOES, BILUO,
BMEWO, or as a label only. "-" is a tag that is not known. A line that begins with -DOCSTART-, or a
comment "# newdoc", begins a document; "# text = " tells the text of a sentence with its spaces.

CoNLL-U may have tags in its last column, MISC, as "NER=B-PER". Where only tokens of entities have
the key, one without it is O; where "NER=O" is written, its tag is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, groupby
from pathlib import Path
from typing import IO

from ...tags import is_tag
from ..annotated import AnnotatedSpan, AnnotatedText, FormatError, ReadOptions
from ..open_text import read_lines
from .column_layout import (
    CONLLU_WIDTH,
    DOCSTART,
    WHITE,
    Layout,
    NumberedLine,
    find_layout,
    is_docstart,
    no_tags,
    split,
)
from .column_sentences import Sentence, find_words, read_sentences
from .token_tags import SAMPLE, TaggedToken, joined, spans_of, tagged_sentences, unknown_of

UNITS = ("auto", "sentence", "document")
_WRITTEN = Layout(has_tabs=True, width=2, word=0, tags=None)


def detect(head: str) -> bool:
    """Tell whether the beginning of a file looks like columns with tags, or like CoNLL-U."""
    lines = head.lstrip("\ufeff").split("\n")
    lines = lines[:-1] or lines  # the last may be cut
    if lines[0].startswith("#FORMAT="):
        return False
    numbered = list(enumerate(lines[: 2 * SAMPLE], 1))
    try:
        layout = find_layout(Path(), numbered, ReadOptions())
    except FormatError:
        return False
    rows = [
        split(line, layout.has_tabs)
        for _, line in numbered
        if line.strip(WHITE) and not is_docstart(line) and not layout.is_comment(line)
    ]
    if layout.tags is None:
        return layout.has_index and layout.width == CONLLU_WIDTH
    # A few that are wrong are errors to name, not another format.
    fit = [row for row in rows if len(row) == layout.width]
    tags = [tag for tag in map(layout.tags.of, fit) if layout.tags.plain or is_tag(tag)]
    return len(tags) >= 0.9 * len(rows)


def read(path: Path, options: ReadOptions) -> Iterator[AnnotatedText]:
    """Read a column file.

    options: `word_column` and `tag_column`, where they can't be found; `unit`, what is a text.
    YIELDS: a text for each sentence or document. Where a sentence begins and what its tokens are is
        always said.
    RAISES: FormatError naming the file and the line if a line has too few columns, a tag is
        unknown, words are not those of the text that is told, or the file holds no tokens, no tags
        or no documents that are asked for; ValueError for an unknown unit.
    """
    if options.unit not in UNITS:
        raise ValueError(f"unit must be one of {UNITS}, got {options.unit!r}.")
    lines = read_lines(path)
    sample = list(sample_lines(lines))
    layout = find_layout(path, sample, options)
    if layout.tags is None:
        raise no_tags(path, sample)
    sentences = read_sentences(path, chain(sample, lines), layout)
    first = next(sentences, None)
    if first is None:
        raise FormatError(f"{path}: the file holds no tokens.")
    if options.unit == "document" and not first.document:
        raise FormatError(
            f"{path}, line {first.words[0].line}: a token before any {DOCSTART} line or "
            "'# newdoc'. The file does not say where its documents begin: convert it by sentence."
        )
    by_document = options.unit == "document" or (options.unit == "auto" and first.document)
    for number, group in groupby(chain([first], sentences), lambda sentence: sentence.document):
        if by_document:
            yield _make_text(path, layout, list(group))
            continue
        for sentence in group:
            source = sentence.document_name or str(number) if number else None
            yield _make_text(path, layout, [sentence], sentence.name, source)


def write(texts: Iterable[AnnotatedText], file: IO[str]) -> None:
    """Write words and their tags in IOB2, with a tab between.

    If a text has several sentences, a -DOCSTART- line begins each text. Where spaces are known and
    a line can hold them, "# text = " tells them. Tokens of only white space are left out, and so
    are texts without any other; confidence and names, which the format can't hold, are too.

    RAISES: FormatError as `tagged_sentences`, or if a word or label can't stand in a line.
    """
    texts = iter(texts)
    leading = []
    for text in texts:
        leading.append(text)
        if len(text.sentences or [0]) > 1:
            break
    marks_documents = bool(leading) and len(leading[-1].sentences or [0]) > 1
    for text in chain(leading, texts):
        sentences = tagged_sentences(text)
        if marks_documents and sentences:
            file.write(f"{DOCSTART}\tO\n\n")
        ends = [sentence[0].start for sentence in sentences[1:]] + [len(text.text)]
        start = 0
        for sentence, end in zip(sentences, ends):
            _write_sentence(text, sentence, text.text[start:end], end == len(text.text), file)
            start = end


def sample_lines(lines: Iterator[NumberedLine]) -> Iterator[NumberedLine]:
    """The first lines: enough tokens, and the rest of their sentence."""
    tokens = 0
    for number, line in lines:
        yield number, line
        is_blank = not line.strip(WHITE)
        if is_blank and tokens >= SAMPLE:
            break
        tokens += not is_blank and not line.startswith("# ")


def _make_text(
    path: Path,
    layout: Layout,
    sentences: list[Sentence],
    name: str | None = None,
    source: str | None = None,
) -> AnnotatedText:
    parts: list[str] = []
    spans: list[AnnotatedSpan] = []
    tokens: list[tuple[int, int]] = []
    starts: list[int] = []
    unknown: list[tuple[int, int]] = []
    offset = 0
    read = [sentence.text(path, layout) for sentence in sentences]
    has_spaces = all(is_true for _, _, is_true in read)
    for sentence, (part, places, is_true) in zip(sentences, read):
        if is_true and not has_spaces:  # the spaces of a text are all known, or none
            part, places = joined([word.text for word in sentence.words])
        places = [(start + offset, end + offset) for start, end in places]
        tags = sentence.tags(path, layout)
        spans += spans_of(tags, places, [f"{path}, line {word.line}" for word in sentence.words])
        unknown += unknown_of(tags, places)
        tokens += places
        starts.append(offset)
        parts.append(part)
        offset += len(part) + 1
    return AnnotatedText(
        " ".join(parts),
        spans,
        name=sentences[0].document_name if name is None else name,
        place=f"{path}, line {sentences[0].words[0].line}",
        source=source,
        tokens=tokens,
        sentences=starts,
        has_spaces=has_spaces,
        unknown=unknown,
        lines=[sentence.words[0].line for sentence in sentences],
    )


def _write_sentence(
    text: AnnotatedText, sentence: list[TaggedToken], part: str, is_last: bool, file: IO[str]
) -> None:
    words = [text.text[start:end] for start, end, _ in sentence]
    told = _one_line(part, is_last) if text.has_spaces else None
    if told is not None and find_words(told, words) is not None:
        file.write(f"# text = {told}\n")
    for word, (_, _, tag) in zip(words, sentence):
        line = f"{word}\t{tag}"
        if split(line, True) != [word, tag] or re.search(r"[\r\n]", line) or _is_other(line):
            raise FormatError(
                f"{text.place or text.name or 'a text'}: the word {word!r} with the tag {tag!r} "
                "can't stand in a line of columns. Use another tokenizer or another format."
            )
        file.write(f"{line}\n")
    file.write("\n")


def _one_line(part: str, is_last: bool) -> str | None:
    """The text of a sentence as its comment has it, None if it has several lines. The blank that
    joins it to the next is no part of it."""
    told = part if is_last else part.removesuffix(" ")
    if re.search(r"[\r\n]", told):
        told = told.strip()
    return None if re.search(r"[\r\n]", told) else told


def _is_other(line: str) -> bool:
    """Tell whether a line would be read as no token."""
    return is_docstart(line) or _WRITTEN.is_comment(line)
