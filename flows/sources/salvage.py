"""A zip without its table of contents: members are found one after the other by the headers that stand before them.

A download that broke off has lost the table, which stands at the end, but every member before the break is whole. Sizes
may stand behind a member instead of before it (streaming writers); then its own end mark tells where it ends.
"""

from __future__ import annotations

import bz2
import struct
import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Protocol

from flows.sources.address import step
from flows.sources.compression import FREE_BYTES
from flows.sources.errors import Fault
from flows.sources.members import Names, is_hidden, read_member
from flows.sources.records import Item, Place, SourceOptions
from flows.sources.stream import CHUNK, Stream

# APPNOTE.TXT 6.3: 4.3.7 local header, 4.3.9 data descriptor, 4.3.12 table of contents.
_HEADER = struct.Struct("<4s5H3I2H")
_MAGIC, _DESCRIPTOR, _TABLE = b"PK\x03\x04", b"PK\x07\x08", b"PK\x01\x02"
_AT_END = (_TABLE, b"PK\x05\x06", b"PK\x06\x06")
_ENCRYPTED, _SIZES_BEHIND, _UTF8 = 0x1, 0x8, 0x800
_STORED, _DEFLATED, _BZ2 = 0, 8, 12
_ZIP64 = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class LocalHeader:
    """What stands before a member. `packed` is None where its length stands behind it."""

    name: str
    flags: int
    method: int
    crc: int
    packed: int | None


def salvage(stream: Stream, place: Place, end: Fault) -> Iterator[Item]:
    """The records of every member up to the end of the bytes, then `end`, unless a broken member told of it."""
    names = Names()
    while stream.peek(4) == _MAGIC:
        at = stream.where(stream.tell())
        header = _read_header(stream)
        if header is None:
            yield from _told(place, at, end)
            return
        here = names.step(header.name)
        if (yield from _read_one(header, stream, place, here)):
            return
        _skip_to_next(stream)
    yield from _told(place, stream.where(stream.tell()), _without_table(end) if stream.peek(4) in _AT_END else end)


def _told(place: Place, here: str, fault: Fault) -> Iterator[Item]:
    if place.wants(here):
        yield place.fault(here, fault)


def _without_table(end: Fault) -> Fault:
    return Fault(end.reason, "the table of contents is damaged or cut off; the members before it were read")


def _read_header(stream: Stream) -> LocalHeader | None:
    """The header that begins here; None where the bytes end inside of it."""
    data = stream.read(_HEADER.size)
    if len(data) < _HEADER.size:
        return None
    _, _, flags, method, _, _, crc, packed, size, name_length, extra_length = _HEADER.unpack(data)
    name, extra = stream.read(name_length), stream.read(extra_length)
    if len(name) < name_length or len(extra) < extra_length:
        return None
    length = _long(extra, size) if packed == _ZIP64 else packed
    known = None if flags & _SIZES_BEHIND and not packed else length
    return LocalHeader(_decoded(name, flags), flags, method, crc, known)


def _decoded(name: bytes, flags: int) -> str:
    return name.decode("utf-8" if flags & _UTF8 else "cp437", "surrogateescape")


def _long(extra: bytes, size: int) -> int:
    """The packed length of a member over 4 GB, from the header's extra field number 1."""
    while len(extra) >= 4:
        kind, length = struct.unpack("<2H", extra[:4])
        numbers = extra[4 : 4 + length]
        if kind == 1:
            at = 8 if size == _ZIP64 else 0
            return int.from_bytes(numbers[at : at + 8], "little")
        extra = extra[4 + length :]
    return _ZIP64


def _read_one(header: LocalHeader, stream: Stream, place: Place, here: str) -> Generator[Item, None, bool]:
    """The records of a member. Returns True where the archive broke off inside and the member's reader told of it."""
    member = LocalMember(header, stream, place.options)
    wanted = not header.name.endswith("/") and not is_hidden(header.name) and place.wants(here)
    if header.flags & _ENCRYPTED and wanted:
        yield place.unreadable(here, "encrypted", "the member is encrypted", size=header.packed or 0)
    elif not member.known and wanted:
        yield place.unreadable(here, "unsupported", f"compression method {header.method}", size=header.packed or 0)
    elif wanted:
        yield from read_member(member, place, here, header.name)
    member.pass_over()
    return wanted and member.broke_off


