"""What need not be suggested any more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from ..corpora.annotated import AnnotatedText
from ..corpora.export import read_any
from ..corpora.formats.json_files import check_text, first_record, read_json_lines
from ..corpora.formats.spans import SpanReader
from ..corpora.open_text import read_lines


class Known(NamedTuple):
    """What is annotated already, or is with someone who annotates.

    texts: those that are annotated as a whole.
    spans: the text, the borders and the label of each span that was asked in another.
    """

    texts: list[str]
    spans: set[tuple[str, int, int, str]]

    @classmethod
    def of(cls, annotated: Sequence[AnnotatedText]) -> Known:
        """What annotated texts say."""
        whole: list[str] = []
        spans: set[tuple[str, int, int, str]] = set()
        for text in annotated:
            if _is_partly(text):
                asked = (*text.spans, *text.wrong)
                spans |= {(text.text, span.start, span.end, span.label) for span in asked}
            else:
                whole.append(text.text)
        return cls(whole, spans)


def read_known(paths: Iterable[Path]) -> Known:
    """Read what is annotated, in any format; or was handed out, in JSON lines with a "text" each,
    whatever was answered to it since, and if nothing was.

    RAISES: FileNotFoundError if there is nothing; FormatError if a file can't be read.
    """
    texts: list[str] = []
    spans: set[tuple[str, int, int, str]] = set()
    for path in paths:
        if _has_texts(path):
            for place, record in read_json_lines(path):
                text = check_text(record.get("text"), "'text'", place)
                if record.get("_is_binary") is not True:
                    texts.append(text)
                    continue
                asked = SpanReader(text, place).read_list(record.get("spans"), "'spans'")
                spans |= {(text, span.start, span.end, span.label) for span in asked}
        else:
            own = Known.of(list(read_any(path)))
            texts += own.texts
            spans |= own.spans
    return Known(texts, spans)


def _is_partly(text: AnnotatedText) -> bool:
    """Whether most of what is in no span is unknown. Where it is little, such as an entity that did
    not fit the tokens, the text is annotated as a whole."""
    unknown = {i for start, end in text.unknown for i in range(start, end)}
    in_spans = {i for span in (*text.spans, *text.wrong) for i in range(span.start, span.end)}
    left = unknown - in_spans
    return bool(unknown) and 2 * len(left) >= len(text.text) - len(in_spans)


def _has_texts(path: Path) -> bool:
    if not path.is_file() or path.suffix == ".spacy":
        return False
    try:
        head = "".join(line for _, line in islice(read_lines(path), 1))
    except ValueError:
        return False
    record = first_record(head) if head.lstrip().startswith("{") else None
    return isinstance(record, dict) and isinstance(record.get("text"), str)
