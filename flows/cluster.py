"""Shards on the workers of a Dask cluster: they read dumps and write the shared lake themselves; manifests travel.

Dask is used by its own client, from the run's Prefect tasks, and not through Prefect's Dask runner: a task of that
runner costs 150 ms of CPU and a dozen calls of Prefect's API from the worker, which then must reach the API, and where
none is named starts one of its own a process. So Prefect shows the same tasks as without a cluster, wherever its API
runs, beside the run or elsewhere, and the workers need nothing but the scheduler and the store.

A worker that is lost costs what it had at hand: Dask gives its tasks to another. A task that runs twice finds what the
first left, or stages the same rows again, of which one set counts; it publishes the same bytes under the same names.
"""

from __future__ import annotations

import glob
import multiprocessing
import pickle
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from flows import far
from flows.config import Options
from flows.errors import ClusterError, ConfigError, WorkerError
from flows.lake.place import Lake, open_lake
from flows.shard import Shard
from flows.stage import Staged, stage
from flows.storage import configure, is_remote, remote
from flows.versions import versions
from flows.workers import Broken, Limits, PoolClosed, WorkerPool

Answer = TypeVar("Answer")
CONNECT_SECONDS = 30
JOIN_SECONDS = 60
LOOK_SECONDS = 0.5
WATCH_SECONDS = 5.0
DESERTED_SECONDS = 600.0
"""A run waits so long for a worker to join when all are gone."""
# A worker is lost through its machine, never through a document, which only its child reads; so Dask's own count
# (three lost workers) is begun anew.
LOST_TRIES = 5
STAGE, PUBLISH = 0, 10
"""Priorities: what is staged is published before more is staged."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a worker is told with each task: how to reach the store, and what a child may take."""

    storage: tuple[str, ...]
    limits: Limits


class Cluster:
    """The workers of a cluster, in the place of a WorkerPool. Safe from threads.

    Raises ConfigError where the scheduler does not answer, no worker joins, or one has another version or does not see
    the lake.
    """

    def __init__(self, address: str, options: Options, lake: Lake, limits: Limits) -> None:
        self._setting = Setting(options.storage, limits)
        self._versions = tuple(sorted(versions().items()))
        self._address = address
        self._client = _connect(address)
        self._stop = threading.Event()
        self._threads = 1
        self._seen = time.monotonic()
        try:
            self._check(options, lake)
        except OSError as error:
            raise self._gone(type(error).__name__) from error
        except ConfigError:
            self.close()
            raise

    @property
    def size(self) -> int:
        """How many shards the workers that are there now do at a time."""
        return self._threads

    def stage(self, shard: Shard, options: Options, lake: Lake, name: str) -> Staged:
        """Have a worker clean a shard and set its rows aside. Raises what `stage` raises, and PoolClosed."""
        found: Staged = self._result(stage_there, STAGE, shard, options, str(lake.root), name)
        return found

    def call(self, function: Callable[..., Answer], *arguments: Any, urgent: bool = False) -> Answer:
        """Have a child of a worker do `function(*arguments, beat)`. Raises what it raised, or PoolClosed."""
        answer: Answer = self._result(call_there, PUBLISH if urgent else STAGE, function, arguments)
        return answer

    def rest(self, seconds: float) -> None:
        """Wait a while, or until the run is stopped."""
        self._stop.wait(seconds)

    def stop(self) -> None:
        """Wait for nothing more. What workers are at they end aside; nobody makes it count."""
        self._stop.set()

    def close(self) -> None:
        """Leave the cluster."""
        self._client.close(CONNECT_SECONDS)

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()
        self.close()

    def _result(self, function: Callable[..., Answer], priority: int, *arguments: Any) -> Answer:
        lost = import_module("distributed.scheduler").KilledWorker
        for _ in range(LOST_TRIES):
            try:
                return self._wait(function, priority, *arguments)
            except lost:
                continue
        raise WorkerError(f"the workers that had it were lost, {LOST_TRIES * 4} of them")

    def _wait(self, function: Callable[..., Answer], priority: int, *arguments: Any) -> Answer:
        """Submit, and wait for the answer or the end of the run."""
        name = f"winnow-{function.__name__}-{uuid4().hex[:12]}"
        call = pickle.dumps((function, (self._setting, *arguments)))
        ended = threading.Event()
        try:
            future = self._client.submit(far.run, self._versions, call, key=name, priority=priority, pure=False)
            # Not by result(timeout=...): distributed 2026.8 fails with an UnboundLocalError when that runs out.
            future.add_done_callback(lambda done: ended.set())
            while not self._stop.is_set():
                if ended.wait(LOOK_SECONDS):
                    answer: Answer = future.result()
                    return answer
                if time.monotonic() - self._seen > DESERTED_SECONDS:
                    raise self._gone("no worker is left")
            future.cancel()
        except (CancelledError, OSError) as error:
            if not self._stop.is_set():
                raise self._gone(type(error).__name__) from error
        raise PoolClosed("the run is stopping")

    def _gone(self, why: str) -> ClusterError:
        return ClusterError(
            f"the Dask cluster at {self._address} is gone ({why}). Start it and run the same command again: it goes on "
            "where it stopped"
        )

    def _look(self) -> None:
        """See how many workers there are, until the run ends."""
        while not self._stop.wait(WATCH_SECONDS):
            with suppress(OSError, TimeoutError):
                if threads := sum(self._client.nthreads().values()):
                    self._threads, self._seen = threads, time.monotonic()

    def _check(self, options: Options, lake: Lake) -> None:
        try:
            self._client.wait_for_workers(1, timeout=JOIN_SECONDS)
        except TimeoutError as error:
            raise ConfigError(
                f"no worker has joined the scheduler {self._address} in {JOIN_SECONDS} s; start some: dask worker "
                f"{self._address} --nthreads 1"
            ) from error
        self._threads = sum(self._client.nthreads().values())
        threading.Thread(target=self._look, name="winnow-cluster", daemon=True).start()
        known = dict(self._versions)
        paths = [text for text in options.inputs if not is_remote(text)]
        paths += [str(lake.root)] if remote(lake.root) is None else []
        for worker, (theirs, missing) in self._client.run(describe_there, paths).items():
            if theirs != known:
                raise ConfigError(f"the worker {worker} has {theirs}, this run {known}: install the same version")
            if missing:
                raise ConfigError(
                    f"the worker {worker} does not see {missing[0]}: inputs and lake must lie in an object store "
                    "(s3://...) or on a disk that all workers share, under the same path"
                )


