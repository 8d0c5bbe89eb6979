"""Shards on the workers of a cluster, into a lake in a real store: the bytes of a run on one machine, whoever dies."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from flows.config import Options
from flows.errors import ClusterError, ConfigError
from flows.runs import RunReport
from flows.session import open_session
from flows.storage import RemotePath
from tests.flows.runs import CLEANER, article, run, run_inline, write_dumps
from tests.lake_remote.clusters import Processes, cluster
from tests.lake_remote.servers import free_ports
from tests.lake_remote.test_lake import contents, files_of, files_on_disk, upload

pytestmark = pytest.mark.slow
SLOW = {"shard_mb": 0.008, "cleaner": "tests.flows.cleaner:slow"}


def run_on(address: str, inputs: object, lake: object, **more: object) -> RunReport:
    """A whole run on a cluster, without Prefect."""
    given = {"inputs": (str(inputs),), "output": str(lake), "cleaner": CLEANER, "shard_mb": 0.008, **more}
    options = Options(runner="dask", dask_address=address, **given)  # type: ignore[arg-type]
    with open_session(options) as session, ThreadPoolExecutor(32) as threads:
        for plan in session.plans():
            for shard, cleaned in session.ahead(plan, lambda number: threads.submit(session.stage, number)):
                session.commit(shard, cleaned)
        return session.report()


@pytest.fixture
def dumps(tmp_path: Path) -> Path:
    folder = write_dumps(tmp_path / "in", range(20))
    (folder / "0020.txt").write_text(article(3))
    (folder / "0021.txt").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
    return folder


def test_two_workers_write_the_lake_of_one_machine(dumps: Path, real_bucket: RemotePath, tmp_path: Path) -> None:
    run_inline(dumps, tmp_path / "lake", shard_mb=0.008)
    there = upload(dumps, real_bucket / "in")
    with cluster(tmp_path / "dask", 1) as processes:
        processes.add_worker("--nanny")  # a daemon, whose children have to be allowed
        report = run_on(processes.address, there, real_bucket / "lake")
        assert (report.outcome, report.total.articles) == ("done", 20)
        assert contents(files_of(real_bucket / "lake")) == contents(files_on_disk(tmp_path / "lake"))
        again = run_on(processes.address, there, real_bucket / "lake")
        assert (again.outcome, again.shards) == ("done", 0)


@pytest.mark.full
def test_a_worker_dies_and_one_joins(dumps: Path, real_bucket: RemotePath, tmp_path: Path) -> None:
    run(dumps, tmp_path / "lake", **SLOW)
    there = upload(dumps, real_bucket / "in")
    with cluster(tmp_path / "dask", 2) as processes:
        disturber = threading.Thread(target=disturb, args=(processes, real_bucket / "lake"))
        disturber.start()
        report = run_on(processes.address, there, real_bucket / "lake", **SLOW)
        disturber.join()
    assert report.outcome == "done"
    assert contents(files_of(real_bucket / "lake")) == contents(files_on_disk(tmp_path / "lake"))
    assert {path.name for path in (real_bucket / "lake" / "_staging").rglob("*")} <= {"dumps.json"}


def first_of(lake: RemotePath) -> None:
    """Wait for the first shard to be in the lake."""
    deadline = time.monotonic() + 120
    while not list((lake / "_ledger").glob("*.json")) and time.monotonic() < deadline:
        time.sleep(0.1)


def disturb(processes: Processes, lake: RemotePath) -> None:
    """When the first shard is in the lake: kill -9 of a worker, and another one."""
    first_of(lake)
    os.kill(processes.workers[0].pid, signal.SIGKILL)
    processes.workers[0].wait()
    processes.add_worker()


@pytest.mark.full
def test_a_scheduler_that_dies_stops_the_run_with_a_word(dumps: Path, real_bucket: RemotePath, tmp_path: Path) -> None:
    with cluster(tmp_path / "dask", 1) as processes:
        ender = threading.Thread(target=lambda: (first_of(real_bucket / "lake"), processes.stop()))
        ender.start()
        with pytest.raises(ClusterError, match="run the same command again"):
            run_on(processes.address, dumps, real_bucket / "lake", **SLOW)
        ender.join()
    run(dumps, tmp_path / "lake", **SLOW)
    assert run(dumps, real_bucket / "lake", **SLOW).outcome == "done"
    assert files_of(real_bucket / "lake") == files_on_disk(tmp_path / "lake")


def test_what_is_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="belong together"):
        Options(runner="dask")
    address = f"tcp://127.0.0.1:{free_ports(1)[0]}"
    monkeypatch.setattr("flows.cluster.CONNECT_SECONDS", 1)
    with pytest.raises(ConfigError, match="dask scheduler --port"):
        run_on(address, tmp_path, tmp_path / "lake")
