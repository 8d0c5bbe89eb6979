"""The records of a WARC file as they lie in it: cut by their headers, found again where the file is damaged.

A record is `WARC/1.x`, header lines, a blank line, Content-Length bytes, two line ends (ISO 28500). Cutting is done
here and not by a library because a damaged record must cost itself only, and its address must be known.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass

from flows.sources.errors import Fault, Reason
from flows.sources.stream import CHUNK, Stream

MAGIC = b"WARC/"
_MAX_HEADER = 1 << 16
_LENGTH = re.compile(rb"^content-length[ \t]*:[ \t]*(\d{1,18})[ \t]*\r?$", re.I | re.M)
_BEGINNING = re.compile(rb"WARC/[01]\.\d{1,2}\r?\n[A-Za-z][A-Za-z-]*:")
_BEGINNING_BYTES = 64


@dataclass(frozen=True, slots=True)
class Frame:
    """One record: its address, its header with the blank line, its body; or the reason why it is none.

    `size` is the record's length in bytes as far as known; with a reason, header and body are what there is to show.
    """

    position: str
    header: bytes = b""
    body: bytes = b""
    reason: Reason | None = None
    detail: str = ""
    size: int = 0


def read_frames(stream: Stream, limit: int, stop: int | None = None) -> Iterator[Frame]:
    """The records whose stored offset lies before `stop`; bodies over `limit` bytes are passed over, not held."""
    told: Fault | None = None
    while True:
        _skip_blank(stream)
        position = stream.where(stream.tell())
        if stop is not None and first_offset(position) >= stop:
            return
        if stream.peek(1):
            told = yield from _frame(stream, position, limit)
        elif stream.fault is None:
            return
        else:
            if stream.fault is not told:
                yield _broken(position, stream.fault)
            if not stream.resume(MAGIC):
                return


def first_offset(position: str) -> int:
    """The stored offset in an address.

    >>> first_offset("offset:12!offset:5")
    12
    """
    return int(position.partition("!")[0].partition(":")[2])


def _skip_blank(stream: Stream) -> None:
    while stream.peek(1) in (b"\r", b"\n"):
        stream.read(1)


def _broken(position: str, fault: Fault, header: bytes = b"", body: bytes = b"") -> Frame:
    return Frame(position, header, body, fault.reason, fault.detail, len(header) + len(body))


def _frame(stream: Stream, position: str, limit: int) -> Generator[Frame, None, Fault | None]:
    """The record that begins here. Returns the stream's fault where the frame has told of it."""
    header = _read_header(stream)
    if not stream.peek(1) and not header.endswith(b"\n\r\n") and not header.endswith(b"\n\n"):
        fault = stream.fault or Fault("truncated", "the file ends inside a record's header")
        yield _broken(position, fault, header)
        return fault
    length = _LENGTH.search(header)
    if not header.startswith(MAGIC) or length is None:
        what = "no Content-Length" if header.startswith(MAGIC) else "no record header where one was due"
        skipped = len(header) + _skip_to_next(stream)
        yield Frame(position, header, b"", "bad_record", what, skipped)
        return None
    if int(length[1]) > limit:
        size = len(header) + _skip_to_next(stream, int(length[1]))
        detail = f"{int(length[1]):,} bytes, {limit:,} are allowed"
        yield Frame(position, header, b"", "too_large", detail, size)
        return None
    return (yield from _body(stream, position, header, int(length[1])))


def _read_header(stream: Stream) -> bytes:
    """Lines up to the blank one, or what there is of them."""
    lines: list[bytes] = []
    size = 0
    while size < _MAX_HEADER and (line := stream.readline(_MAX_HEADER)):
        lines.append(line)
        size += len(line)
        if line in (b"\r\n", b"\n") or not lines[0].startswith(MAGIC):
            break
    return b"".join(lines)


def _body(stream: Stream, position: str, header: bytes, length: int) -> Generator[Frame, None, Fault | None]:
    body = stream.read(length)
    behind = stream.peek(5)
    fault = stream.fault
    if fault is not None and fault.reason == "corrupt" and len(behind) < 5 and fault.start == first_offset(position):
        yield _broken(position, fault, header, body)
        return fault
    if len(body) == length and _ends_record(behind):
        yield Frame(position, header, body, size=len(header) + length)
        return None
    if swallowed := _BEGINNING.search(body):
        stream.unread(body[swallowed.start() :])
        body = body[: swallowed.start()]
    elif len(body) < length:
        fault = fault or Fault("truncated", f"{len(body):,} bytes of {length:,}")
        yield _broken(position, fault, header, body)
        return fault
    size = len(header) + len(body) + (0 if swallowed else _skip_to_next(stream))
    yield Frame(position, header, body, "bad_record", "Content-Length does not lead to the next record", size)
    return None


def _ends_record(behind: bytes) -> bool:
    """True where a record may end before these bytes: two line ends by the standard, one or none in the wild."""
    return (
        not behind.strip(b"\r\n")
        or behind.startswith(b"\r\n\r\n")
        or behind.lstrip(b"\r\n").startswith(MAGIC[: len(behind.lstrip(b"\r\n"))])
    )


def _skip_to_next(stream: Stream, size: int | None = None) -> int:
    """Pass over `size` bytes (None: all), but not over what begins a record: then the length was false."""
    passed = 0
    while (size is None or passed < size) and (window := stream.peek(CHUNK)):
        found = _BEGINNING.search(window)
        step = found.start() if found else max(len(window) - _BEGINNING_BYTES, 1)
        step = step if size is None else min(step, size - passed)
        passed += stream.skip(step)
        if found and step == found.start():
            break
    return passed
