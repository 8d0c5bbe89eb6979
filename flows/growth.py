"""Dumps that are still being written: where their last whole record ends, and whether a dump only grew.

Only formats that can be read from the middle can be gone on with: JSON Lines, WARC, and WARC of gzip members. What
stands behind the last whole record of such a dump is a shard of its own, so that it can be taken again when the rest
of it has arrived, and nothing else has to be.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO, Literal

from isal import igzip_lib

from flows.sources import SourceOptions
from flows.sources.compression import DAMAGE, recognise
from flows.sources.frames import MAGIC
from flows.sources.jsonl import parse_object
from flows.sources.recoded import is_utf16
from flows.sources.records import Place, Unreadable
from flows.sources.registry import HEAD, choose, registry
from flows.sources.stream import CHUNK

Growing = Literal["jsonl", "warc", "warc.gz"]

_BLOCK = 1 << 20
_EDGE = 1 << 16
# How far from the end the beginning of the last gzip member is looked for: no record is longer by default.
_SEARCHED = 64 << 20
# So many bytes behind the last whole gzip member are one that was begun; more are damage.
_BEGUN = 1 << 20
_WARC_GZ = (".warc.gz", ".wet.gz")
_GZIP = b"\x1f\x8b\x08"
_WARC_HEAD = 4096
_LENGTH = re.compile(rb"^content-length[ \t]*:[ \t]*(\d{1,18})[ \t]*\r?$", re.I | re.M)


def growing(path: Path, options: SourceOptions) -> Growing | None:
    """As what a dump can be gone on with when it has grown, None where it cannot, or cannot be read."""
    try:
        with path.open("rb", buffering=0) as file:
            head = file.read(HEAD)
    except OSError:
        return None
    codec = recognise(head)
    if codec is not None or (len(head) < len(_GZIP) and path.name.lower().endswith(_WARC_GZ)):
        gzip = codec is None or codec.name == "gz"
        return "warc.gz" if gzip and options.format in (None, "warc") and _begins(path, len(head)) else None
    found = registry().get(options.format) if options.format else choose(head, path.name)
    if found is None or found.name not in ("jsonl", "warc") or is_utf16(head):
        return None
    return found.name  # type: ignore[return-value]


def whole_end(path: Path, kind: Growing, size: int, options: SourceOptions, start: int = 0) -> int:
    """Where the last whole record ends of the first `size` bytes of a dump: `size` where nothing is behind it.

    A record must begin at `start`. Damage inside of a dump is left to its reader.
    """
    with path.open("rb", buffering=0) as file:
        match kind:
            case "jsonl":
                return _last_line(file, start, size, options)
            case "warc":
                return _last_record(file, start, size)
            case "warc.gz":
                return _last_member(file, start, size)


def line_at(path: Path, offset: int) -> int:
    """The number of the line that the byte at `offset` stands in, counted from 1."""
    with path.open("rb", buffering=0) as file:
        return 1 + sum(part.count(b"\n") for part in _parts(file, offset))


def digest_of(path: Path, size: int) -> str:
    """sha256 of the first `size` bytes of a file, in hex: it may grow while it is read. Raises OSError."""
    return next(iter(digests_at(path, [size]).values()))


def digests_at(path: Path, sizes: Collection[int]) -> dict[int, str]:
    """sha256 of the first bytes of a file, up to each of `sizes`, in one reading. Raises OSError."""
    digest = hashlib.sha256()
    found: dict[int, str] = {}
    at = 0
    with path.open("rb", buffering=0) as file:
        for size in sorted(sizes):
            for part in _parts(file, size - at):
                digest.update(part)
            found[size] = digest.hexdigest()
            at = size
    return found


def edges(path: Path, size: int) -> str:
    """What stands for the first `size` bytes of a dump at a glance: sha256 over its first and its last 64 kB of them.

    Tells a dump that grew from one that was written anew, without reading it whole. Raises OSError.
    """
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        digest.update(file.read(min(size, _EDGE)))
        file.seek(max(size - _EDGE, 0))
        digest.update(file.read(min(size, _EDGE)))
    return digest.hexdigest()


def _parts(file: BinaryIO, size: int) -> Iterator[bytes]:
    """The next `size` bytes of a file, or those that it has, in parts."""
    while size > 0 and (part := file.read(min(size, _BLOCK))):
        size -= len(part)
        yield part


def _begins(path: Path, size: int) -> bool:
    """Whether the file's first gzip member begins a WARC record, or will by its name when there is more of it."""
    if size < HEAD and path.name.lower().endswith(_WARC_GZ):
        return True
    with path.open("rb", buffering=0) as file:
        return _member_end(file, 0, glance=True) is not None


