"""Annotated texts <-> Docs: spans of characters become entities of tokens, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Literal

import numpy as np
from spacy.attrs import SENT_START
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import filter_spans, get_words_and_spaces

from ..confidence import get_confidence, set_confidence
from .annotated import AnnotatedSpan, AnnotatedText, FormatError, Unfit, trim

Overlaps = Literal["longest", "outermost", "innermost", "first", "error"]
"""Which of spans that overlap become entities: the longest; those that are in no other, or have no
other in them, and of what still overlaps the longest; those that the file names first; or none."""

WRONG = "incorrect_spans"
"""The key of `doc.spans` for spans that are known to be wrong: the component's
`incorrect_spans_key`."""


def make_doc(
    annotated: AnnotatedText,
    nlp: Language,
    *,
    overlaps: Overlaps = "longest",
    retokenize: bool = False,
) -> tuple[Doc, list[Unfit]]:
    """Make the gold-standard doc of a text.

    nlp: makes the tokens where the text has none.
    retokenize: let it make them, too, where the text has its own.
    RETURNS: the doc, and the spans that it can't hold. Where such a span, or the border of what is
        not known, ends inside a token, the annotation of the tokens that it touches is missing,
        which is not the same as "O". Of spans that overlap, those that are not chosen are among
        these, and say nothing of their tokens. White space at the borders of spans is left out.
        Entities have their confidence, where the text says it.
    RAISES: FormatError, if spans overlap and `overlaps` is "error", or the tokenizer changes the
        text.
    """
    doc = _tokenize(annotated, nlp, retokenize)
    fitting: list[tuple[Span, AnnotatedSpan]] = []
    unfit = list(annotated.unfit)
    unknown = list(annotated.unknown)
    for marked in annotated.spans:
        start, end = trim(annotated.text, marked.start, marked.end)
        if start == end:
            unfit.append(Unfit(marked.place, "only white space"))
            unknown.append((marked.start, marked.end))
            continue
        span = _find_span(doc, marked, start, end)
        if span is None:
            unfit.append(Unfit(marked.place, "border inside a token"))
            unknown.append((start, end))
        else:
            fitting.append((span, marked))
    chosen = _choose(fitting, overlaps)
    kept = {_key(span) for span in chosen}
    for span, marked in fitting:
        if _key(span) not in kept:
            unfit.append(Unfit(marked.place, "overlaps another"))
        elif marked.confidence is not None:
            set_confidence(span, marked.confidence)
    doc.cats = dict(annotated.cats or {})
    if annotated.cats is not None and not annotated.spans:
        return doc, unfit  # nothing is said of entities
    doc.set_ents(chosen, missing=list(_missing(doc, unknown, chosen)), default="outside")
    wrong: list[Span] = []
    for marked in annotated.wrong:
        span = _find_span(doc, marked, *trim(annotated.text, marked.start, marked.end))
        if span is None:
            unfit.append(Unfit(marked.place, "known to be wrong, border inside a token"))
        else:
            wrong.append(span)
    if wrong:
        doc.spans[WRONG] = wrong
    return doc, unfit


def _find_span(doc: Doc, marked: AnnotatedSpan, start: int, end: int) -> Span | None:
    """The tokens of a span from start to end, where it is trimmed; or as it is, since a file's
    own tokens may begin or end with white space."""
    span = doc.char_span(start, end, marked.label)
    return span or doc.char_span(marked.start, marked.end, marked.label)


def read_back(doc: Doc, *, name: str = "", place: str = "") -> AnnotatedText:
    """The annotated text of a doc: its tokens, sentences, entities, with their confidence where
    they have one, and what is known to be wrong."""
    has_sentences = doc.has_annotation("SENT_START")
    return AnnotatedText(
        doc.text,
        read_entities(doc, place),
        name=name,
        place=place,
        tokens=[(token.idx, token.idx + len(token)) for token in doc],
        sentences=[sent.start_char for sent in doc.sents] if has_sentences else None,
        has_spaces=not doc.has_unknown_spaces,
        cats=dict(doc.cats) if doc.cats else None,
        unknown=[(t.idx, t.idx + len(t)) for t in doc if t.ent_iob == 0],
        wrong=[
            AnnotatedSpan(span.start_char, span.end_char, span.label_, place)
            for span in doc.spans.get(WRONG, ())
        ],
    )


def read_entities(doc: Doc, place: str = "") -> list[AnnotatedSpan]:
    """The entities of a doc, with their confidence where they have one."""
    # A doc from a file has it even where no component has registered the attribute.
    has_extension = Span.has_extension("confidence")
    return [
        AnnotatedSpan(
            ent.start_char,
            ent.end_char,
            ent.label_,
            place,
            confidence=ent._.confidence if has_extension else get_confidence(ent),
        )
        for ent in doc.ents
    ]


def count_foreign(annotated: AnnotatedText, nlp: Language) -> int:
    """How many of a text's own tokens are none of the tokenizer's."""
    ours = {(token.idx, token.idx + len(token)) for token in nlp.make_doc(annotated.text)}
    return sum(token not in ours for token in annotated.tokens or ())


def _tokenize(annotated: AnnotatedText, nlp: Language, retokenize: bool) -> Doc:
    text = annotated.text
    if annotated.tokens is None or retokenize:
        doc = nlp(text)
        if doc.text != text:
            raise FormatError(
                f"{annotated.place}: the tokenizer changes the text, so offsets do not fit. Choose "
                "another tokenizer in the config."
            )
        if annotated.sentences and not doc.has_annotation("SENT_START"):
            _set_sentences(doc, annotated.sentences)
        return doc
    words = [text[start:end] for start, end in annotated.tokens]
    spaces: list[bool] | None = None
    if annotated.has_spaces:
        try:
            words, spaces = get_words_and_spaces(words, text)
        except ValueError as error:
            raise FormatError(
                f"{annotated.place}: the tokens are not all of the text. Correct them, or let the "
                "tokenizer make them: --retokenize."
            ) from error
    doc = Doc(nlp.vocab, words=words, spaces=spaces)
    if annotated.sentences:
        _set_sentences(doc, annotated.sentences)
    return doc


def _set_sentences(doc: Doc, sentences: list[int]) -> None:
    # All at once: setting `is_sent_start` of a token looks through the whole doc.
    is_start = np.isin(doc.to_array("IDX"), sentences)
    is_start[:1] = True
    starts = np.where(is_start, 1, -1).astype(np.uint64)
    doc.from_array([SENT_START], starts.reshape(-1, 1))  # type: ignore[arg-type]


def _choose(fitting: list[tuple[Span, AnnotatedSpan]], overlaps: Overlaps) -> list[Span]:
    spans = [span for span, _ in fitting]
    if overlaps == "error":
        for (a, marked), (b, other) in _neighbours(fitting):
            if b.start < a.end and _key(a) != _key(b):
                raise FormatError(
                    f"{other.place}: {b.label_} {b.text[:40]!r} overlaps {a.label_} "
                    f"{a.text[:40]!r} of {marked.place}. Correct it, or say by --overlaps which "
                    "one counts."
                )
    if overlaps == "first":
        chosen: list[Span] = []
        for span in spans:
            if not any(span.start < other.end and other.start < span.end for other in chosen):
                chosen.append(span)
        return chosen
    if overlaps == "outermost":
        spans = [a for a in spans if not any(_within(a, b) for b in spans)]
    elif overlaps == "innermost":
        spans = [a for a in spans if not any(_within(b, a) for b in spans)]
    return filter_spans(spans)


def _within(inner: Span, outer: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end and len(inner) < len(outer)


def _neighbours(
    fitting: list[tuple[Span, AnnotatedSpan]],
) -> Iterator[tuple[tuple[Span, AnnotatedSpan], tuple[Span, AnnotatedSpan]]]:
    ordered = sorted(fitting, key=lambda pair: (pair[0].start, -pair[0].end))
    return zip(ordered, ordered[1:])


def _key(span: Span) -> tuple[int, int, int]:
    return span.start, span.end, span.label


def _missing(doc: Doc, unknown: Iterable[tuple[int, int]], ents: Iterable[Span]) -> Iterator[Span]:
    """The runs of tokens that unknown stretches touch, without those of entities."""
    is_missing = [False] * len(doc)
    for start, end in unknown:
        touched = doc.char_span(start, end, alignment_mode="expand")
        for token in touched if touched is not None else ():
            is_missing[token.i] = True
    for ent in ents:
        is_missing[ent.start : ent.end] = [False] * len(ent)
    key: Callable[[int], bool] = is_missing.__getitem__
    for missing, run in groupby(range(len(doc)), key=key):
        tokens = list(run)
        if missing:
            yield doc[tokens[0] : tokens[-1] + 1]
