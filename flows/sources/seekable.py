"""A stream as a file that can be gone back and forth in, for formats whose table of contents stands at the end."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO, cast

from flows.sources.errors import Fault
from flows.sources.records import Place
from flows.sources.stream import Stored, Stream

_IN_MEMORY = 1 << 25
"""Bytes of a compressed or packed file that are kept in memory; above 32 MB they go to a nameless temporary file."""
_LARGEST = 1 << 32
"""Bytes of such a copy: the disk for temporary files is seldom large."""


@contextmanager
def seekable(stream: Stream, place: Place, *, whole: bool = True) -> Iterator[BinaryIO]:
    """The dump's own file where it lies there uncompressed, else a copy.

    Raises Fault where the bytes break off, unless what there is will do (`whole` is False): then the stream's fault
    tells of it.
    """
    if isinstance(stream.raw, Stored) and stream.raw.file.seekable():
        stream.raw.file.seek(0)
        yield stream.raw.file
        return
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as copy:
        _copy(stream, cast("IO[bytes]", copy), min(place.options.max_member_bytes, _LARGEST))
        if whole and (fault := stream.fault) is not None:
            raise Fault(fault.reason, fault.detail, fault.start)
        copy.seek(0)
        yield cast(BinaryIO, copy)


def check_end(file: BinaryIO, mark: bytes) -> None:
    """Raise Fault `truncated` where a file does not end in `mark`."""
    size = file.seek(0, 2)
    file.seek(max(size - len(mark), 0))
    if file.read(len(mark)) != mark:
        raise Fault("truncated", "the table of contents is missing, which stands at the end of the file")
    file.seek(0)


def _copy(stream: Stream, target: IO[bytes], limit: int) -> None:
    size = 0
    while part := stream.read(1 << 20):
        size += len(part)
        if size > limit:
            raise Fault("too_large", f"more than {limit:,} bytes, which have to be held at once")
        try:
            target.write(part)
        except OSError as error:
            raise Fault("read_error", f"no room to unpack it in {tempfile.gettempdir()}: {error.strerror}") from error
