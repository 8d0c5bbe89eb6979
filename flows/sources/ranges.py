"""Cuts of a big dump that can be read independently of one another."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from isal import igzip_lib

from flows.sources.compression import DAMAGE, recognise
from flows.sources.frames import MAGIC
from flows.sources.recoded import is_utf16
from flows.sources.records import Range, SourceOptions
from flows.sources.registry import HEAD, choose, registry
from flows.sources.stream import CHUNK

_GZIP = b"\x1f\x8b\x08"
_HEADER = 1 << 16
_LENGTH = re.compile(rb"^content-length[ \t]*:[ \t]*(\d{1,18})[ \t]*\r?$", re.I | re.M)


def ranges(path: Path, target_bytes: int, options: SourceOptions | None = None) -> list[Range]:
    """The dump cut at beginnings of records into parts of about `target_bytes` stored bytes, in order, without gaps.

    JSON Lines are cut at lines (which are counted on the way: the file is read once, at the speed of the disk), WARC
    at records, WARC.gz at gzip members that begin a record and read to their end. Anything else is one part, for its
    records cannot be found without reading what lies before them: a table may have line ends inside of quotes, a
    compressed file has no places to begin. So is a dump that cannot be opened.
    """
    try:
        with path.open("rb", buffering=0) as file:
            cutter = _cutter(file.read(HEAD), path.name, options or SourceOptions())
            size = file.seek(0, 2)
            if cutter is None or size < 2 * target_bytes:
                return [Range()]
            return _join(list(cutter(file, size, max(target_bytes, 1))))
    except OSError:
        return [Range()]


Cut = tuple[int, int]
"""A stored offset at which a record begins, and the number of its line (0 without lines)."""


def _join(cuts: list[Cut]) -> list[Range]:
    stops = [*(offset for offset, _ in cuts[1:]), None]
    return [Range(start, stop, line) for (start, line), stop in zip(cuts, stops, strict=True)]


def _cutter(head: bytes, name: str, options: SourceOptions) -> Callable[[BinaryIO, int, int], Iterator[Cut]] | None:
    codec = recognise(head)
    if codec is not None:
        return _gzip_cuts if codec.name == "gz" and options.format in (None, "warc") else None
    if is_utf16(head):  # a newline is two bytes, one of which is also a part of other letters
        return None
    found = registry().get(options.format) if options.format else choose(head, name)
    return {"jsonl": _line_cuts, "warc": _warc_cuts}.get(found.name) if found else None


def _line_cuts(file: BinaryIO, size: int, target: int) -> Iterator[Cut]:
    """Behind the first line end after each target."""
    yield 0, 1
    file.seek(0)
    at, line, due = 0, 1, target
    while chunk := file.read(1 << 20):
        begin = 0
        while due < at + len(chunk) and (end := chunk.find(b"\n", max(due - at, begin))) >= 0:
            line += chunk.count(b"\n", begin, end + 1)
            begin = end + 1
            due = at + begin + target
            if at + begin < size:
                yield at + begin, line
        line += chunk.count(b"\n", begin)
        at += len(chunk)


def _warc_cuts(file: BinaryIO, size: int, target: int) -> Iterator[Cut]:
    """From record to record by their lengths; behind the first that does not lead to another there are no more cuts."""
    yield 0, 0
    at, due = 0, target
    while at < size:
        file.seek(at)
        head = file.read(4096)
        end, length = head.find(b"\r\n\r\n"), _LENGTH.search(head)
        if not head.startswith(MAGIC) or end < 0 or length is None or length.start() > end:
            return
        if at >= due:
            yield at, 0
            due = at + target
        at += end + 4 + int(length[1]) + 4


def _gzip_cuts(file: BinaryIO, size: int, target: int) -> Iterator[Cut]:
    """At the first member behind each target that is whole and holds a record from its beginning."""
    yield 0, 0
    if not _is_record(file, 0):
        return
    due = target
    while due < size and (found := _find_member(file, due)) is not None:
        yield found, 0
        due = found + target


def _find_member(file: BinaryIO, start: int) -> int | None:
    at = start
    file.seek(at)
    while len(window := _read(file, at, CHUNK)) > len(_GZIP):
        found = window.find(_GZIP)
        if found >= 0 and _is_record(file, at + found):
            return at + found
        at += found + 1 if found >= 0 else len(window) - len(_GZIP) + 1
    return None


def _read(file: BinaryIO, at: int, size: int) -> bytes:
    file.seek(at)
    return file.read(size)


def _is_record(file: BinaryIO, at: int) -> bool:
    """True where a gzip member begins that unpacks to a WARC record, checksum and all."""
    member = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
    file.seek(at)
    head = b""
    try:
        while not member.eof:
            data = file.read(CHUNK) if member.needs_input else b""
            if member.needs_input and not data:
                return False
            found = member.decompress(data, CHUNK)
            head = head or found[: len(MAGIC)]
            if head and head != MAGIC[: len(head)]:
                return False
    except DAMAGE:
        return False
    return head == MAGIC
