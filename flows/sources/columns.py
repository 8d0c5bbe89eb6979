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


def damage() -> tuple[type[Exception], ...]:
    """What pyarrow raises for damaged data: a false length ends in MemoryError, an impossible date in OverflowError."""
    import pyarrow as pa

    return (pa.ArrowException, OSError, ValueError, MemoryError, OverflowError, KeyError)


def wanted_row(place: Place) -> int | None:
    """The number of the row that is asked for; None where all are."""
    prefix = place.at("row:")
    if place.wanted is None or not place.wanted.startswith(prefix):
        return None
    number = place.wanted[len(prefix) :]
    return int(number) if number.isdigit() else None


def batch_records(batch: pa.RecordBatch, first: int, place: Place) -> Iterator[Item]:
    """The records of a batch whose first row is number `first`. Raises pa.ArrowInvalid where the batch is damaged."""
    wanted = wanted_row(place)
    rows = range(batch.num_rows)
    if wanted is not None:
        rows = rows[max(wanted - first, 0) : max(wanted - first + 1, 0)]
    if not rows:
        return
    columns = {name: _checked(batch.column(at)) for at, name in enumerate(batch.schema.names)}
    for at in range(rows.start, rows.stop, BATCH_ROWS):
        count = min(BATCH_ROWS, rows.stop - at)
        values = {name: _values(column.slice(at, count)) for name, column in columns.items()}
        for number in range(count):
            row = {name: column[number] for name, column in values.items()}
            yield row_record(row, place, step("row", first + at + number))


def _checked(column: pa.Array) -> pa.Array:
    """The column, or its bytes where its text is not all UTF-8. Raises pa.ArrowInvalid.

    Arrow trusts the offsets in a file, and reading damaged ones ends the process.
    """
    import pyarrow as pa

    kinds = {pa.string(): pa.binary(), pa.large_string(): pa.large_binary()}
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        if column.type not in kinds:
            raise
        column = pa.Array.from_buffers(kinds[column.type], len(column), column.buffers(), offset=column.offset)
        column.validate(full=True)
    return column


def _values(column: pa.Array) -> list[object]:
    """A column as Python values: times as ISO 8601, bytes that are text as text."""
    import pyarrow as pa

    if pa.types.is_temporal(column.type):
        column = column.cast(pa.string())
    values = list(column.to_pylist())
    is_bytes = pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type)
    return [_text_or_bytes(value) for value in values] if is_bytes else values


def _text_or_bytes(value: bytes | None) -> str | bytes | None:
    try:
        return None if value is None else value.decode("utf-8")
    except UnicodeDecodeError:
        return value
