"""Texts from the rows of a Parquet file, and what was found in them to one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ..corpora.compressed import import_pyarrow

MAGIC = b"PAR1"
"""What such a file begins with."""

# Rows that are read or written at a time; and characters, of rows that are written.
_ROWS = 1000
_CHARS = 10_000_000


def open_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a file. Dates and decimals are texts; NaN is None, which it stands for.

    RAISES: ValueError, at once, if it is damaged, has no column "text", or one that JSON can't
        hold, or if pyarrow is missing.
    """
    pa = import_pyarrow(f"{path}: Parquet")
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(path)
    except pa.ArrowInvalid as error:
        raise ValueError(f"{path}: no Parquet file, or damaged ({error}).") from error
    schema = file.schema_arrow
    types = {field.name: _json_type(path, field.name, field.type) for field in schema}
    if "text" not in types:
        raise ValueError(
            f"{path}: there is no column 'text', but {', '.join(map(repr, types)) or 'none'}."
        )
    target = pa.schema(list(types.items()))
    return _rows(path, file, target)


def _rows(path: Path, file: Any, target: Any) -> Iterator[dict[str, Any]]:
    import pyarrow as pa

    with file:
        batches = file.iter_batches(batch_size=_ROWS)
        while True:
            try:
                batch = next(batches, None)
            except (OSError, pa.ArrowException) as error:
                raise ValueError(f"{path}: the file is damaged ({error}).") from error
            if batch is None:
                return
            for row in batch.cast(target).to_pylist():
                yield {key: None if value != value else value for key, value in row.items()}


def _json_type(path: Path, name: str, kind: Any) -> Any:
    """The type to read a column as."""
    from pyarrow import types

    if types.is_temporal(kind) or types.is_decimal(kind):
        import pyarrow as pa

        return pa.string()
    kind = kind.value_type if types.is_dictionary(kind) else kind
    if not _is_json(kind):
        raise ValueError(
            f"{path}: the column {name!r} is of the type {kind}, which the output can't hold. "
            "Leave it out of the file."
        )
    return kind


def _is_json(kind: Any) -> bool:
    from pyarrow import types

    if types.is_map(kind):
        return _is_json(kind.key_type) and _is_json(kind.item_type)
    if types.is_list(kind) or types.is_large_list(kind):
        return _is_json(kind.value_type)
    if types.is_struct(kind):
        return all(_is_json(field.type) for field in kind)
    tests = ("string", "large_string", "integer", "floating", "boolean", "null")
    return any(getattr(types, f"is_{test}")(kind) for test in tests)


def write_records(path: Path, records: Iterable[dict[str, Any]]) -> None:
    """Write records of JSON lines as rows. The same records give the same file.

    "ents" are a list of structs, as "spans" are, "cats" a map, and "input" JSON.
    RAISES: ValueError if pyarrow is missing.
    """
    pa = import_pyarrow(f"{path}: Parquet")
    from pyarrow import parquet

    offsets = [("start", pa.int64()), ("end", pa.int64())]
    ent = pa.struct(
        [*offsets, ("label", pa.string()), ("text", pa.string()), ("confidence", pa.float64())]
    )
    schema = pa.schema(
        [
            ("name", pa.string()),
            ("text", pa.string()),
            ("ents", pa.list_(ent)),
            ("spans", pa.list_(ent)),
            ("cats", pa.map_(pa.string(), pa.float64())),
            ("input", pa.string()),
        ]
    )
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for group in _groups(map(_to_row, records)):
            writer.write_table(pa.Table.from_pylist(group, schema))


def _groups(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    group: list[dict[str, Any]] = []
    n_chars = 0
    for row in rows:
        group.append(row)
        n_chars += len(row["text"])
        if len(group) == _ROWS or n_chars >= _CHARS:
            yield group
            group, n_chars = [], 0
    if group:
        yield group


def _to_row(record: dict[str, Any]) -> dict[str, Any]:
    cats, given = record.get("cats"), record.get("input")
    return {
        **record,
        "cats": None if cats is None else list(cats.items()),
        "input": None if given is None else json.dumps(given, ensure_ascii=False),
    }


def read_records(path: Path) -> Iterator[dict[str, Any]]:
    """The records that `write_records` has written. RAISES: any error if the file is another's."""
    import_pyarrow(f"{path}: Parquet")
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=_ROWS):
            yield from map(_from_row, batch.to_pylist())


def _from_row(row: dict[str, Any]) -> dict[str, Any]:
    record = {"name": row["name"], "text": row["text"], "ents": _known(row["ents"])}
    if row.get("spans") is not None:
        record["spans"] = _known(row["spans"])
    if row["cats"] is not None:
        record["cats"] = dict(row["cats"])
    if row["input"] is not None:
        record["input"] = json.loads(row["input"])
    return record


def _known(ents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in ent.items() if value is not None} for ent in ents]
