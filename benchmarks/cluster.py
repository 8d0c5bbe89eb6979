"""What a second worker of a cluster brings, and what the cluster and the store cost a shard.

    python -m benchmarks.cluster [--articles 1500] [--shards 24]

Starts an S3 server, a Dask scheduler and one, then two worker processes on loopback, and cleans the same pages of text
into a new lake each time. Prints documents a second, the ratio, and the cost of an empty task. It wants two processors
more than the servers take; where there are none, `--waiting` cleans with a cleaner of the tests that waits 20 ms
a page instead of computing, which shows what scheduler, store and committer leave of the second worker.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from flows.cluster import Cluster
from flows.config import Options
from flows.lake.place import open_lake
from flows.session import open_session
from flows.storage import RemotePath
from flows.workers import Limits, echo

EMPTY_TASKS = 200


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=1500, help="pages to clean")
    parser.add_argument("--shards", type=int, default=24, help="about how many shards to cut them into")
    parser.add_argument("--waiting", action="store_true", help="wait in place of cleaning")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        bucket = stack.enter_context(store(Path(folder)))
        dumps = bucket / "in"
        size = upload(dumps, given.articles)
        shard_mb = size / given.shards / (1 << 20)
        cleaner = "tests.flows.cleaner:slow" if given.waiting else Options().cleaner
        rates = [measure(bucket, dumps, workers, shard_mb, Path(folder), cleaner) for workers in (1, 2)]
        print(f"2 workers do {rates[1] / rates[0]:.2f} times as much as 1")


def measure(bucket: Any, dumps: Any, workers: int, shard_mb: float, folder: Path, cleaner: str) -> float:
    """Documents a second of a run on so many workers, printed with the cost of an empty task."""
    with cluster(folder / f"dask{workers}", workers) as address:
        options = Options(
            inputs=(str(dumps),),
            output=str(bucket / f"lake{workers}"),
            runner="dask",
            dask_address=address,
            shard_mb=shard_mb,
            cleaner=cleaner,
            report=False,
        )
        warm_up(address, options, dumps)
        begin, used = time.monotonic(), time.process_time()
        report = run(options)
        seconds, driver = time.monotonic() - begin, time.process_time() - used
        records = report.total.records
        print(
            f"{workers} worker(s): {records} documents in {report.shards} shards, {seconds:.1f} s, "
            f"{records / seconds:.1f} documents/s; CPU of the run's own process {1000 * driver / report.shards:.0f} "
            "ms a shard"
        )
        return float(records / seconds)


def run(options: Options) -> Any:
    """A run without Prefect; its report."""
    with open_session(options) as session, ThreadPoolExecutor(64) as threads:
        for plan in session.plans():
            for shard, cleaned in session.ahead(plan, lambda number: threads.submit(session.stage, number)):
                session.commit(shard, cleaned)
        return session.report()


def warm_up(address: str, options: Options, dumps: Any) -> None:
    """Have each worker start its child and load what cleaning needs; then measure empty tasks."""
    first = tuple(str(dumps / f"{16 * number:06d}.jsonl") for number in range(8))
    run(replace(options, inputs=first, output=f"{options.output}-first", shard_mb=0.001))
    with Cluster(address, options, open_lake(options.output), limits_of(options)) as workers:
        begin = time.monotonic()
        for number in range(EMPTY_TASKS):
            workers.call(echo, number)
        spent = 1000 * (time.monotonic() - begin) / EMPTY_TASKS
    print(f"an empty task through scheduler, worker and child: {spent:.1f} ms")


def limits_of(options: Options) -> Limits:
    """The limits that a run with these options gives its workers: the same children serve both."""
    return Limits(cpu_seconds=options.cpu_seconds, memory_bytes=options.memory_mb << 20)


def upload(folder: Any, articles: int) -> int:
    """Put pages of text, 16 a file; their bytes."""
    runs = import_module("tests.flows.runs")
    size = 0
    for first in range(0, articles, 16):
        rows = [
            {"text": runs.article(number) * 6, "url": f"https://news.example/{number}"}
            for number in range(first, first + 16)
        ]
        data = b"\n".join(import_module("orjson").dumps(row) for row in rows) + b"\n"
        (folder / f"{first:06d}.jsonl").write_bytes(data)
        size += len(data)
    return size


@contextmanager
def store(folder: Path) -> Iterator[Any]:
    """A folder of an S3 server of the tests, and the environment to use it."""
    servers, conftest = import_module("tests.lake_remote.servers"), import_module("tests.lake_remote.conftest")
    (folder / "store").mkdir()
    with servers.seaweed(folder / "store") as endpoint:
        conftest.with_bucket(endpoint)
        os.environ.update({**servers.KEYS, "AWS_ENDPOINT_URL": endpoint})
        yield RemotePath.parse(f"s3://{conftest.BUCKET}/benchmark")


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[str]:
    """Scheduler and workers; the address."""
    with import_module("tests.lake_remote.clusters").cluster(folder, workers) as processes:
        yield processes.address


if __name__ == "__main__":
    main()
