"""What crash safety costs of a run's CPU time: `python -m benchmarks.overhead [--pages N]`.

A run over pages of ../shared/corpora in one process, with the functions of the ledger, of staging, of limits and of
checks on a clock of their own; then a worker that only sleeps, for what looking after it costs. CPU seconds, so that a
busy machine changes the figures little; the share is what to trust. The aim is 5 % at most.

Rows become columns in any pipeline: of staging counts what is written aside, read back, flushed, hashed and moved.
"""

from __future__ import annotations

import argparse
import functools
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from flows import clean_shard, commit, publish, session, stage
from flows.child import Beat
from flows.config import Options
from flows.lake import staging
from flows.runs import RunReport
from flows.workers import Answer, Limits, WorkerPool, echo
from training.corpora import NAMES, samples

# What crash safety needs and a run without it would not, by the name under which it is called.
WATCHED: dict[str, list[tuple[Any, str]]] = {
    "ledger": [
        (commit, "enter"),
        (commit, "retire"),
        (session, "read_ledger"),
        (session, "write_plan"),
        (session, "read_plan"),
    ],
    "staging": [
        (staging, "write_part"),
        (clean_shard, "drop_parts"),
        (stage, "set_aside"),
        (stage, "find_aside"),
        (publish, "read_chunk"),
        (publish, "sync_file"),
        (publish, "file_digest"),
        (publish, "move_all"),
    ],
    "limits": [(Beat, name) for name in ("read", "clean", "open", "rest", "save")],
    "checks": [
        (clean_shard._Work, "_check"),
        (clean_shard, "is_as_planned"),
        (publish._Counts, "check"),
        (session, "quick_check"),
        (session, "sweep"),
        (session, "sweep_replaced"),
    ],
}


class InProcess(WorkerPool):
    """Does in this process what workers do in theirs."""

    def call(self, function: Callable[..., Answer], *arguments: Any, **more: Any) -> Answer:
        return function(*arguments, Beat([0.0] * Beat.FIELDS))


class Clock:
    """CPU seconds of the outermost watched function of each thread, by what it is for."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self._inside = threading.local()

    def on(self, kind: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, watched."""

        @functools.wraps(function)
        def watched(*arguments: Any, **more: Any) -> Any:
            if getattr(self._inside, "watched", False):
                return function(*arguments, **more)
            self._inside.watched = True
            began = time.thread_time()
            try:
                return function(*arguments, **more)
            finally:
                self._inside.watched = False
                self.seconds[kind] += time.thread_time() - began  # type: ignore[assignment]

        return watched

    @contextmanager
    def running(self) -> Iterator[None]:
        """Watch everything while the block runs."""
        with ExitStack() as stack:
            for kind, functions in WATCHED.items():
                for owner, name in functions:
                    stack.enter_context(mock.patch.object(owner, name, self.on(kind, getattr(owner, name))))
            yield


def run(folder: Path, output: Path) -> RunReport:
    """A run without Prefect, one shard at a time."""
    options = Options(inputs=(str(folder),), output=str(output), workers=1)
    with session.open_session(options) as held, ThreadPoolExecutor(1) as threads:
        for plan in held.plans():
            for shard, cleaned in held.ahead(plan, lambda number: threads.submit(held.stage, number)):
                held.commit(shard, cleaned)
        return held.report()


def write_pages(folder: Path, pages: int) -> None:
    """Pages of the corpora as files."""
    folder.mkdir()
    every = [sample for name in NAMES for sample in samples(name) if sample.kind == "article"]
    for number, sample in enumerate(every[:: max(1, len(every) // pages)][:pages]):
        (folder / f"{number:05d}.html").write_bytes(sample.payload())


def in_process(dumps: Path, folder: Path) -> tuple[Counter[str], float]:
    """CPU seconds of what is watched, and of the whole run."""
    with mock.patch.object(session, "WorkerPool", InProcess):
        run(dumps, folder / "warm")  # imports, and what is read once a process
        clock = Clock()
        with clock.running():
            began = time.process_time()
            run(dumps, folder / "lake")
            return clock.seconds, time.process_time() - began


def polling(seconds: float = 5.0) -> float:
    """The share of a core that looking after one worker takes."""
    with WorkerPool(1, Limits()) as pool, ThreadPoolExecutor(1) as threads:
        pool.call(echo, 1)
        (child,) = pool._idle
        sleeping = threads.submit(child.call, _sleep, (seconds,), -1, threading.Event())
        began = time.process_time()
        sleeping.result()
        return (time.process_time() - began) / seconds


def _sleep(seconds: float, beat: Beat) -> None:
    time.sleep(seconds)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=300, help="pages, spread over the corpora (default 300)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="winnow-overhead-") as name:
        folder = Path(name)
        write_pages(folder / "in", options.pages)
        watched, whole = in_process(folder / "in", folder)
    shares = {kind: seconds / whole for kind, seconds in watched.items()} | {"polling": polling()}
    for kind, share in sorted(shares.items(), key=lambda item: -item[1]):
        print(f"{kind:10s} {share:7.2%}")
    together = sum(shares.values())
    print(f"{'together':10s} {together:7.2%} of {whole:.1f} CPU seconds, {options.pages} pages")
    return 0 if together <= 0.05 else 1


if __name__ == "__main__":
    sys.exit(main())
