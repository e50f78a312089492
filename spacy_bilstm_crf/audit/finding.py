"""A place of a corpus that is probably annotated wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, get_type_hints

from ..corpora.annotated import FormatError


@dataclass(frozen=True)
class Finding:
    """A place of a corpus that is probably annotated wrong; a line of findings.jsonl.

    id: of document, span, label and kind: the same in the next audit of the same path.
    kind: "label", "border", "missing" or "spurious"; or, of what needs no model, "inconsistent",
        "label-name", "edges" or "duplicate".
    group: the same for findings that one decision mends.
    file, line, split, document: where it is, the file as the path was given; `line` is that of the
        sentence, None if not known.
    sentence, sentence_start: its text, and where that begins in the document, in characters.
    start, end: characters of the document: of the gold entity, or else of the suggested one, or of
        the sentence.
    gold_label, gold_probability: of the gold entity; None where there is none.
    suggested_start, suggested_end, suggested_label, suggested_probability: what is likelier.
        Without a label it is that no entity has a token of the span.
    suspicion: 0 to 1, what findings are ranked by.
    note: why, in words, where no model says it.
    """

    id: str
    kind: str
    group: str
    file: str
    line: int | None
    split: str
    document: str
    sentence: str
    sentence_start: int
    start: int
    end: int
    gold_label: str | None
    gold_probability: float | None
    suggested_start: int | None
    suggested_end: int | None
    suggested_label: str | None
    suggested_probability: float | None
    suspicion: float
    note: str

    @property
    def target(self) -> tuple[int, int, str] | None:
        """The start, end and label of the entity that is suggested, None if it is that of none."""
        if self.suggested_label is None:
            return None
        start = self.start if self.suggested_start is None else self.suggested_start
        end = self.end if self.suggested_end is None else self.suggested_end
        return start, end, self.suggested_label

    @property
    def place(self) -> str:
        """Where it stands, for messages: the file, the line, and what is annotated there."""
        where = self.file if self.line is None else f"{self.file}, line {self.line}"
        first, last = self.start - self.sentence_start, self.end - self.sentence_start
        return f"{where}, {self.sentence[max(0, first) : max(0, last)][:40]!r}"

    def to_record(self) -> dict[str, Any]:
        """For a line of JSON."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: Mapping[str, Any], place: str) -> Finding:
        """What `to_record` has made into one.

        place: of the record, for errors.
        RAISES: FormatError if it is none.
        """
        for name, kinds in _TYPES.items():
            value = record.get(name, ...)
            # JSON may have whole numbers without a point.
            is_whole = type(value) is int and isinstance(0.0, kinds)
            if not (is_whole or isinstance(value, kinds)):
                shown = "missing" if value is ... else f"{value!r:.40}"
                raise FormatError(
                    f"{place}: no finding of an audit: {name!r} is {shown}. Give its "
                    "findings.jsonl, as it was written."
                )
        return cls(**{name: record[name] for name in _TYPES})


_TYPES = get_type_hints(Finding)
