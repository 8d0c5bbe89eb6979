"""An object as a file that is read in ranges: what is not asked for is not transferred."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from flows.storage.stores import store_errors

if TYPE_CHECKING:
    from collections.abc import Buffer  # type: ignore[attr-defined]  # since 3.12; only the checker asks

    from obstore.store import ObjectStore

FIRST_BLOCK = 1 << 17
LARGEST_BLOCK = 1 << 22


class RangeFile(io.RawIOBase):
    """One version of an object. Blocks that are asked for one after the other double from 128 kB to 4 MB.

    Every request names the version's ETag, so that an object that is replaced meanwhile fails with OSError instead of
    giving bytes of both. One block is held.
    """

    def __init__(self, store: ObjectStore, key: str, name: str) -> None:
        super().__init__()
        self._store, self._key, self.name = store, key, name
        self._at = self._start = 0
        self._block = memoryview(b"")
        self._next = FIRST_BLOCK
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
        goes_on = self._at == self._start + len(self._block)
        self._next = min(self._next * 2, LARGEST_BLOCK) if goes_on else FIRST_BLOCK
        stop = min(self._at + max(self._next, min(wanted, LARGEST_BLOCK)), self.size)
        self._block, self._start = memoryview(b""), self._at
        with store_errors(self.name):
            self._block = memoryview(self._request(self._at, stop, self._etag).bytes())

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