class _Inflater(Protocol):
    """What zlib's and bz2's decompressors share, as far as it is needed here."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...


class LocalMember:
    """The bytes of a member, read forward. `broke_off` where the archive ended inside of it."""

    def __init__(self, header: LocalHeader, stream: Stream, options: SourceOptions) -> None:
        self._header, self._stream, self._options = header, stream, options
        self._left = header.packed
        self._begin = stream.tell()
        self._inflater = zlib.decompressobj(-15) if header.method == _DEFLATED else None
        self._bz2 = bz2.BZ2Decompressor() if header.method == _BZ2 else None
        self._crc = self._given = 0
        self._ended = self._checked = False
        self.broke_off = False

    @property
    def known(self) -> bool:
        """Whether the way it is packed can be read here."""
        return self._header.method in (_STORED, _DEFLATED, _BZ2)

    def read(self, size: int) -> bytes:
        """Up to `size` bytes of the member. Raises Fault."""
        found = b""
        while not found and not self._ended:
            found = self._some(min(size, CHUNK))
        self._crc = zlib.crc32(found, self._crc)
        self._given += len(found)
        self._check_bomb()
        if not found:
            self._check()
        return found

    def where(self, offset: int) -> str:
        """The address of a byte of the member."""
        return step("offset", offset)

    def resume(self, expected: bytes) -> bool:
        """Nothing comes behind a fault."""
        return False

    def pass_over(self) -> None:
        """Leave the member where its length is known; else the next header has to be looked for."""
        if self._inflater is not None and not self._ended:
            self._stream.unread(self._inflater.unconsumed_tail)
        if self._header.packed is not None:
            taken = self._stream.tell() - self._begin
            if taken < self._header.packed:
                self._stream.skip(self._header.packed - taken)

    def _some(self, size: int) -> bytes:
        if self._header.method == _STORED:
            return self._stored(size) if self._left is not None else self._marked(size)
        waiting = self._inflater.unconsumed_tail if self._inflater else b""
        data = waiting or (b"" if self._bz2 and not self._bz2.needs_input else self._take())
        try:
            found = self._inflater.decompress(data, size) if self._inflater else self._unbz2(data, size)
        except (zlib.error, OSError, EOFError) as error:
            self._stream.unread(data)  # the next member may begin in it
            self._inflater = None
            raise Fault("corrupt", f"damaged member: {error}") from error
        self._end_at(self._inflater or self._bz2)
        return found

    def _unbz2(self, data: bytes, size: int) -> bytes:
        return self._bz2.decompress(data, size) if self._bz2 else b""

    def _end_at(self, inflater: _Inflater | None) -> None:
        if inflater is not None and inflater.eof:
            self._stream.unread(inflater.unused_data)
            self._ended = True

    def _take(self) -> bytes:
        """Packed bytes, some more. Raises Fault where there are none."""
        data = self._stream.read(CHUNK if self._left is None else min(CHUNK, self._left))
        if self._left is not None:
            self._left -= len(data)
        if not data:
            self.broke_off = not self._stream.peek(1)
            raise (self.broke_off and self._stream.fault) or Fault(
                "truncated" if self.broke_off else "corrupt", "the archive ends inside of the member"
            )
        return data

    def _stored(self, size: int) -> bytes:
        if not self._left:
            self._ended = True
            return b""
        found = self._stream.read(min(size, self._left))
        self._left -= len(found)
        if not found:
            self.broke_off = True
            raise self._stream.fault or Fault("truncated", "the archive ends inside of the member")
        return found

    def _marked(self, size: int) -> bytes:
        """Bytes up to the mark behind the member, which repeats how many they are."""
        window = self._stream.peek(CHUNK)
        at = window.find(_DESCRIPTOR)
        while at >= 0 and int.from_bytes(window[at + 8 : at + 12], "little") != self._given + at:
            at = window.find(_DESCRIPTOR, at + 1)
        self._ended = at == 0
        safe = at if at >= 0 else max(len(window) - 16, 0)
        if not safe and not self._ended:
            self.broke_off = True
            raise self._stream.fault or Fault("truncated", "the archive ends inside of the member")
        return self._stream.read(min(size, safe))

    def _check(self) -> None:
        """Compare the checksum, which stands before the member or behind it. Raises Fault."""
        if self._checked:
            return
        self._checked = True
        expected = self._header.crc
        if self._header.flags & _SIZES_BEHIND:
            data = self._stream.peek(16)
            data = data.removeprefix(_DESCRIPTOR)
            if len(data) < 4:
                self.broke_off = True
                raise Fault("truncated", "the archive ends behind the member, before its checksum")
            expected = int.from_bytes(data[:4], "little")
        if expected != self._crc:
            raise Fault("corrupt", "damaged member: its checksum is wrong")

    def _check_bomb(self) -> None:
        packed = max(self._stream.tell() - self._begin, 1)
        allowed = max(FREE_BYTES, self._options.max_ratio * packed)
        if self._given > min(allowed, self._options.max_member_bytes):
            raise Fault("bomb", f"{self._given:,} bytes from {packed:,}, and it goes on")


def _skip_to_next(stream: Stream) -> None:
    """Go on to the next header or the table of contents, over what is damaged."""
    while window := stream.peek(CHUNK):
        found = [at for mark in (_MAGIC, *_AT_END) if (at := window.find(mark)) >= 0]
        stream.skip(min(found) if found else max(len(window) - 3, 1))
        if found:
            return
