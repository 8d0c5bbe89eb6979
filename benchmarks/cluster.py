"""What a second worker of a cluster brings, and which process spends the CPU time.

    python -m benchmarks.cluster [--pages 1228] [--shards 24] [--workers 1 2] [--dumps FOLDER] [--waiting] [--prefect]

Starts an S3 server, a Dask scheduler and so many worker processes on loopback, and cleans the same pages, WARC.gz in
the store, into a new lake of the store each time. Pages are those of ../shared/corpora, each once, in the order of
their dates, or what `--dumps` holds. Processes are started and have loaded what cleaning needs before the clock runs;
it runs from the run's first request to its report.

Prints documents a second, and CPU a document of each process: server, scheduler and the run itself share the machine
with the workers. Wall clocks want a machine that does nothing else, which is measured and said; CPU seconds do not. So
beside the measured ratio stands what they allow with so many processors: a worker is busy with a document for the CPU
time of its child and its own, one after the other, and all processes together for so much.

`--waiting` takes invented texts, and a cleaner of the tests that waits 20 ms for each in place of computing: what
scheduler, store and committer cost where cleaning is free. `--prefect` runs the flow as `winnow ingest` does, in place
of its parts alone.
"""

from __future__ import annotations

import argparse
import gzip
import os
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.processes import descendants, machine
from flows import api, environment
from flows.cluster import Cluster
from flows.config import Options
from flows.lake.place import open_lake
from flows.runs import RunReport
from flows.session import open_session
from flows.storage import RemotePath
from flows.workers import Limits, echo

EMPTY_TASKS = 200
WARM_PAGES = 40
FILES = 4
CLEANING, WORKERS, RUN = "cleaning", "workers", "the run"
ROLES = {
    "weed server": "S3 server",
    "dask_scheduler": "scheduler",
    "flows.api": "Prefect",
    "dask_worker": WORKERS,
    "spawn_main": CLEANING,
}
PUBLISHED = re.compile(rb"""(?:published_time|datePublished)[^>\d]{1,40}(\d{4}-\d\d)""")
Go = Callable[[Options], RunReport]


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: documents, shards, wall-clock seconds, CPU seconds by role and of what else the machine did."""

    workers: int
    documents: int
    shards: int
    seconds: float
    spent: Mapping[str, float]
    others: float

    @property
    def rate(self) -> float:
        """Documents a second."""
        return self.documents / self.seconds

    def allowed(self, processors: int) -> float:
        """How many times as much as one worker these can do on so many processors, by CPU seconds: at most.

        A worker's own process, which mostly waits, is taken to work before or after its child, never beside it.
        """
        busy = self.spent[CLEANING] + self.spent[WORKERS]
        return min(float(self.workers), processors * busy / sum(self.spent.values()))


def main() -> None:
    """Measure and print."""
    given = arguments()
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(number))  # no server is left behind
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        bucket = stack.enter_context(store(folder))
        made = texts if given.waiting else warcs
        size = upload(bucket / "in", folder_files(given.dumps) if given.dumps else made(given.pages))
        upload(bucket / "warm", made(WARM_PAGES))
        options = Options(
            inputs=(str(bucket / "in"),),
            output=str(bucket / "lake"),
            shard_mb=size / given.shards / (1 << 20),
            cleaner="tests.flows.cleaner:slow" if given.waiting else Options().cleaner,
            report=False,
        )
        go = flow(folder) if given.prefect else run
        runs = [measure(options, workers, folder, go) for workers in given.workers]
    compare(runs)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=1228, help="pages to clean (default all of the corpora)")
    parser.add_argument("--shards", type=int, default=24, help="about how many shards to cut them into")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2], help="how many, one measurement each")
    parser.add_argument("--dumps", type=Path, help="a folder of dumps to clean in place of the corpora's pages")
    parser.add_argument("--waiting", action="store_true", help="invented texts, and waiting in place of cleaning")
    parser.add_argument("--prefect", action="store_true", help="through Prefect, as winnow ingest does")
    return parser.parse_args()


def measure(options: Options, workers: int, folder: Path, go: Go) -> Measured:
    """A run on so many workers, printed with the cost of an empty task."""
    with cluster(folder / f"dask{workers}", workers) as address:
        options = replace(options, runner="dask", dask_address=address, output=f"{options.output}{workers}")
        warm_up(address, replace(options, inputs=(options.inputs[0].removesuffix("in") + "warm",)), go)
        before, busy, begin = spent(), machine(), time.monotonic()
        report = go(options)
        seconds = time.monotonic() - begin
        used = {role: after - before.get(role, 0.0) for role, after in spent().items()}
        others = machine() - busy - sum(used.values())
        found = Measured(workers, report.total.records, report.shards, seconds, used, max(0.0, others))
        show(found)
        return found


def show(found: Measured) -> None:
    """Print a run: rate, and CPU by process."""
    print(
        f"{found.workers} worker(s): {found.documents} documents in {found.shards} shards, {found.seconds:.1f} s, "
        f"{found.rate:.2f} documents/s; other work took {found.others / found.seconds:.2f} of {os.cpu_count()} "
        "processors meanwhile"
    )
    together = sum(found.spent.values())
    for role, seconds in sorted(found.spent.items(), key=lambda item: -item[1]):
        document, shard = 1000 * seconds / found.documents, 1000 * seconds / found.shards
        print(
            f"  {role:10s} {seconds:7.2f} s CPU {document:7.2f} ms a document {shard:7.0f} ms a shard "
            f"{seconds / together:6.1%}"
        )


def compare(made: Sequence[Measured]) -> None:
    """Print what more workers brought, and what CPU seconds allow with this machine's processors, and with more."""
    first = made[0]
    for more in made[1:]:
        processors = range(os.cpu_count() or 1, more.workers + 3)
        allowed = ", ".join(f"{count}: {more.allowed(count) / first.workers:.2f}" for count in processors)
        print(f"{more.workers} workers do {more.rate / first.rate:.2f} times as much as {first.workers} by the clock;")
        print(f"  by CPU seconds the most with so many processors for all processes is {allowed}")


