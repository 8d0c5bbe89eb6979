"""gz, zst, bz2 and xz, recognised by their first bytes, read member by member.

Decompressors are fed in small steps, so that a bomb costs no memory. A stream that breaks off is a fault `truncated`, a
damaged one `corrupt`; after the second, reading can go on at the next member (a gzip member, a zstd or xz frame).
"""

from __future__ import annotations

import bz2
import lzma
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, cast

import zstandard
from isal import igzip_lib

from flows.sources import address
from flows.sources.errors import Fault, Reason
from flows.sources.stream import CHUNK, Stream

_WINDOW = 1 << 27  # zstd's own limit without --long; a frame that asks for more is refused
FREE_BYTES = 1 << 24  # no stream is called a bomb before it has given 16 MB
_ISAL = cast("type[Exception]", igzip_lib.IsalError)  # its stubs call the class an instance
DAMAGE: tuple[type[Exception], ...] = (
    _ISAL,
    OSError,
    EOFError,
    lzma.LZMAError,
    zstandard.ZstdError,
    ValueError,
    MemoryError,
)


class Decompressor(Protocol):
    """What the standard library's decompressors share."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class ZstdFrame:
    """One zstd frame. The library cannot limit what a call returns, so it gets 2 kB a call: at most 64 MB come back."""

    _STEP = 2048

    def __init__(self) -> None:
        self._frame = zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompressobj()
        self._waiting = b""

    @property
    def eof(self) -> bool:
        return self._frame.eof

    @property
    def needs_input(self) -> bool:
        return not self._waiting

    @property
    def unused_data(self) -> bytes:
        return self._frame.unused_data + self._waiting

    def decompress(self, data: bytes, max_length: int) -> bytes:
        self._waiting += data
        parts: list[bytes] = []
        size = at = 0
        while at < len(self._waiting) and size < max_length and not self._frame.eof:
            parts.append(self._frame.decompress(self._waiting[at : at + self._STEP]))
            size += len(parts[-1])
            at += self._STEP
        self._waiting = self._waiting[at:]
        return b"".join(parts)


@dataclass(frozen=True, slots=True)
class Codec:
    """One kind of compression: its name and suffixes, the bytes that open a member, and what reads one."""

    name: str
    suffixes: tuple[str, ...]
    magic: bytes
    open: Callable[[], Decompressor]

    def starts(self, head: bytes) -> bool:
        """True where `head` opens a member."""
        return head.startswith(self.magic) or (self.name == "zst" and _is_skippable(head))


def _is_skippable(head: bytes) -> bool:
    """A zstd frame that holds no data, only a note for programs."""
    return len(head) >= 4 and head[0] & 0xF0 == 0x50 and head[1:4] == b"\x2a\x4d\x18"


CODECS = (
    Codec(
        "gz",
        (".gz", ".gzip"),
        b"\x1f\x8b\x08",
        lambda: cast(Decompressor, igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)),
    ),
    Codec("zst", (".zst", ".zstd"), b"\x28\xb5\x2f\xfd", ZstdFrame),
    Codec("bz2", (".bz2",), b"BZh", bz2.BZ2Decompressor),
    Codec("xz", (".xz",), b"\xfd7zXZ\x00", lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_WINDOW)),
)


def recognise(head: bytes) -> Codec | None:
    """The compression that `head` opens."""
    found = next((codec for codec in CODECS if codec.starts(head)), None)
    # Three letters could open a text; the block that must follow could not.
    return None if found and found.name == "bz2" and head[4:7] not in (b"1AY", b"\x17rE") else found


def inner_name(name: str, codec: Codec) -> str:
    """A file's name without the suffix of its compression.

    >>> inner_name("news.jsonl.gz", CODECS[0]), inner_name("news.tgz", CODECS[0])
    ('news.jsonl', 'news.tar')
    """
    lower = name.lower()
    if lower.endswith(".tgz"):
        return name[:-4] + ".tar"
    return next((name[: -len(suffix)] for suffix in codec.suffixes if lower.endswith(suffix)), name)


class Inflated:
    """The decompressed bytes of a stream, and where in it each member began."""

    def __init__(self, stored: Stream, codec: Codec, max_ratio: float, max_bytes: int, start: int = 0) -> None:
        self._stored = stored
        self._codec = codec
        self._max_ratio = max_ratio
        self._max_bytes = max_bytes
        self._base = start
        self._member: Decompressor | None = None
        self._member_start = 0
        self._member_given = self._member_bottom = 0
        self._given = 0
        self._chunk = b""
        # A look-ahead spans few members; older marks are of no use.
        self._marks: deque[tuple[int, int]] = deque(maxlen=1 << 16)

    @property
    def below(self) -> Stream:
        """The compressed bytes."""
        return self._stored

    def read(self, size: int) -> bytes:
        """Up to `size` decompressed bytes; Fault `truncated`, `corrupt`, `bomb` or what the stored bytes met."""
        found = b""
        while not found:
            if self._member is None and not self._open():
                return b""
            found = self._step(size)
        self._given += len(found)
        return found

    def where(self, offset: int) -> str:
        """`offset:C` of the member that holds the byte, and `!offset:I` inside of it where it does not begin it."""
        while len(self._marks) > 1 and self._marks[1][0] <= offset:
            self._marks.popleft()
        given, start = self._marks[0] if self._marks else (0, 0)
        outer = address.step("offset", self._base + start)
        return address.join(outer, address.step("offset", offset - given)) if offset > given else outer

    def resume(self, expected: bytes) -> bool:
        """Search the next member that can be read and begins with `expected`."""
        behind = self._member_start + 1 - (self._stored.tell() - len(self._chunk))
        self._stored.unread(self._chunk[max(behind, 0) :])
        self._member, self._chunk = None, b""
        while self._seek_magic():
            if self._try_member(expected):
                return True
        return False

    def _open(self) -> bool:
        """Begin the next member; False at the end. Zero bytes behind the last member are padding (tapes, old tars)."""
        head = self._stored.peek(8)
        while head and not head.strip(b"\0"):
            self._stored.skip(len(head))
            head = self._stored.peek(8)
        if not head:
            self._raise_stored_fault()
            return False
        self._begin()
        if not self._codec.starts(head):
            reason: Reason = "truncated" if self._codec.magic.startswith(head) else "corrupt"
            raise Fault(reason, f"what follows the compressed data is no {self._codec.name}", self._broken_at)
        return True

    def _begin(self) -> None:
        self._member = self._codec.open()
        self._member_start = self._stored.tell()
        self._member_given = 0
        self._member_bottom = self._stored.taken()
        self._marks.append((self._given, self._member_start))
        self._chunk = b""

    def _step(self, size: int) -> bytes:
        """One call of the decompressor."""
        member = cast(Decompressor, self._member)
        data = b""
        if member.needs_input:
            data = self._chunk = self._stored.read(CHUNK)
            if not data:
                self._raise_stored_fault()
                raise Fault("truncated", f"the {self._codec.name} data ends inside a member", self._broken_at)
        try:
            found = member.decompress(data, size)
        except DAMAGE as error:
            raise Fault("corrupt", f"damaged {self._codec.name} data: {error}", self._broken_at) from error
        self._member_given += len(found)
        if member.eof:
            self._stored.unread(member.unused_data)
            self._member, self._chunk = None, b""
        self._check_bomb()
        return found

    def _check_bomb(self) -> None:
        # Layers multiply: what counts is what the file itself has, but for what the layers between have read ahead.
        at_bottom = self._stored.taken() - self._member_bottom + CHUNK
        taken = max(min(self._stored.tell() - self._member_start, at_bottom), 1)
        if self._member_given > self._max_bytes:
            raise Fault("bomb", f"more than {self._max_bytes:,} bytes decompressed", self._broken_at)
        if self._member_given > max(FREE_BYTES, self._max_ratio * taken):
            detail = f"{self._member_given:,} bytes from {taken:,}, and it goes on"
            raise Fault("bomb", detail, self._broken_at)

    def _raise_stored_fault(self) -> None:
        if (fault := self._stored.fault) is not None:
            raise Fault(fault.reason, fault.detail, self._broken_at)

    @property
    def _broken_at(self) -> int:
        return self._base + self._member_start

    def _seek_magic(self) -> bool:
        """Move to the next bytes that could open a member."""
        while window := self._stored.peek(CHUNK):
            found = window.find(self._codec.magic)
            if found >= 0:
                self._stored.skip(found)
                return True
            self._stored.skip(max(len(window) - len(self._codec.magic) + 1, 1))
        return False

    def _try_member(self, expected: bytes) -> bool:
        """Open the member here; where it does not read, pass over its first byte."""
        probe = self._stored.peek(CHUNK)
        try:
            found = self._codec.open().decompress(probe, CHUNK)
        except DAMAGE:
            found = b""
        if found and found.startswith(expected):
            self._begin()
            return True
        self._stored.skip(1)
        return False
