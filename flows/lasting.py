"""How much of a dump stays as it is when the dump grows: what tells a grown one from another of the same name.

Most formats are written on at their end. JSON arrays, tars and zips have something there that makes place for what
comes: brackets, blocks of zeros, the table of contents.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from flows.sources import SourceOptions
from flows.sources.compression import recognise
from flows.sources.registry import HEAD, choose, registry

_CLOSING = b" \t\r\n]},"
_END = 1 << 16  # bytes; brackets and blank lines at the end are fewer
_TAR_BLOCK = 512
_TAR_END = 1 << 20  # tar fills its last record, 10 kB unless asked for more
_ZIP_END = b"PK\x05\x06"
_ZIP_TAIL = 22 + (1 << 16) - 1  # with the longest comment


def lasting(path: Path, size: int, options: SourceOptions) -> int:
    """So many of the first `size` bytes of a dump stay when it grows: all of them, unless its format has an end.

    Raises OSError.
    """
    with path.open("rb", buffering=0) as file:
        head = file.read(HEAD)
        if recognise(head) is not None:
            return size
        found = registry().get(options.format) if options.format else choose(head, path.name)
        match found.name if found is not None else "":
            case "json":
                return _before(file, size, _END, _CLOSING)
            case "tar":
                return min(-(-_before(file, size, _TAR_END, b"\0") // _TAR_BLOCK) * _TAR_BLOCK, size)
            case "zip":
                return _before_contents(file, size)
    return size


def _before(file: BinaryIO, size: int, most: int, signs: bytes) -> int:
    """Where these bytes begin that the dump ends with, of which there are at most `most`."""
    start = max(size - most, 0)
    file.seek(start)
    return start + len(file.read(size - start).rstrip(signs))


def _before_contents(file: BinaryIO, size: int) -> int:
    """Where the table of contents of a zip begins, `size` where there is none."""
    start = max(size - _ZIP_TAIL, 0)
    file.seek(start)
    tail = file.read(size - start)
    at = tail.rfind(_ZIP_END)
    length = int.from_bytes(tail[at + 12 : at + 16], "little")
    return start + at - length if at >= 0 and length <= start + at else size
