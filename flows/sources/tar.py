"""Tar archives of dumps, read forward, header by header.

The standard library's reader ends silently at a damaged or cut header; here both are told, and reading goes on at the
next header whose checksum is right.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Generator, Iterator, Mapping

from flows.sources.address import step
from flows.sources.errors import Fault
from flows.sources.members import Names, is_hidden, read_member
from flows.sources.records import Format, Item, Place
from flows.sources.stream import CHUNK, Stream

_BLOCK = 512
_MAX_NAME = 1 << 20
_PAX = re.compile(rb"(\d{1,18}) ([^=\n]+)=")
_NUMBER = re.compile(r"[0-9]{1,18}")
_KINDS = {
    tarfile.LNKTYPE: "a hard link",
    tarfile.SYMTYPE: "a symbolic link",
    tarfile.CHRTYPE: "a device",
    tarfile.BLKTYPE: "a device",
    tarfile.FIFOTYPE: "a named pipe",
    tarfile.GNUTYPE_SPARSE: "a file with holes",
}
_WITHOUT_DATA = (tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE)
_ABOUT_NEXT = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)
_FILES = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)


class TarMember:
    """The bytes of a member: the next `size` of the archive."""

    def __init__(self, stream: Stream, size: int) -> None:
        self._stream = stream
        self.left = size

    @property
    def below(self) -> Stream:
        """The archive."""
        return self._stream

    def read(self, size: int) -> bytes:
        found = self._stream.read(min(size, self.left))
        self.left -= len(found)
        if not found and self.left:
            raise self._stream.fault or Fault(
                "truncated", f"the archive ends {self.left:,} bytes before the member does"
            )
        return found

    def where(self, offset: int) -> str:
        return step("offset", offset)

    def resume(self, expected: bytes) -> bool:
        return False


def recognise(head: bytes) -> bool:
    """True where the first 512 bytes carry their own checksum."""
    return _header(head[:_BLOCK]) is not None


def read(stream: Stream, place: Place) -> Iterator[Item]:
    """The records of every member, in their order."""
    from flows.sources.unpack import too_deep

    if place.depth >= place.options.max_depth:
        yield too_deep(place, stream.peek(256))
        return
    names = Names()
    extra: dict[str, str] = {}
    while len(block := stream.read(_BLOCK)) == _BLOCK and block.strip(b"\0"):
        member = _header(block)
        if member is None:
            at = stream.where(stream.tell() - _BLOCK)
            damaged = place.unreadable(at, "corrupt", "a damaged header", size=_skip_to_header(stream), head=block)
            yield from [damaged] if place.wants(at) else []
        elif member.type in _ABOUT_NEXT:
            extra |= _extra(member, stream)
        else:
            if (yield from _read_member(member, extra, names, stream, place)):
                return
            extra = {}
    if len(block) < _BLOCK:
        yield from _end(stream, place, block)


def _end(stream: Stream, place: Place, rest: bytes) -> Iterator[Item]:
    """What a tar without its end mark comes to."""
    here = stream.where(stream.tell() - len(rest))
    fault = stream.fault or Fault("truncated", "the archive ends without its end mark")
    if place.wants(here):
        yield place.fault(here, fault, size=len(rest), head=rest)


def _header(block: bytes) -> tarfile.TarInfo | None:
    try:
        return tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError):
        return None


def _read_member(
    member: tarfile.TarInfo, extra: Mapping[str, str], names: Names, stream: Stream, place: Place
) -> Generator[Item, None, bool]:
    """The records of a member. Returns True where the archive broke off inside and the member's reader told of it."""
    name = extra.get("path", member.name)
    size = int(extra["size"]) if _NUMBER.fullmatch(extra.get("size", "")) else member.size
    length = 0 if member.type in _WITHOUT_DATA else size
    here = names.step(name)
    content = TarMember(stream, length)
    kind = "a file with holes" if any(key.startswith("GNU.sparse") for key in extra) else _KINDS.get(member.type)
    told = False
    if kind is not None and place.wants(here):
        yield place.unreadable(here, "not_a_file", kind, size=size)
    elif member.type in _FILES and not name.endswith("/") and not is_hidden(name) and place.wants(here):
        yield from read_member(content, place, here, name)
        told = bool(content.left) and not stream.peek(1)
    stream.skip(content.left + -length % _BLOCK)
    return told


def _extra(member: tarfile.TarInfo, stream: Stream) -> dict[str, str]:
    """What a header for the next member says: its long name (GNU) or its records (pax)."""
    data = stream.read(min(member.size, _MAX_NAME))
    stream.skip(member.size - len(data) + -member.size % _BLOCK)
    if member.type == tarfile.GNUTYPE_LONGNAME:
        return {"path": data.rstrip(b"\0").decode("utf-8", "surrogateescape")}
    if member.type != tarfile.XHDTYPE:
        return {}
    found: dict[str, str] = {}
    at = 0
    while match := _PAX.match(data, at):
        end = at + max(int(match[1]), match.end() - at + 1)
        found[match[2].decode("utf-8", "replace")] = data[match.end() : end - 1].decode("utf-8", "surrogateescape")
        at = end
    return found


def _skip_to_header(stream: Stream) -> int:
    """Pass over blocks up to one that is a header, or to the end; returns the bytes passed over."""
    passed = 0
    while len(window := stream.peek(CHUNK)) >= _BLOCK:
        starts = range(0, len(window) - _BLOCK + 1, _BLOCK)
        found = next((at for at in starts if _may_be_header(window, at) and _header(window[at : at + _BLOCK])), None)
        passed += stream.skip(starts[-1] + _BLOCK if found is None else found)
        if found is not None:
            break
    return passed


def _may_be_header(window: bytes, at: int) -> bool:
    """A look at the checksum's digits, forty times as fast as parsing the block."""
    return window[at + 148 : at + 156].strip(b" \0").isdigit()


FORMAT = Format("tar", read, recognise, suffixes=(".tar",), rank=13)
