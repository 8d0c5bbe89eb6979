"""Arrow IPC (Feather 2) files and streams, one record a row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from flows.sources.address import step
from flows.sources.columns import BATCH_ROWS, batch_records
from flows.sources.errors import Fault
from flows.sources.records import Format, Item, Place
from flows.sources.rows import columns_of
from flows.sources.seekable import seekable
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
    """A record a row. A stream that breaks off gives the batches before the break."""
    import pyarrow as pa

    is_file = stream.peek(8) == _FILE
    number = [0]
    try:
        with seekable(stream, place) as file:
            yield from _read_batches(_file_batches(file, place) if is_file else _stream_batches(file), number, place)
    except Fault as fault:
        yield place.fault("", fault)
    except (pa.ArrowException, OSError, ValueError) as error:
        here = step("row", number[0]) if number[0] else ""
        yield place.unreadable(here, "corrupt", f"no readable Arrow data: {str(error)[:200]}")


def _read_batches(batches: Iterator[pa.RecordBatch], number: list[int], place: Place) -> Iterator[Item]:
    """The records of all batches; `number` is kept for whoever must say where the data broke."""
    for batch in batches:
        wanted = columns_of(batch.schema.names, place.options) or batch.schema.names
        batch = batch.select(wanted)
        for at in range(0, batch.num_rows, BATCH_ROWS):
            part = batch.slice(at, BATCH_ROWS)
            yield from batch_records(part, number[0], place)
            number[0] += part.num_rows


def _file_batches(file: BinaryIO, place: Place) -> Iterator[pa.RecordBatch]:
    from pyarrow import ipc

    with ipc.open_file(file) as reader:
        for at in range(reader.num_record_batches):
            yield reader.get_batch(at)


def _stream_batches(file: BinaryIO) -> Iterator[pa.RecordBatch]:
    from pyarrow import ipc

    with ipc.open_stream(file) as reader:
        yield from reader


FORMAT = Format("arrow", read, recognise, suffixes=(".arrow", ".feather", ".ipc", ".arrows"), rank=12)
