"""Child processes that do the dangerous work: read what strangers wrote, and clean it.

A child is spawned, never forked, and does one call at a time. While it works it says in shared memory which record it
is at and how much CPU time it had used when it began with it (a Beat). The supervisor looks many times a second: a
child that takes too long over one record, or too much memory, is killed; one that dies is noticed at once. Either way
the call raises Broken with the number of the record, and the child is replaced.

Children die with their supervisor: the kernel kills them (Linux), or they notice within a second.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Literal, TypeVar

from cleaners.errors import WinnowError
from flows.child import Beat, child_main
from flows.errors import ShardError, WorkerError

Answer = TypeVar("Answer")
Reason = Literal["timeout", "memory", "crash"]
POLL_SECONDS = 0.1  # a child that eats 2 GB a second oversteps its limit by 200 MB
# Wall-clock seconds a record may take for each CPU second it may use: for what sleeps, or waits on a dead disk.
WALL_FACTOR = 12.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may take.

    cpu_seconds     CPU time a record; `patience` times that when the record is tried again, alone
    memory_bytes    resident size of the child, polled; its address space is bounded above that by the kernel
    recycle_after   records after which a child is replaced, between two shards
    """

    cpu_seconds: float = 10.0
    patience: float = 6.0
    memory_bytes: int = 1 << 30
    recycle_after: int = 5_000


class Broken(WinnowError):
    """A child was lost; `beat` says at which record, and what is on disk."""

    def __init__(self, reason: Reason, detail: str, beat: Beat) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason: Reason = reason
        self.detail = detail
        self.beat = beat

    @property
    def ordinal(self) -> int | None:
        """Number of the record the child was at, None where it was at none."""
        return self.beat.ordinal if self.beat.at_work else None


class PoolClosed(ShardError):
    """The pool was stopped while the call was waiting or under way."""


class Child:
    """One child process. Not for use by several threads at a time."""

    def __init__(self, limits: Limits) -> None:
        context = multiprocessing.get_context("spawn")
        self.limits = limits
        self.beat = Beat(context.RawArray("d", Beat.FIELDS))
        self._connection, theirs = context.Pipe()
        self._process = context.Process(
            target=child_main,
            args=(theirs, self.beat, os.getpid(), limits.memory_bytes),
            name="winnow-worker",
            daemon=True,
        )
        self._process.start()
        theirs.close()

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid or -1

    def call(
        self, function: Callable[..., Answer], arguments: tuple[Any, ...], trusted: int, stop: threading.Event
    ) -> Answer:
        """Have the child do `function(*arguments, beat)`.

        The record numbered `trusted` gets `patience` times the CPU time. Raises what the function raised, Broken, or
        PoolClosed when `stop` is set.
        """
        self.beat.clear()
        try:
            self._connection.send((function, arguments))
            while not self._connection.poll(POLL_SECONDS):
                if stop.is_set():
                    raise PoolClosed("the run is stopping")
                self._check(trusted)
            succeeded, answer = self._connection.recv()
        except (EOFError, BrokenPipeError, ConnectionResetError) as error:
            raise self._broken("crash", self._last_words()) from error
        if not succeeded:
            raise answer
        result: Answer = answer
        return result

    def kill(self) -> None:
        """End the child at once and wait for it."""
        self._process.kill()
        self._process.join()
        self._connection.close()

    def _check(self, trusted: int) -> None:
        resident, cpu = usage(self.pid)
        if resident > self.limits.memory_bytes:
            raise self._broken("memory", f"more than {self.limits.memory_bytes >> 20} MB of memory")
        if not self.beat.at_work:
            return
        allowed = self.limits.cpu_seconds * (self.limits.patience if self.beat.ordinal == trusted else 1)
        if cpu - self.beat.cpu > allowed:
            raise self._broken("timeout", f"more than {allowed:g} s of CPU time")
        if time.monotonic() - self.beat.wall > allowed * WALL_FACTOR:
            raise self._broken("timeout", f"more than {allowed * WALL_FACTOR:g} s of waiting")

    def _broken(self, reason: Reason, detail: str) -> Broken:
        self._process.kill()
        self._process.join()
        return Broken(reason, detail, self.beat)

    def _last_words(self) -> str:
        self._process.join(5)
        code = self._process.exitcode
        if code is not None and code < 0:
            return f"the process was killed by {signal.Signals(-code).name}"
        return f"the process ended with code {code}"


