"""Dask clusters of processes on loopback, over TCP, stopped by their own process ids."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.environment import unmeasured

START_SECONDS = 60.0
# docs/scaling.md asks for these: with Dask's defaults an idle scheduler takes 24 ms of CPU a second, a worker 46; with
# these 5 and 10.
QUIET = {"DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "false", "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "1s"}


@dataclass(slots=True)
class Processes:
    """A scheduler and its workers. Their environment is this process' own: keys and endpoint of the store are in it."""

    folder: Path
    address: str = ""
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _all: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        """Start the scheduler."""
        said = self.folder / "scheduler.json"
        self._spawn(
            "distributed.cli.dask_scheduler",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--no-dashboard",
            "--scheduler-file",
            str(said),
        )
        deadline = time.monotonic() + START_SECONDS
        while not (said.is_file() and said.read_text().endswith("}")):
            if time.monotonic() > deadline:
                raise RuntimeError((self.folder / "dask.log").read_text()[-2000:])
            time.sleep(0.1)
        self.address = json.loads(said.read_text())["address"]

    def add_worker(self, *flags: str) -> subprocess.Popen[bytes]:
        """Start one more worker."""
        flags = flags or ("--no-nanny",)
        options = ("--nthreads", "1", "--no-dashboard", "--local-directory", str(self.folder), "--host", "127.0.0.1")
        worker = self._spawn("distributed.cli.dask_worker", self.address, *options, *flags)
        self.workers.append(worker)
        return worker

    def stop(self) -> None:
        """End them all."""
        for process in reversed(self._all):
            process.kill()
            process.wait()

    def _spawn(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        more = {**QUIET, "DASK_DISTRIBUTED__WORKER__MEMORY__TERMINATE": "false"}
        with (self.folder / "dask.log").open("ab") as sink:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments], env=unmeasured(**more), stdout=sink, stderr=sink
            )
        self._all.append(process)
        return process


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[Processes]:
    """A scheduler and so many workers."""
    folder.mkdir(parents=True, exist_ok=True)
    processes = Processes(folder)
    try:
        processes.start()
        for _ in range(workers):
            processes.add_worker()
        yield processes
    finally:
        processes.stop()
