"""Tags of tokens <-> spans: what the formats share that have a tag for each token."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

from ...tags import is_tag, read_tags
from ..annotated import AnnotatedSpan, AnnotatedText, FormatError

SAMPLE = 200
"""How many tokens are enough to see which tags they have."""

_MOST_LABELS = 50
_PREFIX = re.compile(r"[A-Za-z]-")


class TaggedToken(NamedTuple):
    """A token to write: where it is, in code points, and its tag in IOB2."""

    start: int
    end: int
    tag: str


def are_plain(values: Iterable[str]) -> bool:
    """Tell whether these are labels without a prefix, such as PER, and O.

    B and I alone are none: they are tags whose labels are not said.
    """
    distinct = set(values)
    return (
        "O" in distinct
        and 1 < len(distinct) <= _MOST_LABELS
        and not distinct & {"", "B", "I"}
        and not any(_PREFIX.match(value) for value in distinct)
    )


def iob2(tags: Sequence[str], places: Sequence[str], *, plain: bool = False) -> list[str]:
    """The tags of a sentence in IOB2, whatever their scheme.

    places: where each tag stands, for errors.
    plain: whether tags are labels without prefixes; neighbors of a label are then one entity.
    RAISES: FormatError naming the place if a tag is unknown.
    """
    for tag, place in zip(tags, places):
        if not is_tag(tag) and (not plain or not tag or _PREFIX.match(tag)):
            raise FormatError(
                f"{place}: tag {tag!r} is unknown: expected O, - (not known) or a prefix of IOB, "
                "BIOES, BILUO or BMEWO, a hyphen and a label, such as B-PER."
            )
    if plain:
        tags = [tag if is_tag(tag) else f"I-{tag}" for tag in tags]
    return read_tags(tags)


def spans_of(
    tags: Sequence[str], tokens: Sequence[tuple[int, int]], places: Sequence[str]
) -> list[AnnotatedSpan]:
    """The spans that IOB2 tags tell. A span's place is that of its first token."""
    spans: list[AnnotatedSpan] = []
    for tag, (start, end), place in zip(tags, tokens, places):
        if tag[0] == "B":
            spans.append(AnnotatedSpan(start, end, tag[2:], place))
        elif tag[0] == "I":
            spans[-1] = spans[-1]._replace(end=end)
    return spans


def unknown_of(tags: Sequence[str], tokens: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The stretches of tokens whose tag is "-"."""
    stretches = []
    for is_unknown, group in groupby(zip(tags, tokens), lambda pair: pair[0] == "-"):
        if is_unknown:
            places = [place for _, place in group]
            stretches.append((places[0][0], places[-1][1]))
    return stretches


def joined(words: Sequence[str]) -> tuple[str, list[tuple[int, int]]]:
    """Words with a blank between, and where each is."""
    tokens, start = [], 0
    for word in words:
        tokens.append((start, start + len(word)))
        start += len(word) + 1
    return " ".join(words), tokens


def tagged_sentences(text: AnnotatedText) -> list[list[TaggedToken]]:
    """The tokens of each sentence with their tags. Tokens of only white space are left out.

    RAISES: FormatError, saying what to do, if the text has no tokens, or its spans overlap, do not
        begin and end with tokens, or reach into another sentence.
    """
    place = text.place or text.name or "a text"
    if text.tokens is None:
        raise FormatError(f"{place}: it has no tokens, and tags are of tokens. Tokenize it first.")
    owners: list[AnnotatedSpan | None] = [None] * len(text.tokens)
    firsts = {start: i for i, (start, _) in enumerate(text.tokens)}
    lasts = {end: i for i, (_, end) in enumerate(text.tokens)}
    for span in text.spans:
        first, last = firsts.get(span.start), lasts.get(span.end)
        what = f"{place}: {text.text[span.start : span.end][:40]!r} ({span.label})"
        if first is None or last is None or last < first:
            raise FormatError(
                f"{what} does not begin and end with tokens. Use a tokenizer that fits, or a "
                "format of offsets."
            )
        if any(owner is not None for owner in owners[first : last + 1]):
            raise FormatError(
                f"{what} overlaps another span, and a token has one tag. Remove one of them, or "
                "use a format of offsets."
            )
        covered = text.text[span.start : span.end]
        if not covered.strip() or not span.label.strip():
            raise FormatError(f"{what}: only white space, or no label. Remove it.")
        owners[first : last + 1] = [span] * (last + 1 - first)
    return _tag(text, owners, place)


def tags_of(text: AnnotatedText) -> list[str]:
    """The tag of each token of a text in IOB2, O for those of white space.

    RAISES: FormatError as `tagged_sentences`.
    """
    by_start = {token.start: token.tag for own in tagged_sentences(text) for token in own}
    return [by_start.get(start, "O") for start, _ in text.tokens or ()]


def without_cuts(text: AnnotatedText) -> AnnotatedText:
    """The text as it is; as one sentence, if one begins inside a span: tags can't say that, and
    where entities are is what matters."""
    starts = text.sentences or []
    for span in text.spans:
        if bisect_right(starts, span.start) < bisect_left(starts, span.end):
            return replace(text, sentences=None)
    return text


def _tag(
    text: AnnotatedText, owners: list[AnnotatedSpan | None], place: str
) -> list[list[TaggedToken]]:
    assert text.tokens is not None
    starts = text.sentences or [0]
    sentences: list[list[TaggedToken]] = []
    before: tuple[AnnotatedSpan | None, int] = (None, -1)
    for (start, end), span in zip(text.tokens, owners):
        if not text.text[start:end].strip():
            continue
        number = bisect_right(starts, start)
        if number != before[1]:
            sentences.append([])
        if span is None:
            is_unknown = any(first < end and start < last for first, last in text.unknown)
            tag = "-" if is_unknown else "O"
        elif span is not before[0]:
            tag = f"B-{span.label}"
        elif number == before[1]:
            tag = f"I-{span.label}"
        else:
            raise FormatError(
                f"{place}: {text.text[span.start : span.end][:40]!r} ({span.label}) reaches into "
                "the next sentence. Join the two, or use a format of offsets."
            )
        sentences[-1].append(TaggedToken(start, end, tag))
        before = span, number
    return sentences
