"""The lock of a lake in an object store: a row of numbered objects, of which the last one counts.

Who wants the lake creates the number behind the last one, when that one was given back or its owner is dead; a store
lets only one of several do so (`If-None-Match: *`), so that a take-over needs no compare-and-swap. The owner puts its
object again every ten seconds. An owner is dead when its object has not been put for a minute by the store's own
clock, or, on the same machine, when its process is gone.

An owner that could not reach the store for most of that minute, or sees a number behind its own, no longer writes to
the ledger: `still_held` raises. What it wrote aside before are the same bytes under the same names as its successor's.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from uuid import uuid4

from flows.errors import LockHeldError, LockLostError
from flows.lake.files import create_whole
from flows.lake.place import Lake

BEAT_SECONDS = 10.0
DEAD_SECONDS = 60.0
# An owner stops so long before others may take over: more than clocks and requests differ by.
MARGIN_SECONDS = 20.0
WAIT_SECONDS = 2.0

_LEASES: dict[str, Lease] = {}


@dataclass(frozen=True, slots=True)
class Holder:
    """Who created a lock object. `machine` stands for the boot and the process ids' namespace; `beats` counts puts."""

    host: str
    pid: int
    run: str
    since: float
    machine: str
    started: str
    beats: int = 0
    released: bool = False


class Lease:
    """A lock that is held: object `number` of the row, put again and again by a thread."""

    def __init__(self, lake: Lake, number: int, holder: Holder) -> None:
        self._lake, self._number, self._holder = lake, number, holder
        self._ended = threading.Event()
        self._lost = False
        self._reached = time.monotonic()
        self._thread = threading.Thread(target=self._beat, name="winnow-heartbeat", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Raises LockLostError where the lake may be another's by now."""
        if self._lost or time.monotonic() - self._reached > DEAD_SECONDS - MARGIN_SECONDS:
            raise LockLostError(
                f"{self._lake.root} could not be reached for too long, another run may hold it: nothing more is "
                "written. Run the same command again: it goes on where this one stopped"
            )

    def release(self) -> None:
        """Give the lake back, where it still is ours."""
        self._ended.set()
        self._thread.join()
        if not self._lost:
            with suppress(OSError):  # it counts as dead in a minute
                _path(self._lake, self._number).write_bytes(_json(replace(self._holder, released=True)))

    def _beat(self) -> None:
        while not self._ended.wait(BEAT_SECONDS):
            begin = time.monotonic()
            self._holder = replace(self._holder, beats=self._holder.beats + 1)
            with suppress(OSError):  # the next beat may get through; until then `check` counts the time
                _path(self._lake, self._number).write_bytes(_json(self._holder))
                self._lost = _path(self._lake, self._number + 1).is_file()
                self._reached = begin


@contextmanager
def hold(lake: Lake, run: str, *, wait: bool) -> Iterator[None]:
    """Hold the lock while the block runs. Raises LockHeldError where another run does, unless `wait` asks to wait."""
    me = _myself(run)
    while isinstance(found := _take(lake, me), Holder):
        if not wait:
            raise LockHeldError(f"{lake.root} is held by {describe(found)}; wait for it to end, or use --wait")
        time.sleep(WAIT_SECONDS)
    lease = _LEASES[str(lake.root)] = Lease(lake, found, me)
    try:
        yield
    finally:
        del _LEASES[str(lake.root)]
        lease.release()


def holder(lake: Lake) -> Holder | None:
    """Who holds the lake now, None where nobody does."""
    last = _last(lake)
    return None if last is None else _alive(lake, last)


def still_held(lake: Lake) -> None:
    """Raises LockLostError where this process holds the lake and may have lost it. Local lakes are never lost."""
    lease = _LEASES.get(str(lake.root))
    if lease is not None:
        lease.check()


def describe(found: Holder) -> str:
    """A holder for people."""
    return f"run {found.run} (process {found.pid} on {found.host}, for {max(0, time.time() - found.since):.0f} s)"


def _take(lake: Lake, me: Holder) -> int | Holder:
    """The number that is ours now, or who holds the lake."""
    last = _last(lake)
    found = None if last is None else _alive(lake, last)
    if found is not None:
        return found
    number = (last or 0) + 1
    try:
        create_whole(_path(lake, number), _json(me))
    except FileExistsError:
        return _read(lake, number) or me
    newest = _last(lake) or number
    if newest != number:  # the row went on while we looked: ours is one that was given back and removed before
        _path(lake, number).unlink()
        return _read(lake, newest) or me
    for older in _numbers(lake):
        if older < number:
            _path(lake, older).unlink(missing_ok=True)
    return number


def _alive(lake: Lake, number: int) -> Holder | None:
    """The owner of a lock object, None where it was given back or its owner is dead."""
    found = _read(lake, number)
    if found is None or found.released:
        return None
    mine = _myself("")
    if found.machine == mine.machine and _started(found.pid) != found.started:
        return None
    return None if _age(lake, number) >= DEAD_SECONDS else found


def _age(lake: Lake, number: int) -> float:
    """Seconds since an object was put, by the store's clock: it is asked for by putting another one."""
    probe = lake.lock / f"now-{uuid4().hex[:8]}"
    try:
        put = _path(lake, number).stat().st_mtime_ns // 1_000_000_000
        probe.write_bytes(b"")
        return float(probe.stat().st_mtime_ns // 1_000_000_000 - put)
    except FileNotFoundError:
        return DEAD_SECONDS
    finally:
        probe.unlink(missing_ok=True)


def _read(lake: Lake, number: int) -> Holder | None:
    try:
        return Holder(**json.loads(_path(lake, number).read_bytes()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def _last(lake: Lake) -> int | None:
    return max(_numbers(lake), default=None)


def _numbers(lake: Lake) -> list[int]:
    return [int(path.name[:-5]) for path in lake.lock.glob("*.json") if path.name[:-5].isdigit()]


def _path(lake: Lake, number: int) -> Path:
    return lake.lock / f"{number:010d}.json"


def _json(holder: Holder) -> bytes:
    return json.dumps(asdict(holder)).encode()


def _myself(run: str) -> Holder:
    """This process. Its machine is known by its boot and by the namespace that its process id counts in."""
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        space = Path("/proc/self/ns/pid").readlink()
        return Holder(os.uname().nodename, os.getpid(), run, time.time(), f"{boot} {space}", _started(os.getpid()))
    return Holder(os.uname().nodename, os.getpid(), run, time.time(), uuid4().hex, "")


def _started(pid: int) -> str:
    """When a process began, in the kernel's ticks: tells it from a later one of its number. Empty where it ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return ""
