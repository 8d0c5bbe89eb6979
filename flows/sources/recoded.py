"""UTF-16 as UTF-8, for formats whose readers look for bytes: lines, quotes, brackets. Only a byte order mark tells it.

Spreadsheets write their text tables so, and PowerShell whatever is redirected into a file.
"""

from __future__ import annotations

import codecs

from flows.sources.address import step
from flows.sources.stream import Stream

_HEAD = 4096
_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Recoded:
    """The raw bytes of a stream of UTF-16 as UTF-8, without the mark."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-16")("replace")

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        if not data and self._stream.fault is not None:
            raise self._stream.fault
        return self._decoder.decode(data, final=not data).encode("utf-8")

    def where(self, offset: int) -> str:
        return step("offset", offset)

    def resume(self, expected: bytes) -> bool:
        return False


def is_utf16(head: bytes) -> bool:
    """Whether the first bytes of a dump say that it is UTF-16: a mark, and a zero as every digit and comma has one."""
    return head.startswith(_MARKS) and b"\0" in head


def in_utf8(head: bytes) -> bytes:
    r"""The first bytes of a dump as UTF-8, for who recognises formats by them.

    >>> in_utf8('{"a": 1}'.encode("utf-16")), in_utf8(b"caf\xe9")
    (b'{"a": 1}', b'caf\xe9')
    """
    return head.decode("utf-16", "ignore").encode("utf-8") if is_utf16(head) else head


def as_utf8(stream: Stream) -> Stream:
    """The stream, or where it is UTF-16 the same text as UTF-8."""
    return Stream(Recoded(stream)) if is_utf16(stream.peek(_HEAD)) else stream