def stage_there(setting: Setting, shard: Shard, options: Options, output: str, name: str) -> Staged:
    """On a worker: clean a shard and set its rows aside."""
    pool = _prepared(setting)
    return stage(shard, options, open_lake(output), name, pool, lambda beat: None)


def call_there(setting: Setting, function: Callable[..., Answer], arguments: Sequence[Any]) -> Answer:
    """On a worker: have a child do a call. Raises WorkerError where the child was lost, besides what it raised."""
    try:
        return _prepared(setting).call(function, *arguments, urgent=True)
    except Broken as broken:
        raise WorkerError(f"{broken.reason}: {broken.detail}") from None


def describe_there(paths: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """On a worker: its versions, and which of some paths it does not see."""
    return dict(versions()), [path for path in paths if not (glob.has_magic(path) or Path(path).exists())]


def _connect(address: str) -> Any:
    try:
        client = import_module("distributed").Client
    except ImportError as error:
        raise ConfigError("--runner dask needs one package more: pip install 'newswinnow[dask]'") from error
    try:
        return client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise ConfigError(
            f"no Dask scheduler answers at {address}. Start one (dask scheduler --port 8786) and workers (dask worker "
            "tcp://HOST:8786 --nthreads 1), then give its address: --dask-address tcp://HOST:8786"
        ) from error


_POOLS: dict[Limits, WorkerPool] = {}
_LOCK = threading.Lock()


def _prepared(setting: Setting) -> WorkerPool:
    """The children of this worker process: one a thread of it at most, kept from task to task."""
    configure(setting.storage)
    with _LOCK:
        if setting.limits not in _POOLS:
            # Dask's nanny starts workers as daemons, which may have no children; ours die with the worker in any case.
            multiprocessing.current_process().daemon = False
            threads = import_module("distributed").get_worker().state.nthreads
            _POOLS[setting.limits] = WorkerPool(threads, setting.limits)
        return _POOLS[setting.limits]
