"""Annotation formats, one a file: each reads to `AnnotatedText`, and most write from it."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Protocol, cast

from ..annotated import AnnotatedText, ReadOptions
from ..compressed import DAMAGE, damaged, open_bytes
from . import (
    brat,
    columns,
    docbin,
    doccano,
    entity_lines,
    label_folders,
    label_studio,
    label_table,
    labelled,
    prodigy,
    spacy_tuples,
    table,
    token_lines,
    webanno,
)

_HEAD = 2**16
_LONGEST_RECORD = 2**24


class Format(Protocol):
    """A module of this package."""

    def detect(self, head: str) -> bool:
        """Tell whether the first characters of a file look like this format."""

    def read(self, path: Path, options: ReadOptions) -> Iterator[AnnotatedText]:
        """Read a file. RAISES: FormatError naming the file and the line; OSError."""


class Writable(Format, Protocol):
    """A format of which a whole file can be written."""

    def write(self, texts: Iterable[AnnotatedText], file: IO[str]) -> None:
        """Write texts. RAISES: FormatError if the format can't hold one."""


FORMATS = cast(
    "dict[str, Format]",
    {
        "brat": brat,
        "columns": columns,
        "csv": table,
        "doccano": doccano,
        "docbin": docbin,
        "jsonl": entity_lines,
        "label-csv": label_table,
        "label-folders": label_folders,
        "label-studio": label_studio,
        "labels": labelled,
        "prodigy": prodigy,
        "spacy2": spacy_tuples,
        "tokens": token_lines,
        "webanno": webanno,
    },
)
"""By the names that `--format` takes."""

WRITABLE = cast(
    "dict[str, Writable]", {name: m for name, m in FORMATS.items() if hasattr(m, "write")}
)


def detect_format(path: Path) -> str | None:
    """The format of a file by its content, None if it is of none.

    RAISES: FormatError if it is compressed, and damaged; OSError if it can't be read.
    """
    with open_bytes(path) as file:
        try:
            start = file.read(_HEAD)
            if start.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in (b"{", b"["):
                start += file.readline(_LONGEST_RECORD)  # a record may be a whole document
        except DAMAGE as error:
            raise damaged(path, "", error) from error
    if path.suffix.lower() == ".spacy" or start[:2] in (b"x\x9c", b"x\xda", b"x\x01"):
        return "docbin"
    if b"\0" in start:
        return None
    head = start.decode("utf-8-sig", errors="replace")
    return next((name for name, module in FORMATS.items() if module.detect(head)), None)
