"""JSON lines of token classification, as the Hugging Face hub has them.

One record a line: {"tokens": ["Maria", "left"], "ner_tags": ["B-PER", "O"]}. Tags are strings in
any scheme that `columns` reads. Records may have an "id"; other fields are not read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

from ..annotated import AnnotatedText, FormatError, ReadOptions
from .json_files import check_text, first_record, no_texts, read_json_lines
from .token_tags import SAMPLE, are_plain, iob2, joined, spans_of, tagged_sentences, unknown_of

WORD_FIELDS = ("tokens", "words")
TAG_FIELDS = ("ner_tags", "tags", "labels")


def detect(head: str) -> bool:
    """Tell whether the beginning of a file looks like such records."""
    record = first_record(head.lstrip("\ufeff"))
    return (
        isinstance(record, dict)
        and "text" not in record
        and find_field(record, None, WORD_FIELDS) is not None
        and find_field(record, None, TAG_FIELDS) is not None
    )


def read(path: Path, options: ReadOptions) -> Iterator[AnnotatedText]:
    """Read such records, a text each.

    options: `word_column` and `tag_column` name the fields, where they are others than usual.
    RAISES: FormatError naming the file and the line if a line is no JSON, lacks a field, or has
        tags that are unknown, numbers, or not as many as tokens.
    """
    records = _read_records(path, options)
    sample = list(islice(records, SAMPLE))
    if not sample:
        raise no_texts(path)
    is_plain = are_plain(tag for _, _, tags, _ in sample for tag in tags)
    for place, words, tags, name in chain(sample, records):
        places = [place] * len(words)
        read_tags = iob2(tags, places, plain=is_plain)
        text, tokens = joined(words)
        yield AnnotatedText(
            text,
            spans_of(read_tags, tokens, places),
            name=name,
            place=place,
            tokens=tokens,
            has_spaces=False,
            unknown=unknown_of(read_tags, tokens),
        )


def write(texts: Iterable[AnnotatedText], file: IO[str]) -> None:
    """Write a record for each text, with tags in IOB2, and "id" where it has a name.

    Tokens of only white space are left out. Spaces, confidence and where sentences start are not
    held by the format.

    RAISES: FormatError as `tagged_sentences`.
    """
    for text in texts:
        tokens = [token for sentence in tagged_sentences(text) for token in sentence]
        record: dict[str, Any] = {"id": text.name} if text.name else {}
        record["tokens"] = [text.text[start:end] for start, end, _ in tokens]
        record["ner_tags"] = [tag for _, _, tag in tokens]
        file.write(json.dumps(record, ensure_ascii=False) + "\n")


def find_field(record: dict[str, Any], told: str | None, names: Iterable[str]) -> str | None:
    """The field of a record with a list: the one that was told, or else the first of some names;
    None if there is none."""
    told_or_usual = names if told is None else (told,)
    return next((name for name in told_or_usual if isinstance(record.get(name), list)), None)


def _read_records(
    path: Path, options: ReadOptions
) -> Iterator[tuple[str, list[str], list[str], str]]:
    """The place, words, tags and name of each record."""
    for place, record in read_json_lines(path):
        words = _list(place, record, options.word_column, WORD_FIELDS, "--word-column")
        tags = _list(place, record, options.tag_column, TAG_FIELDS, "--tag-column")
        if any(isinstance(tag, int) for tag in tags):
            raise FormatError(
                f"{place}: the tags are numbers, and what they stand for is not said. Write their "
                "names, such as B-PER; `fetch` does so for data sets of the Hugging Face hub."
            )
        for values in (words, tags):
            for value in values:
                if not check_text(value, "a word or a tag", place):
                    raise FormatError(f"{place}: a word or a tag is empty. Leave both out.")
        if len(words) != len(tags):
            raise FormatError(f"{place}: {len(words)} tokens, but {len(tags)} tags.")
        name = record.get("id")
        yield place, words, tags, "" if name is None else str(name)


def _list(
    place: str, record: dict[str, Any], told: str | None, names: tuple[str, ...], option: str
) -> list[Any]:
    found = find_field(record, told, names)
    if found is None:
        raise FormatError(
            f"{place}: no list {' or '.join(names if told is None else (told,))}. Name its field "
            f"with {option}; there is: {', '.join(record)}."
        )
    return record[found]
