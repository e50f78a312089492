"""A file of annotated texts again, with some of the texts corrected, and all else as it was."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import NamedTuple

from spacy.tokens import Doc, DocBin, Span
from spacy.vocab import Vocab

from . import brat
from .annotated import AnnotatedSpan, AnnotatedText, FormatError, ReadOptions
from .brat_references import with_types, without_gone
from .compressed import open_bytes
from .converted import read_docs
from .formats import FORMATS, WRITABLE
from .rewrite_columns import rewrite_columns
from .rewrite_lines import FORMATS as LINES
from .rewrite_lines import rewrite_lines


class Correction(NamedTuple):
    """A text as it was read, and as it should be; None to leave it out."""

    before: AnnotatedText
    after: AnnotatedText | None


class _Job(NamedTuple):
    """What `rewrite` is told."""

    path: Path
    format: str
    corrections: Sequence[Correction]
    output: Path
    options: ReadOptions


def rewrite(
    path: Path, format: str, corrections: Sequence[Correction], output: Path, options: ReadOptions
) -> None:
    """Write a file in its own format. In columns, brat, DocBins and JSON lines of a text each, what
    is not of an entity that changes stays as it was; other formats are written anew.

    path: the file that was read; of brat, the text.
    format: of FORMATS.
    corrections: its texts, all of them, in their order.
    output: a file that is not there; of brat, the text, beside which the .ann file goes. Nothing is
        written compressed.
    options: with which it was read.
    RAISES: FormatError if the format can't hold what is corrected, or is not written.
    """
    _REWRITERS.get(format, _write_anew)(_Job(path, format, corrections, output, options))
    wanted = [_entities(c.after) for c in corrections if c.after is not None]
    if not wanted:
        return
    try:
        found = [_entities(text) for text in FORMATS[format].read(output, options)]
    except FormatError:
        found = []
    if found != wanted:
        raise FormatError(f"{path}: the format ({format}) can't hold all that is corrected.")


def _entities(text: AnnotatedText) -> tuple[str, list[tuple[int, int, str]]]:
    return text.text, sorted(span[:3] for span in text.spans)


def _write_anew(job: _Job) -> None:
    if job.format not in WRITABLE:
        raise FormatError(f"{job.path}: the format ({job.format}) is read only.")
    with job.output.open("x", encoding="utf-8", newline="") as file:
        WRITABLE[job.format].write((c.after for c in job.corrections if c.after is not None), file)


def _rewrite_lines(job: _Job) -> None:
    _write_lines(job, rewrite_lines(job.path, job.format, job.corrections, job.options))


def _rewrite_brat(job: _Job) -> None:
    """The lines of relations and the like stay, but for those that name what is gone, and events
    get the type of their trigger."""
    ((before, after),) = job.corrections
    if after is None:
        return
    by_place = {span.place: span for span in after.spans if span.place}
    known = {span.place for span in before.spans}
    annotations = job.path.with_suffix(".ann")
    lines: list[str] = []
    gone: set[str] = set()
    labels: dict[str, str] = {}
    used: set[str] = set()
    for place, line, entity in brat.read_lines(annotations, before.text):
        used.update(re.findall(r"\bT\d+\b", line))
        if entity is None or place not in known:
            lines.append(line)
        elif place not in by_place:
            gone.add(entity.id)
        elif entity[1:] == (by_place[place].label, *by_place[place][:2]):
            lines.append(line)
        else:
            if entity.label != by_place[place].label:
                labels[entity.id] = by_place[place].label
            lines.append(_brat_line(entity.id, by_place[place], after.text))
    kept = with_types(without_gone(lines, gone), labels)
    free = (f"T{number}" for number in count(1) if f"T{number}" not in used)
    added = [span for span in after.spans if not span.place]
    kept += [_brat_line(next(free), span, after.text) for span in added]
    job.output.write_bytes(job.path.read_bytes())
    end = "\r\n" if b"\r\n" in annotations.read_bytes() else "\n"
    job.output.with_suffix(".ann").write_bytes("".join(line + end for line in kept).encode())


def _brat_line(entity_id: str, span: AnnotatedSpan, text: str) -> str:
    covered = text[span.start : span.end]
    return brat.format_entity(entity_id, span.label, span.start, span.end, covered)


def _rewrite_docs(job: _Job) -> None:
    docs = []
    for doc, (before, after) in zip(read_docs(job.path, Vocab()), job.corrections, strict=True):
        if after is not None:
            if after != before:
                _set_entities(doc, after)
            docs.append(doc)
    DocBin(docs=docs, store_user_data=True).to_disk(job.output)


def _set_entities(doc: Doc, text: AnnotatedText) -> None:
    known = {(ent.start_char, ent.end_char, ent.label_): ent for ent in doc.ents}
    ents: list[Span] = []
    for span in text.spans:
        # One that stays keeps its ids.
        ent = known.get(span[:3]) or doc.char_span(span.start, span.end, span.label)
        if ent is not None:  # or what is read again is not what it should be
            ents.append(ent)
    inside = {token.i for ent in ents for token in ent}
    missing = [doc[t.i : t.i + 1] for t in doc if t.ent_iob == 0 and t.i not in inside]
    doc.set_ents(ents, missing=missing, default="outside")


def _rewrite_columns(job: _Job) -> None:
    _write_lines(job, rewrite_columns(job.path, job.corrections, job.options))


def _write_lines(job: _Job, lines: Iterable[str]) -> None:
    with open_bytes(job.path) as file:
        mark = "\ufeff" if file.read(len(BOM_UTF8)) == BOM_UTF8 else ""
    with job.output.open("x", encoding="utf-8", newline="") as file:
        file.write(mark)
        file.writelines(lines)


_REWRITERS: Mapping[str, Callable[[_Job], None]] = {
    **dict.fromkeys(LINES, _rewrite_lines),
    "brat": _rewrite_brat,
    "columns": _rewrite_columns,
    "docbin": _rewrite_docs,
}
