"""An object as a file that is read in ranges: what is not asked for is not transferred."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, BinaryIO

from flows.storage.stores import store_errors

if TYPE_CHECKING:
    from collections.abc import Buffer  # type: ignore[attr-defined]  # since 3.12; only the checker asks

    from obstore.store import ObjectStore

FIRST_BLOCK = 1 << 17
ANNOUNCED_BLOCK = 1 << 20
LARGEST_BLOCK = 1 << 22


class RangeFile(io.RawIOBase):
    """One version of an object. Blocks that are asked for one after the other double from 128 kB to 4 MB; of a stretch
    that is announced the first has 1 MB, the others 4 MB, and the last ends where it does.

    Every request names the version's ETag, so that an object that is replaced meanwhile fails with OSError instead of
    giving bytes of both. One block is held.
    """

    def __init__(self, store: ObjectStore, key: str, name: str) -> None:
        super().__init__()
        self._store, self._key, self.name = store, key, name
        self._at = self._start = 0
        self._block = memoryview(b"")
        self._next = FIRST_BLOCK
        self._until = 0
        first = self._request(0, FIRST_BLOCK, None)
        self.size: int = first.meta["size"]
        self._etag: str | None = first.meta["e_tag"]
        if self.size:
            self._block = memoryview(first.bytes())

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = max(base + offset, 0)
        return self._at

    def announce(self, stop: int | None) -> None:
        """Say that what follows is read straight on, up to about `stop` (None: the end)."""
        self._until = self.size if stop is None else min(stop + FIRST_BLOCK, self.size)
        self._next = FIRST_BLOCK

    def readinto(self, buffer: Buffer) -> int:
        target = memoryview(buffer).cast("B")
        if self._at >= self.size or not len(target):
            return 0
        if not self._start <= self._at < self._start + len(self._block):
            self._fetch(len(target))
        found = self._block[self._at - self._start :][: len(target)]
        target[: len(found)] = found
        self._at += len(found)
        return len(found)

    def _fetch(self, wanted: int) -> None:
        """Get the block at the place; a reader that goes straight on gets twice as much as before."""
        left = self._until - self._at
        self._next = self._following(left)
        size = max(min(self._next, left) if left > 0 else self._next, wanted)
        stop = min(self._at + min(size, LARGEST_BLOCK), self.size)
        self._block, self._start = memoryview(b""), self._at
        with store_errors(self.name):
            self._block = memoryview(self._request(self._at, stop, self._etag).bytes())

    def _following(self, left: int) -> int:
        """How large the next block is, where `left` bytes that were announced are still to come."""
        if left > 0:
            return min(max(self._next * 4, ANNOUNCED_BLOCK), LARGEST_BLOCK)
        announced, self._until = self._until, 0
        goes_on = self._at == self._start + len(self._block)
        return min(self._next * 2, LARGEST_BLOCK) if goes_on and not announced else FIRST_BLOCK

    def _request(self, start: int, stop: int, etag: str | None) -> Any:
        import obstore

        options: Any = {"range": (start, stop)} | ({"if_match": etag} if etag else {})
        with store_errors(self.name):
            try:
                return obstore.get(self._store, self._key, options=options)
            except obstore.exceptions.GenericError:
                if start:
                    raise
                return obstore.get(self._store, self._key)  # no range can be had of an object of no bytes


def announce(file: BinaryIO, stop: int | None) -> None:
    """Say that a file is read straight on up to about `stop`; only one that lies in a store makes use of it."""
    raw = getattr(file, "raw", None)
    if isinstance(raw, RangeFile):
        raw.announce(stop)
