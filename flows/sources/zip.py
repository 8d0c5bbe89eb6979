"""Zip archives of dumps."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from itertools import pairwise
from typing import IO, BinaryIO

from flows.sources.address import step
from flows.sources.binary import OFFICE
from flows.sources.compression import FREE_BYTES
from flows.sources.errors import Fault
from flows.sources.members import Names, is_hidden, read_member
from flows.sources.records import Format, Item, Place, SourceOptions
from flows.sources.salvage import salvage
from flows.sources.seekable import seekable
from flows.sources.stream import CHUNK, Stored, Stream

_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, IndexError, struct.error)
_ENCRYPTED = 0x1
_LEAST_HEADER = 30


class ZipMember:
    """The bytes of a member."""

    def __init__(self, file: IO[bytes], packed: int, options: SourceOptions) -> None:
        self._file = file
        self._packed = packed
        self._options = options
        self._given = 0

    def read(self, size: int) -> bytes:
        try:
            found = self._file.read(min(size, CHUNK))
        except _DAMAGE as error:
            raise Fault("corrupt", f"damaged member: {error}") from error
        self._given += len(found)
        allowed = max(FREE_BYTES, self._options.max_ratio * max(self._packed, 1))
        if self._given > min(allowed, self._options.max_member_bytes):
            raise Fault("bomb", f"{self._given:,} bytes from {self._packed:,}, and it goes on")
        return found

    def where(self, offset: int) -> str:
        return step("offset", offset)

    def resume(self, expected: bytes) -> bool:
        return False


def read(stream: Stream, place: Place) -> Iterator[Item]:
    """The records of every member, in the order of the table of contents."""
    from flows.sources.unpack import too_deep

    head = stream.peek(256)
    if place.depth >= place.options.max_depth:
        yield too_deep(place, head)
        return
    try:
        with seekable(stream, place, whole=False) as file:
            archive = _open(file, stream)
            if isinstance(archive, Fault):
                file.seek(0)
                yield from salvage(Stream(Stored(file)), place, archive)
                return
            with archive:
                yield from _read_members(archive, place)
    except Fault as fault:
        yield place.fault("", fault, head=head)
    except (*_DAMAGE, NotImplementedError) as error:
        yield place.unreadable("", "corrupt", f"no readable zip: {error}", head=head)


def _open(file: BinaryIO, stream: Stream) -> zipfile.ZipFile | Fault:
    """The archive by its table of contents, or what is wrong with that."""
    if stream.fault is not None:
        return stream.fault
    if not zipfile.is_zipfile(file):
        return Fault("truncated", "the table of contents is missing, which stands at the end of a zip")
    try:
        return zipfile.ZipFile(file)
    except (*_DAMAGE, NotImplementedError) as error:
        return Fault("corrupt", f"damaged table of contents: {error}")


def _read_members(archive: zipfile.ZipFile, place: Place) -> Iterator[Item]:
    names = Names()
    shared = _shared(archive)
    for member in archive.infolist():
        here = names.step(member.filename)
        if member.header_offset in shared:
            detail = "its bytes are those of another member too"
            yield from [place.unreadable(here, "bomb", detail, size=member.file_size)] if place.wants(here) else []
        elif not member.filename.endswith("/") and not is_hidden(member.filename) and place.wants(here):
            yield from _read_one(archive, member, place, here)


def _shared(archive: zipfile.ZipFile) -> set[int]:
    """Where members begin that reach into the next one: one small stretch of bytes unpacked again and again."""
    members = sorted(archive.infolist(), key=lambda member: member.header_offset)
    ends = [(member.header_offset, member.header_offset + _LEAST_HEADER + member.compress_size) for member in members]
    return {at for (begin, end), (following, _) in pairwise(ends) if end > following for at in (begin, following)}


def _read_one(archive: zipfile.ZipFile, member: zipfile.ZipInfo, place: Place, here: str) -> Iterator[Item]:
    if member.flag_bits & _ENCRYPTED:
        yield place.unreadable(here, "encrypted", "the member is encrypted", size=member.file_size)
        return
    if (member.external_attr >> 28) == 0xA:
        yield place.unreadable(here, "not_a_file", "a symbolic link", size=member.file_size)
        return
    try:
        file = archive.open(member)
    except NotImplementedError as error:
        yield place.unreadable(here, "unsupported", str(error), size=member.file_size)
    except (*_DAMAGE, RuntimeError) as error:
        yield place.unreadable(here, "corrupt", f"damaged member: {error}", size=member.file_size)
    else:
        with file:
            yield from read_member(ZipMember(file, member.compress_size, place.options), place, here, member.filename)


def recognise(head: bytes) -> bool:
    """True for a zip that is not an office document, e-book or program in disguise."""
    return head.startswith(_MAGIC) and not OFFICE.match(head)


FORMAT = Format("zip", read, recognise, suffixes=(".zip",), rank=14)
