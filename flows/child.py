"""What runs in a child process: take a call, do it, say how far it is, answer."""

from __future__ import annotations

import ctypes
import gc
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import MutableSequence
from multiprocessing.connection import Connection

from cleaners.errors import WinnowError
from flows.without_pandas import look_without_pandas

_PR_SET_PDEATHSIG = 1
# Address space beyond the memory limit: libraries reserve about 2 GB that they never touch.
_RESERVED = 4 << 30
# A page makes thousands of objects and no cycles: looking for garbage at each 700 costs a twentieth of its time.
_GARBAGE_EVERY = 20_000


class Beat:
    """What a child says about where it is, in memory that its supervisor reads.

    ordinal   number of the record it is at, in its shard; `reading` while it is still being read
    cpu       CPU seconds the child had used, and `wall` the monotonic clock, when it began with it
    saved     all records before this number are on disk
    member    number of the dump in the shard that it is reading
    done      records this child has done in its life
    """

    FIELDS = 8
    _AT_WORK, _ORDINAL, _READING, _CPU, _WALL, _SAVED, _DONE, _MEMBER = range(FIELDS)

    def __init__(self, shared: MutableSequence[float]) -> None:
        self._shared = shared

    def clear(self) -> None:
        """At no record, nothing saved."""
        self._shared[self._AT_WORK] = 0.0
        self._shared[self._SAVED] = 0.0
        self._shared[self._MEMBER] = 0.0

    def read(self, ordinal: int) -> None:
        """The child begins to read record number `ordinal`."""
        self._mark(ordinal, True)

    def clean(self, ordinal: int) -> None:
        """The child begins to clean record number `ordinal`."""
        self.measure(ordinal)
        self._shared[self._DONE] += 1

    def measure(self, ordinal: int) -> None:
        """The child goes back to record number `ordinal`, which is cleaned, to measure it and to make its rows."""
        self._mark(ordinal, False)

    def open(self, member: int) -> None:
        """The child goes on to dump number `member` of the shard."""
        self._shared[self._MEMBER] = float(member)

    def rest(self) -> None:
        """The child is at no record: it writes, or is done."""
        self._shared[self._AT_WORK] = 0.0

    def save(self, saved: int) -> None:
        """All records before number `saved` are on disk."""
        self._shared[self._SAVED] = float(saved)

    def _mark(self, ordinal: int, reading: bool) -> None:
        shared = self._shared
        shared[self._AT_WORK] = 0.0
        shared[self._ORDINAL] = float(ordinal)
        shared[self._READING] = float(reading)
        shared[self._CPU] = time.process_time()
        shared[self._WALL] = time.monotonic()
        shared[self._AT_WORK] = 1.0

    @property
    def at_work(self) -> bool:
        """Whether the child is at a record."""
        return bool(self._shared[self._AT_WORK])

    @property
    def ordinal(self) -> int:
        """Number of the record the child is, or was last, at."""
        return int(self._shared[self._ORDINAL])

    @property
    def reading(self) -> bool:
        """Whether it is still being read."""
        return bool(self._shared[self._READING])

    @property
    def cpu(self) -> float:
        """CPU seconds used when the child began with it."""
        return self._shared[self._CPU]

    @property
    def wall(self) -> float:
        """The monotonic clock when the child began with it."""
        return self._shared[self._WALL]

    @property
    def saved(self) -> int:
        """All records before this number are on disk."""
        return int(self._shared[self._SAVED])

    @property
    def member(self) -> int:
        """Number of the dump in the shard that it is reading."""
        return int(self._shared[self._MEMBER])

    @property
    def done(self) -> int:
        """Records the child has done in its life."""
        return int(self._shared[self._DONE])


def child_main(connection: Connection, beat: Beat, supervisor: int, memory_bytes: int) -> None:
    """Do calls until the supervisor hangs up, in an address space of `memory_bytes` and some GB.

    What Winnow raises goes home as the answer. Anything else ends the child: the supervisor sees it die and finds the
    record that did it.
    """
    die_with(supervisor)
    limit_address_space(memory_bytes + _RESERVED)
    gc.set_threshold(_GARBAGE_EVERY)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the supervisor decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    while True:
        try:
            function, arguments = connection.recv()
        except EOFError:
            return
        if "pyarrow" in sys.modules:  # which what is to be called has imported
            look_without_pandas()
        try:
            answer = (True, function(*arguments, beat))
        except WinnowError as error:
            answer = (False, error)
        beat.rest()
        connection.send(answer)


def limit_address_space(most: int) -> None:
    """Have the kernel refuse what is more, at once: between two looks of the supervisor a process could take it all."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def die_with(supervisor: int) -> None:
    """See to it that this process ends when the process `supervisor` does, even in the middle of C code."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_watch, args=(supervisor,), daemon=True).start()


def _watch(supervisor: int) -> None:
    while os.getppid() == supervisor:
        time.sleep(1.0)
    os._exit(1)