def run(options: Options) -> RunReport:
    """A run without Prefect; its report."""
    with open_session(options) as session, ThreadPoolExecutor(64) as threads:
        for plan in session.plans():
            for shard, cleaned in session.ahead(plan, lambda number: threads.submit(session.stage, number)):
                session.commit(shard, cleaned)
        return session.report()


def flow(folder: Path) -> Go:
    """The flow, with a Prefect API beside it that is up when this returns."""
    environment.prepare(folder)
    server = api.start()
    if server is not None:
        server.wait()
    found: Go = import_module("flows.ingest").run_ingest
    return found


def spent() -> dict[str, float]:
    """CPU seconds so far of this process, which is the run, and of those that it started, by what they are."""
    found = Counter({RUN: time.process_time()})
    for process in descendants(os.getpid()):
        for sign, role in ROLES.items():
            if sign in process.command:
                found[role] += process.own  # type: ignore[assignment]
                if role == WORKERS:
                    found[CLEANING] += process.ended  # type: ignore[assignment]
    return dict(found)


def warm_up(address: str, options: Options, go: Go) -> None:
    """Have each worker start its child and load what cleaning needs; then measure empty tasks."""
    go(replace(options, output=f"{options.output}-first", shard_mb=0.001))
    with Cluster(address, options, open_lake(options.output), limits_of(options)) as workers:
        begin = time.monotonic()
        for number in range(EMPTY_TASKS):
            workers.call(echo, number)
        seconds = 1000 * (time.monotonic() - begin) / EMPTY_TASKS
    print(f"an empty task through scheduler, worker and child: {seconds:.1f} ms")


def limits_of(options: Options) -> Limits:
    """The limits that a run with these options gives its workers: the same children serve both."""
    return Limits(cpu_seconds=options.cpu_seconds, memory_bytes=options.memory_mb << 20)


def upload(place: Any, files: Iterable[tuple[str, bytes]]) -> int:
    """Put files into the store; their bytes."""
    size = 0
    for name, data in files:
        (place / name).write_bytes(data)
        size += len(data)
    return size


def folder_files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The files of a folder, by their names in it."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path.read_bytes()


def texts(pages: int) -> Iterator[tuple[str, bytes]]:
    """Invented texts, 16 a file."""
    article, dumps = import_module("tests.flows.runs").article, import_module("orjson").dumps
    for first in range(0, pages, 16):
        rows = ({"text": article(n) * 6, "url": f"https://news.example/{n}"} for n in range(first, first + 16))
        yield f"{first:06d}.jsonl", b"\n".join(map(dumps, rows)) + b"\n"


def warcs(pages: int) -> Iterator[tuple[str, bytes]]:
    """Pages spread over the corpora in the order of their dates, as a crawl brings them, as a few WARC files."""
    corpora, dumps = import_module("training.corpora"), import_module("tests.sources.dumps")
    every = corpora.everything()
    chosen = every[:: max(1, len(every) // pages)][:pages]
    made = sorted((dated(payload), sample.url, payload) for sample in chosen for payload in [sample.payload()])
    size = -(-len(made) // FILES)
    for first in range(0, len(made), size):
        records = (
            dumps.warc_record(dumps.http(payload), WARC_Target_URI=url or "https://news.example/")
            for _, url, payload in made[first : first + size]
        )
        yield f"{first:06d}.warc.gz", b"".join(gzip.compress(record, 6, mtime=0) for record in records)


def dated(payload: bytes) -> bytes:
    """The month in which a page says that it was published, empty where it does not say."""
    found = PUBLISHED.search(payload)
    return found[1] if found else b""


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
