"""Parquet, one record a row, read by row groups and only the columns that matter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from flows.sources.address import step
from flows.sources.columns import BATCH_ROWS, batch_records, damage, wanted_row
from flows.sources.errors import Fault
from flows.sources.records import Format, Item, Place
from flows.sources.rows import columns_of
from flows.sources.seekable import check_end, seekable
from flows.sources.stream import Stream

if TYPE_CHECKING:
    import pyarrow.parquet as pq

MAGIC = b"PAR1"


def read(stream: Stream, place: Place) -> Iterator[Item]:
    """A record a row. A damaged row group is one `Unreadable` at its first row that could not be read."""
    try:
        with seekable(stream, place) as file:
            check_end(file, MAGIC)
            yield from _read_groups(_open(file), place)
    except Fault as fault:
        yield place.fault("", fault, head=MAGIC)
    except damage() as error:
        yield place.unreadable("", "corrupt", f"no readable Parquet: {str(error)[:200]}", head=MAGIC)


def _open(file: BinaryIO) -> pq.ParquetFile:
    import pyarrow.parquet as pq

    # A buffer size makes pyarrow stream a column's pages instead of holding a whole row group.
    return pq.ParquetFile(file, buffer_size=1 << 20, pre_buffer=False, page_checksum_verification=True)


def _read_groups(table: pq.ParquetFile, place: Place) -> Iterator[Item]:
    columns = columns_of(table.schema_arrow.names, place.options)
    first = 0
    wanted = wanted_row(place)
    for group in range(table.num_row_groups):
        rows = table.metadata.row_group(group).num_rows
        if wanted is None or first <= wanted < first + max(rows, 1):
            yield from _read_group(table, group, columns, first, place)
        first += max(rows, 0)


def _read_group(table: pq.ParquetFile, group: int, columns: list[str], first: int, place: Place) -> Iterator[Item]:
    try:
        for batch in table.iter_batches(BATCH_ROWS, row_groups=[group], columns=columns, use_threads=False):
            yield from batch_records(batch, first, place)
            first += batch.num_rows
    except damage() as error:
        yield place.unreadable(step("row", first), "corrupt", f"row group {group} is damaged: {str(error)[:200]}")


FORMAT = Format("parquet", read, lambda head: head.startswith(MAGIC), suffixes=(".parquet", ".pq"), rank=11)
