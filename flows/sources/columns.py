"""Batches of an Arrow table as records: for Parquet and Arrow IPC."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flows.sources.address import step
from flows.sources.records import Item, Place
from flows.sources.rows import row_record

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 64
"""Rows that are held at once: pages have up to some hundred kB."""


def wanted_row(place: Place) -> int | None:
    """The number of the row that is asked for; None where all are."""
    prefix = place.at("row:")
    if place.wanted is None or not place.wanted.startswith(prefix):
        return None
    number = place.wanted[len(prefix) :]
    return int(number) if number.isdigit() else None


def batch_records(batch: pa.RecordBatch, first: int, place: Place) -> Iterator[Item]:
    """The records of a batch whose first row is number `first`."""
    wanted = wanted_row(place)
    if wanted is not None:
        if not first <= wanted < first + batch.num_rows:
            return
        batch, first = batch.slice(wanted - first, 1), wanted
    columns = {name: _values(batch.column(at)) for at, name in enumerate(batch.schema.names)}
    for at in range(batch.num_rows):
        row = {name: values[at] for name, values in columns.items()}
        yield row_record(row, place, step("row", first + at))


def _values(column: pa.Array) -> list[object]:
    """A column as Python values: times as ISO 8601, text that is no UTF-8 as its bytes.

    Raises pa.ArrowInvalid. Arrow trusts the offsets in a file, and reading a damaged one ends the process, so each
    column is checked first.
    """
    import pyarrow as pa

    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        return _bytes_of(column)
    if pa.types.is_temporal(column.type):
        column = column.cast(pa.string())
    return list(column.to_pylist())


def _bytes_of(column: pa.Array) -> list[object]:
    """A column of text in which not all is UTF-8; raises pa.ArrowInvalid where it is damaged in another way."""
    import pyarrow as pa

    kinds = {pa.string(): pa.binary(), pa.large_string(): pa.large_binary()}
    if column.type not in kinds:
        column.validate(full=True)
    raw = pa.Array.from_buffers(kinds[column.type], len(column), column.buffers(), offset=column.offset)
    raw.validate(full=True)
    return [_text_or_bytes(value) for value in raw.to_pylist()]


def _text_or_bytes(value: bytes | None) -> str | bytes | None:
    try:
        return None if value is None else value.decode("utf-8")
    except UnicodeDecodeError:
        return value
