"""Prodigy's JSON lines, as `prodigy db-out` writes them.

A text a line: {"text": "...", "tokens": [...], "spans": [{"start": 0, "end": 5, "label": "PER"}],
"answer": "accept"}. Or a question a line, of whether a span is an entity: the same with
"_is_binary": true. The format: https://prodi.gy/docs/api-interfaces
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from reprlib import repr as shorten
from typing import IO, Any

from ..annotated import AnnotatedSpan, AnnotatedText, FormatError, ReadOptions
from .json_files import (
    check_list,
    check_object,
    check_text,
    find_name,
    first_record,
    no_texts,
    read_json_lines,
    write_json_line,
)
from .prodigy_answers import Answers
from .spans import SpanReader, check_known

_ANSWERS = ("accept", "reject", "ignore")


def detect(head: str) -> bool:
    """Tell whether the beginning of a file looks like Prodigy's JSON lines."""
    record = first_record(head) if head.lstrip().startswith("{") else None
    if not isinstance(record, dict) or not isinstance(record.get("text"), str):
        return False
    spans = record.get("spans")
    if isinstance(spans, list):
        return all(isinstance(span, dict) and "start" in span for span in spans)
    return record.get("answer") in _ANSWERS


def read(path: Path, options: ReadOptions) -> Iterator[AnnotatedText]:
    """Read Prodigy's JSON lines.

    An accepted text without "spans" has no entities. The spans of a rejected one are wrong, and
    the rest of its annotation is unknown. Those that were ignored are left out. Answers to
    questions about one text are brought together, after the other texts: all else in it is unknown.

    RAISES: FormatError naming the file and the line if a record has no text, nothing says that it
        is annotated, or a span is not of its text; if a span is accepted and rejected; if none is
        left.
    """
    is_empty = True
    answers = Answers()
    for place, record in read_json_lines(path):
        is_question = record.get("_is_binary") is True
        if is_question and record.get("answer") is None:
            options.counts["questions were not answered in Prodigy, and are left out"] += 1
            continue
        answer = _answer(record, place)
        if answer == "ignore":
            options.counts["texts were ignored in Prodigy, and are left out"] += 1
            continue
        if answer == "reject" and not is_question:
            options.counts["texts were rejected in Prodigy: their spans are known to be wrong"] += 1
        is_empty = False
        text = _read_record(record, place, options)
        if is_question:
            answers.add(text)
        else:
            yield text
    yield from answers.texts
    if is_empty:
        raise no_texts(path)


def write(texts: Iterable[AnnotatedText], file: IO[str]) -> None:
    """Write Prodigy's JSON lines: a text whose annotation is known as accepted, its wrong spans,
    and a text whose annotation is not known, as rejected; spans in a text of which all else is
    unknown as questions that were accepted.

    RAISES: FormatError if another part of a text's annotation is known, and a part is not.
    """
    for text in texts:
        is_unknown = text.unknown == [(0, len(text.text))]
        if not is_unknown:
            check_known(text, "Prodigy")
            write_json_line(make_record(text, text.spans), file)
        for span in text.spans if is_unknown else ():
            write_json_line({**make_question(text, span), "answer": "accept"}, file)
        if text.wrong or is_unknown and not text.spans:
            write_json_line(make_record(text, text.wrong, "reject"), file)


def make_question(text: AnnotatedText, span: AnnotatedSpan) -> dict[str, Any]:
    """The record that asks whether a span is an entity, to which "answer" is to be added."""
    record = make_record(text, [span])
    del record["answer"]
    return {**record, "_is_binary": True, "_view_id": "ner"}


def make_record(
    text: AnnotatedText, spans: list[AnnotatedSpan], answer: str = "accept"
) -> dict[str, Any]:
    """The record of a text with these of its spans, and what was answered to them."""
    record: dict[str, Any] = {"text": text.text}
    if text.tokens is not None:
        record["tokens"] = [
            {
                "text": text.text[start:end],
                "start": start,
                "end": end,
                "id": number,
                "ws": text.text[end : end + 1] == " ",
            }
            for number, (start, end) in enumerate(text.tokens)
        ]
    firsts = {start: number for number, (start, _) in enumerate(text.tokens or [])}
    lasts = {end: number for number, (_, end) in enumerate(text.tokens or [])}
    record["spans"] = [_format_span(span, firsts, lasts) for span in spans]
    record["answer"] = answer
    named = {"name": text.name, "source": text.source}
    meta = {**{key: value for key, value in named.items() if value}, **text.extra}
    if meta:
        record["meta"] = meta
    return record


def _answer(record: dict[str, Any], place: str) -> str:
    if record.get("answer") is None:
        if record.get("spans") is None:
            raise FormatError(
                f"{place}: neither 'spans' nor 'answer': nothing says that it is annotated. Give "
                "an empty list of spans for a text without entities."
            )
        return "accept"
    if record["answer"] not in _ANSWERS:
        raise FormatError(
            f"{place}: 'answer' must be one of {_ANSWERS}, found {shorten(record['answer'])}."
        )
    return str(record["answer"])


def _read_record(record: dict[str, Any], place: str, options: ReadOptions) -> AnnotatedText:
    text = check_text(record.get("text"), "'text'", place)
    reader = SpanReader(text, place, options.offsets)
    has_spans = record.get("spans") is not None
    spans = reader.read_list(record["spans"], "'spans'") if has_spans else []
    is_wrong = record.get("answer") == "reject"
    is_unknown = is_wrong or record.get("_is_binary") is True
    meta = check_object(record.get("meta") or {}, f"{place}: 'meta'")
    return AnnotatedText(
        text,
        [] if is_wrong else spans,
        name=find_name(meta, place, "id", "name") or "",
        place=place,
        source=find_name(meta, place, "source", "doc", "document"),
        tokens=_read_tokens(record, reader),
        unknown=[(0, len(text))] if is_unknown else [],
        wrong=spans if is_wrong else [],
    )


def _read_tokens(record: dict[str, Any], reader: SpanReader) -> list[tuple[int, int]] | None:
    if record.get("tokens") is None:
        return None
    tokens: list[tuple[int, int]] = []
    for item in check_list(record["tokens"], "'tokens'", reader.place):
        token = check_object(item, reader.place)
        start, end = reader.range(token.get("start"), token.get("end"), token.get("text"))
        if tokens and start < tokens[-1][1]:
            raise FormatError(
                f"{reader.place}: a token starts at {start}, before the last one ends."
            )
        tokens.append((start, end))
    return tokens


def _format_span(
    span: AnnotatedSpan, firsts: dict[int, int], lasts: dict[int, int]
) -> dict[str, Any]:
    record: dict[str, Any] = {"start": span.start, "end": span.end, "label": span.label}
    if span.start in firsts and span.end in lasts:
        record["token_start"] = firsts[span.start]
        record["token_end"] = lasts[span.end]  # Prodigy's is the last token's, not the next one's.
    if span.confidence is not None:
        record["score"] = span.confidence
    return record