def _last_line(file: BinaryIO, start: int, size: int, options: SourceOptions) -> int:
    """Behind the last line end; at the end where what follows is an object of its own."""
    end = max(_last(file, b"\n", start, size) + 1, start)
    if size - end > options.max_record_bytes:
        return end
    file.seek(end)
    rest = file.read(size - end)
    whole = not rest.strip() or not isinstance(parse_object(rest, Place("", ""), ""), Unreadable)
    return size if whole else end


def _last_record(file: BinaryIO, start: int, size: int) -> int:
    """From record to record by their lengths, up to one that the end cuts off."""
    at = start
    while at < size:
        file.seek(at)
        head = file.read(min(_WARC_HEAD, size - at))
        at += len(head) - len(head.lstrip(b"\r\n"))
        head = head.lstrip(b"\r\n")
        end, length = head.find(b"\r\n\r\n"), _LENGTH.search(head)
        if end < 0 and head[: len(MAGIC)] == MAGIC[: len(head)] and at + len(head) == size:
            return at if head else size
        if not head.startswith(MAGIC) or end < 0 or length is None or length.start() > end:
            return size
        following = at + end + 4 + int(length[1])
        if following > size:
            return at
        at = following
    return size


def _last_member(file: BinaryIO, start: int, size: int) -> int:
    """Backwards to the last gzip member that begins a record; what is behind it, if it is whole, was only begun."""
    stop = size
    while (at := _last(file, _GZIP, max(start, size - _SEARCHED), stop)) >= 0:
        end = _member_end(file, at, size)
        if end is not None and end > size:
            return at
        if end is not None:
            return end if 0 < size - end <= _BEGUN and _rest(file, end, size).strip(b"\0") else size
        stop = at + len(_GZIP) - 1
    return start if size - start <= _BEGUN else size


def _rest(file: BinaryIO, start: int, stop: int) -> bytes:
    file.seek(start)
    return file.read(stop - start)


def _member_end(file: BinaryIO, at: int, size: int = 1 << 62, *, glance: bool = False) -> int | None:
    """Where the gzip member at `at` ends, behind `size` where it is cut off; None where it begins no WARC record.

    At a `glance` only the beginning is looked at.
    """
    member = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
    file.seek(at)
    read = at
    head = b""
    try:
        while not member.eof:
            data = file.read(min(CHUNK, size - read)) if member.needs_input else b""
            read += len(data)
            if member.needs_input and not data:
                return size + 1 if head else None
            head = (head + member.decompress(data, CHUNK)[: len(MAGIC)])[: len(MAGIC)]
            if head != MAGIC[: len(head)]:
                return None
            if head and glance:
                return read
    except DAMAGE:
        return None
    return read - len(member.unused_data) if head else None


def _last(file: BinaryIO, wanted: bytes, start: int, stop: int) -> int:
    """Where the last `wanted` begins that lies between `start` and `stop`, -1 where there is none."""
    end = stop
    while end - len(wanted) >= start:
        begin = max(start, end - _BLOCK)
        file.seek(begin)
        found = file.read(end - begin).rfind(wanted)
        if found >= 0:
            return begin + found
        if begin == start:
            return -1
        end = begin + len(wanted) - 1
    return -1
