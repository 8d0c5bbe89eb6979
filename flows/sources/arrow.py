"""Arrow IPC (Feather 2) files and streams, one record a row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from flows.sources.address import step
from flows.sources.columns import batch_records, damage
from flows.sources.errors import Fault
from flows.sources.records import Format, Item, Place
from flows.sources.rows import columns_of
from flows.sources.seekable import check_end, seekable
from flows.sources.stream import Stream

if TYPE_CHECKING:
    import pyarrow as pa

_FILE = b"ARROW1\0\0"
_STREAM = b"\xff\xff\xff\xff"


def recognise(head: bytes) -> bool:
    """True for the file's magic, and for a stream's first message: a mark, a length, a flatbuffer."""
    length = int.from_bytes(head[4:8], "little")
    return head.startswith(_FILE) or (head.startswith(_STREAM) and len(head) > 16 and 0 < length < 1 << 24)


def read(stream: Stream, place: Place) -> Iterator[Item]:
    """A record a row. A damaged batch costs itself only in a file; a stream ends there."""
    head = stream.peek(256)
    try:
        with seekable(stream, place) as file:
            is_file = head.startswith(_FILE)
            if is_file:
                check_end(file, _FILE.rstrip(b"\0"))
            yield from _read_batches(_from_file(file) if is_file else _from_stream(file), place)
    except Fault as fault:
        yield place.fault("", fault, head=head)
    except damage() as error:
        yield place.unreadable("", "corrupt", f"no readable Arrow data: {str(error)[:200]}", head=head)


def _read_batches(batches: Iterator[pa.RecordBatch | Exception], place: Place) -> Iterator[Item]:
    number = 0
    for batch in batches:
        if isinstance(batch, Exception):
            yield from _damaged(number, batch, place)
            number += 1
            continue
        batch = batch.select(columns_of(batch.schema.names, place.options))
        try:
            yield from batch_records(batch, number, place)
        except damage() as error:
            yield from _damaged(number, error, place)
        number += max(batch.num_rows, 1)


def _damaged(row: int, error: Exception, place: Place) -> Iterator[Item]:
    here = step("row", row)
    if place.wants(here):
        yield place.unreadable(here, "corrupt", f"a damaged batch of rows: {str(error)[:200]}")


def _from_file(file: BinaryIO) -> Iterator[pa.RecordBatch | Exception]:
    from pyarrow import ipc

    with ipc.open_file(file) as reader:
        for at in range(reader.num_record_batches):
            try:
                yield reader.get_batch(at)
            except damage() as error:
                yield error


def _from_stream(file: BinaryIO) -> Iterator[pa.RecordBatch | Exception]:
    from pyarrow import ipc

    with ipc.open_stream(file) as reader:
        try:
            yield from reader
        except damage() as error:
            yield error


FORMAT = Format("arrow", read, recognise, suffixes=(".arrow", ".feather", ".ipc", ".arrows"), rank=12)