class WorkerPool:
    """As many children as asked for, started when needed, replaced when lost or worn out. Safe from threads.

    >>> with WorkerPool(1, Limits()) as pool:
    ...     pool.call(echo, "hello")
    'hello'
    """

    def __init__(self, size: int, limits: Limits) -> None:
        self.size = size
        self.limits = limits
        self.started = 0
        self._stop = threading.Event()
        self._free = threading.Condition()
        self._idle: list[Child] = []
        self._leased = 0
        self._urgent = 0
        # The kernel kills a child when the thread that started it ends, so one thread starts all and lives on.
        self._spawner = ThreadPoolExecutor(1, thread_name_prefix="winnow-spawner")

    def call(
        self,
        function: Callable[..., Answer],
        *arguments: Any,
        trusted: int = -1,
        fresh: bool = False,
        urgent: bool = False,
        watch: Callable[[Beat | None], None] = lambda beat: None,
    ) -> Answer:
        """Have a child do `function(*arguments, beat)`, as soon as one is free; calls that are `urgent` go first.

        `fresh` asks for a child that has done nothing yet. `watch` is given the child's beat before the call and None
        after it. Raises what the function raised, Broken, or PoolClosed.
        """
        with self._lease(fresh, urgent) as child:
            watch(child.beat)
            try:
                return child.call(function, arguments, trusted, self._stop)
            finally:
                watch(None)

    def rest(self, seconds: float) -> None:
        """Wait before another try. Raises PoolClosed when the pool is stopped meanwhile."""
        if self._stop.wait(seconds):
            raise PoolClosed("the run is stopping")

    def stop(self) -> None:
        """Give up whatever is under way; calls raise PoolClosed."""
        self._stop.set()
        with self._free:
            self._free.notify_all()

    def close(self) -> None:
        """Stop, and end all children."""
        self.stop()
        with self._free:
            self._free.wait_for(lambda: self._leased == 0)
            idle, self._idle = self._idle, []
        for child in idle:
            child.kill()
        self._spawner.shutdown()

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @contextmanager
    def _lease(self, fresh: bool, urgent: bool) -> Iterator[Child]:
        child = self._take(fresh, urgent)
        reusable = False
        try:
            yield child
            reusable = child.beat.done < self.limits.recycle_after
        except (Broken, PoolClosed):
            raise
        except WinnowError:
            reusable = True
            raise
        finally:
            if not reusable:
                child.kill()
            with self._free:
                self._leased -= 1
                self._idle += [child] if reusable else []
                self._free.notify_all()

    def _take(self, fresh: bool, urgent: bool) -> Child:
        with self._free:
            self._urgent += urgent
            self._free.wait_for(lambda: self._stop.is_set() or self._may_start(urgent))
            self._urgent -= urgent
            if self._stop.is_set():
                raise PoolClosed("the run is stopping")
            self._leased += 1
            child = self._idle.pop() if self._idle else None
        if child is not None and fresh:
            child.kill()
            child = None
        return child or self._start()

    def _may_start(self, urgent: bool) -> bool:
        return self._leased < self.size and (urgent or not self._urgent)

    def _start(self) -> Child:
        try:
            child = self._spawner.submit(Child, self.limits).result()
        except (OSError, RuntimeError) as error:
            with self._free:
                self._leased -= 1
                self._free.notify_all()
            raise WorkerError(f"cannot start a worker: {error}") from error
        self.started += 1
        return child


def usage(pid: int) -> tuple[int, float]:
    """Resident bytes and CPU seconds used so far by a process; zeros where it has ended or /proc does not exist."""
    with suppress(OSError, ValueError, IndexError):
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123 - read many times a second
            fields = file.read().rpartition(b")")[2].split()
        return int(fields[21]) * _PAGE, (int(fields[11]) + int(fields[12])) / _TICKS
    return 0, 0.0


def echo(value: Answer, beat: Beat) -> Answer:
    """Give back what was sent: shows that a child is alive."""
    return value


_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")
__all__ = ["Beat", "Broken", "Child", "Connection", "Limits", "PoolClosed", "WorkerPool", "echo", "usage"]
