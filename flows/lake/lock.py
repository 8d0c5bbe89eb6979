"""One run at a time writes to a lake.

On one machine the kernel holds the lock (`flock`): it is gone the moment its holder is, so a take-over after a death
needs no waiting and cannot race. For lakes on a disk that several machines share, where `flock` may not reach, the
owner also writes a heartbeat into the file; a lock of another machine counts as dead when that is a minute old. A
lake in an object store is held by a lease (flows.lake.lease).
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from flows.errors import LockHeldError
from flows.lake import lease
from flows.lake.files import disk_errors
from flows.lake.place import Lake
from flows.storage import remote

BEAT_SECONDS = 10.0
DEAD_SECONDS = 60.0
WAIT_SECONDS = 1.0
TRIES = 5
TRY_SECONDS = 0.05
OWNER_BYTES = 512


@dataclass(frozen=True, slots=True)
class Owner:
    """Who holds the lock. `since` and `beat` are seconds since 1970."""

    host: str
    pid: int
    run: str
    since: float
    beat: float

    def __str__(self) -> str:
        return f"run {self.run} (process {self.pid} on {self.host}, for {max(0, time.time() - self.since):.0f} s)"


@contextmanager
def hold(lake: Lake, run: str, *, wait: bool = False) -> Iterator[None]:
    """Hold the lake's lock, with a heartbeat, while the block runs.

    Raises LockHeldError, which says who holds it, unless `wait` asks to wait until it is free.
    """
    if remote(lake.root) is not None:
        with lease.hold(lake, run, wait=wait):
            yield
        return
    descriptor = _open(lake.lock)
    try:
        while (holder := _insist(descriptor)) is not None:
            if not wait:
                raise LockHeldError(f"{lake.root} is held by {holder}; wait for it to end, or use --wait")
            time.sleep(WAIT_SECONDS)
        now = time.time()
        with _beating(lake.lock, descriptor, Owner(socket.gethostname(), os.getpid(), run, now, now)):
            yield
    finally:
        os.close(descriptor)


def holder(lake: Lake) -> Owner | None:
    """Who holds the lake now, None where nobody does."""
    if remote(lake.root) is not None:
        found = lease.holder(lake)
        return None if found is None else Owner(found.host, found.pid, found.run, found.since, found.since)
    try:
        descriptor = os.open(lake.lock, os.O_RDWR)
    except OSError:
        return None
    try:
        return _take(descriptor)
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)


def _insist(descriptor: int) -> Owner | None:
    """As `_take`, asked for a quarter of a second: who only looks whether a lake is held holds it for that moment."""
    for _ in range(TRIES):
        if (owner := _take(descriptor)) is None:
            return None
        time.sleep(TRY_SECONDS)
    return owner


def _take(descriptor: int) -> Owner | None:
    """None where the lock is now ours, else its owner."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(descriptor) or Owner("unknown", 0, "unknown", time.time(), time.time())
    owner = _read(descriptor)
    if owner is not None and owner.host != socket.gethostname() and abs(time.time() - owner.beat) < DEAD_SECONDS:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        return owner
    return None


def _read(descriptor: int) -> Owner | None:
    try:
        found: Mapping[str, Any] = json.loads(os.pread(descriptor, 4096, 0))
        return Owner(**found)
    except (ValueError, TypeError):
        return None


def _write(descriptor: int, owner: Owner) -> None:
    """In one write, and of one length, so that who reads meanwhile sees one owner."""
    os.pwrite(descriptor, json.dumps(asdict(owner)).encode().ljust(OWNER_BYTES), 0)


@contextmanager
def _beating(path: Path, descriptor: int, owner: Owner) -> Iterator[None]:
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(BEAT_SECONDS):
            with suppress(OSError):  # a full disk: the next beat may find room
                _write(descriptor, replace(owner, beat=time.time()))

    with disk_errors(path):
        _write(descriptor, owner)
    thread = threading.Thread(target=beat, name="winnow-heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        os.ftruncate(descriptor, 0)
