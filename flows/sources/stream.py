"""Bytes of a dump, read forward with a look ahead, from any binary file object.

A `Stream` never raises for bad data. It ends where its bytes end or break; in the second case `fault` says why, after
everything before the break was given out.
"""

from __future__ import annotations

from typing import BinaryIO, Protocol, runtime_checkable

from flows.sources.address import step
from flows.sources.errors import Fault

CHUNK = 1 << 16


class Raw(Protocol):
    """Where a stream gets its bytes."""

    def read(self, size: int) -> bytes:
        """Up to `size` bytes, none at the end. Raises Fault."""

    def where(self, offset: int) -> str:
        """The address of the byte at `offset` of what was read."""

    def resume(self, expected: bytes) -> bool:
        """After a fault: go on at the next place whose bytes begin with `expected`; False where there is none."""


@runtime_checkable
class Layer(Protocol):
    """Raw bytes that are made from those of another stream."""

    @property
    def below(self) -> Stream:
        """The other stream."""


class Stored:
    """A binary file object as it lies in its store. A failing read becomes a fault."""

    def __init__(self, file: BinaryIO, start: int = 0) -> None:
        self.file = file
        self.start = start

    def read(self, size: int) -> bytes:
        try:
            return self.file.read(size) or b""
        except OSError as error:
            raise Fault("read_error", f"the file could not be read on: {error.strerror or error}") from error

    def where(self, offset: int) -> str:
        return step("offset", self.start + offset)

    def resume(self, expected: bytes) -> bool:
        return False


class Stream:
    """A look-ahead buffer over raw bytes; `tell()` counts what was given out."""

    def __init__(self, raw: Raw) -> None:
        self.raw = raw
        self.fault: Fault | None = None
        self._buffer = b""
        self._at = 0
        self._given = 0
        self._ended = False

    def tell(self) -> int:
        """How many bytes were given out."""
        return self._given

    def taken(self) -> int:
        """How many bytes were taken from the file as it is stored, at the bottom of all layers."""
        return self.raw.below.taken() if isinstance(self.raw, Layer) else self._given

    def where(self, offset: int) -> str:
        """The address of the byte at `offset`; asked with growing offsets only."""
        return self.raw.where(offset)

    def peek(self, size: int) -> bytes:
        """The next `size` bytes without taking them; fewer only where the stream ends."""
        if len(self._buffer) - self._at < size:
            self._fill(size)
        return self._buffer[self._at : self._at + size]

    def read(self, size: int) -> bytes:
        """The next `size` bytes; fewer only where the stream ends."""
        found = self.peek(size)
        return self._take(len(found), found)

    def skip(self, size: int) -> int:
        """Pass over `size` bytes without holding them; returns how many there were."""
        left = size
        while left and (taken := len(self.read(min(left, CHUNK)))):
            left -= taken
        return size - left

    def readline(self, limit: int) -> bytes:
        """The next line with its newline, or the first `limit` bytes of it."""
        parts: list[bytes] = []
        left = limit
        while left and (self._at < len(self._buffer) or self.peek(1)):
            end = self._buffer.find(b"\n", self._at, self._at + left) + 1
            part = self._buffer[self._at : end or self._at + left]
            parts.append(self._take(len(part), part))
            left = 0 if end else left - len(part)
        return b"".join(parts) if len(parts) != 1 else parts[0]

    def skip_line(self) -> int:
        """Pass over the rest of a line without holding it; returns its length."""
        length = 0
        while part := self.readline(CHUNK):
            length += len(part)
            if part.endswith(b"\n"):
                break
        return length

    def unread(self, data: bytes) -> None:
        """Give bytes back, to be read again."""
        self._buffer = data + self._buffer[self._at :]
        self._at = 0
        self._given -= len(data)

    def reset(self) -> None:
        """Forget everything: the raw bytes were moved."""
        self.fault = None
        self._buffer, self._at, self._given, self._ended = b"", 0, 0, False

    def resume(self, expected: bytes) -> bool:
        """After a fault: drop what is buffered and go on at the next member that begins with `expected`."""
        self._given += len(self._buffer) - self._at
        self._buffer, self._at = b"", 0
        if self.fault is None or not self.raw.resume(expected):
            return False
        self.fault, self._ended = None, False
        return True

    def _take(self, size: int, found: bytes) -> bytes:
        self._at += size
        self._given += size
        return found

    def _fill(self, size: int) -> None:
        parts = [self._buffer[self._at :]]
        have = len(parts[0])
        while have < size and not self._ended:
            part = self._more(max(size - have, CHUNK))
            parts.append(part)
            have += len(part)
        self._buffer, self._at = b"".join(parts), 0

    def _more(self, size: int) -> bytes:
        try:
            part = self.raw.read(size)
        except Fault as fault:
            self.fault, part = fault, b""
        self._ended = not part
        return part
