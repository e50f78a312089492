"""Files that may be compressed, by gzip or Zstandard, to read and to write."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import IO, Any, cast

from .annotated import FormatError

DAMAGE = (EOFError, zlib.error, gzip.BadGzipFile)
"""What reading a compressed file that is damaged may raise."""
SUFFIXES = (".gz", ".zst")
"""Of files that `create_bytes` compresses."""
_GZIP = b"\x1f\x8b"
_ZSTANDARD = b"\x28\xb5\x2f\xfd"


def open_bytes(path: Path) -> IO[bytes]:
    """Open a file to read bytes; those that are compressed if it is, whatever its name.

    RAISES: OSError if it can't be read; ValueError if it is of Zstandard, and pyarrow is missing.
    """
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith(_GZIP):
        return cast("IO[bytes]", gzip.open(path, "rb"))
    if start == _ZSTANDARD:
        return io.BufferedReader(_ZstandardReader(path))
    return path.open("rb")


@contextmanager
def create_bytes(path: Path, suffix: str) -> Iterator[IO[bytes]]:
    """Make a file that is compressed as the suffix says. The same content gives the same file.

    RAISES: ValueError if pyarrow is missing.
    """
    if suffix == ".gz":
        with path.open("xb") as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as compressed:
            yield cast("IO[bytes]", compressed)
    else:
        pa = import_pyarrow("Zstandard")
        with path.open("xb") as file, pa.CompressedOutputStream(file, "zstd") as compressed:
            yield compressed


def damaged(path: Path, where: str, error: BaseException) -> FormatError:
    """The error of a compressed file that is damaged; `where` is "", or " after line 3"."""
    return FormatError(
        f"{path}: the compressed file is damaged{where} ({error}). Fetch or compress it again."
    )


def import_pyarrow(what: str) -> ModuleType:
    """The module pyarrow. RAISES: ValueError if it is not installed; `what` is what needs it."""
    try:
        import pyarrow
    except ImportError as error:
        raise ValueError(
            f"{what} needs pyarrow: pip install 'spacy-bilstm-crf[parquet]'."
        ) from error
    return cast(ModuleType, pyarrow)


class _ZstandardReader(io.RawIOBase):
    def __init__(self, path: Path) -> None:
        pa = import_pyarrow(f"{path}: Zstandard")
        self._stream = pa.input_stream(str(path), compression="zstd")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            return cast(int, self._stream.readinto(buffer))
        except OSError as error:
            raise EOFError(str(error)) from error  # as gzip has it

    def close(self) -> None:
        self._stream.close()
        super().close()
