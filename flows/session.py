"""One run over one lake: holds the lock, the workers, the plan and the committer, and stops cleanly.

The flow says what happens in which order; this is how.
"""

from __future__ import annotations

import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from types import FrameType
from typing import Protocol

from flows import events
from flows.alerts import refusal
from flows.cluster import Cluster
from flows.commit import Committer, file_name
from flows.config import Options
from flows.errors import LakeError, RunError, ShardError, StoppedError
from flows.lake.bereft import bereft_shards
from flows.lake.compact import mend
from flows.lake.describe import describe
from flows.lake.files import make_folder
from flows.lake.ledger import Entry, finish_change, read_ledger
from flows.lake.lock import hold
from flows.lake.place import Lake, open_lake
from flows.lake.replaced import sweep_replaced
from flows.lake.sweep import sweep
from flows.lake.tables import grace_seconds, publish_tables, settle_tables
from flows.lake.verify import quick_check
from flows.near import near_duplicates
from flows.plan import Plan, asked, make_plan, read_plan, write_plan
from flows.progress import Progress
from flows.report import write_page
from flows.resolve import load_index
from flows.runs import Count, RunReport, new_run, write_report
from flows.shard import Shard
from flows.sites import freeze
from flows.stage import Staged, stage
from flows.storage import configure
from flows.versions import versions
from flows.without_pandas import look_without_pandas
from flows.workers import Limits, PoolClosed, WorkerPool

MOST_ROUNDS = 5  # each does again what the one before bereft of an article; with today's options a shard loses none
_SESSIONS: dict[str, Session] = {}


class StagedFuture(Protocol):
    """A shard that is being staged somewhere."""

    def result(self) -> Staged:
        """Wait for it. Raises what staging raised."""


class Session:
    """What the parts of a run share. Made by `open_session`."""

    def __init__(self, options: Options, lake: Lake, run: str, pool: WorkerPool | Cluster, progress: Progress) -> None:
        self.options, self.lake, self.run, self.pool, self.progress = options, lake, run, pool, progress
        self.count = Count()
        self.started = datetime.now(UTC).isoformat(timespec="seconds")
        self.stopped: int | None = None
        self._plan = Plan("", ())
        make_folder(lake.ledger)
        finish_change(lake)
        describe(lake)
        self._tables = settle_tables(lake, options.table, options.iceberg_catalog, options.iceberg_namespace)
        entries = read_ledger(lake)
        self._committer = Committer(lake, options, pool, self.count, entries, progress.done)

    @property
    def entries(self) -> dict[str, Entry]:
        """The ledger."""
        return self._committer.entries

    def plans(self) -> Iterator[Plan]:
        """What is to be done: first what an interrupted run left of its plan, then what the inputs hold beyond it."""
        left = read_plan(self.lake)
        if left is not None and left.asked == asked(self.options):
            undone = self._undone(left)
            self._sweep({file_name(shard, self.options) for shard in undone})
            yield from self._carry_out(replace(left, shards=undone))
            self.count.failures.clear()  # the next plan has them, of dumps that changed since as they are now
        self._sweep()
        plan = self._next_plan()
        self.count.dumps, self.count.known = plan.dumps, plan.known
        yield from self._carry_out(plan)
        for _ in range(MOST_ROUNDS):
            # What was done again may have lost articles that other shards repeat: these are done again too.
            changed = any(shard.replaces or shard.supersedes for shard in plan.shards)
            if not changed or self.count.failures or not bereft_shards(self.lake, self.entries):
                break
            plan = self._next_plan(bereft=True)
            yield from self._carry_out(plan)

    def ahead(self, plan: Plan, submit: Callable[[int], StagedFuture]) -> Iterator[tuple[Shard, StagedFuture]]:
        """The shards of a plan in order, each with its future; so many are under way that no worker waits."""
        window = 4 * self.pool.size + 4
        under_way: deque[tuple[Shard, StagedFuture]] = deque()
        for number, shard in enumerate(plan.shards):
            under_way.append((shard, submit(number)))
            if len(under_way) >= window:
                yield under_way.popleft()
        while under_way:
            yield under_way.popleft()

    def stage(self, number: int) -> Staged:
        """Clean shard `number` of the plan. For the threads of the task runner."""
        shard = self._plan.shards[number]
        name = file_name(shard, self.options)
        began = time.monotonic()
        try:
            if isinstance(self.pool, Cluster):
                return self.pool.stage(shard, self.options, self.lake, name)
            return stage(shard, self.options, self.lake, name, self.pool, lambda beat: self.progress.watch(shard, beat))
        finally:
            self.count.shard_seconds.append((shard.label, round(time.monotonic() - began, 2)))

    def name(self, number: int) -> str:
        """Shard `number` of the plan for people."""
        shards = self._plan.shards
        return f"shard {number + 1:,} of {len(shards):,}: {shards[number].label}"

    def commit(self, shard: Shard, cleaned: StagedFuture) -> None:
        """Wait for a shard and take it in. Raises StoppedError when the run was asked to stop."""
        try:
            with self.count.timed("stage"):
                staged = cleaned.result()
        except PoolClosed as error:
            raise self._why_closed() from error
        except ShardError as error:
            self._committer.fail(shard, error)
            self.progress.failed(shard)
        else:
            self._committer.take(shard, staged)
        self._raise_if_stopped()

    def report(self, outcome: str = "") -> RunReport:
        """Check what must hold, and write down what the run did."""
        if not outcome:
            with self.count.timed("check"):
                self.count.broken += quick_check(self.lake, self.entries)
        report = RunReport(
            run=self.run,
            started=self.started,
            output=self.options.output,
            outcome=outcome or self.count.outcome,
            versions=dict(versions()),
            options=asdict(self.options),
            **self.count.counts(),
        )
        report = replace(report, refused=refusal(report, self.options.fail_if) if not outcome else "")
        write_report(report, self.lake)
        events.run_ended(report)
        if self.options.report and report.brought and report.outcome != "stopped":
            write_page(self.lake, report, {key: self.entries[key] for key in report.brought if key in self.entries})
        return report

    def stop(self, number: int, frame: FrameType | None = None) -> None:
        """Take a signal: what workers have in hand is given up whole, and the run ends."""
        self.stopped = self.stopped or number
        self.pool.stop()

    def close(self) -> None:
        """Let go of the committer."""
        self._committer.close()

    def _next_plan(self, *, bereft: bool = False) -> Plan:
        """A plan of what is to be done, with what it is cleaned with; written to the lake."""
        with self.count.timed("plan"):
            plan = make_plan(self.options, self.lake, self.entries, bereft=bereft)
        self._raise_if_stopped()
        with self.count.timed("sites"):
            try:
                plan = freeze(plan, self.options, self.lake, self.entries, self.pool)
            except PoolClosed as error:
                raise self._why_closed() from error
        write_plan(plan, self.lake)
        return plan

    def _carry_out(self, plan: Plan) -> Iterator[Plan]:
        self._plan = plan
        self.progress.plan(plan.shards)
        events.planned(plan)
        replaced = {shard.key for shard in plan.shards if shard.replaces}
        replaced |= {key for shard in plan.shards for key in shard.supersedes}
        with self.count.timed("resolve"):
            counted = [entry for entry in self.entries.values() if entry.shard not in replaced]
            index = load_index(self.lake, counted if plan.shards else ())
        dedup, busy = self.options.dedup, bool(plan.shards)
        with near_duplicates(dedup, self.lake, counted, self.entries, busy, self.count) as near:
            self._committer.begin(index, near)
            yield plan
            self._committer.finish()
            self._raise_if_stopped()
        self.lake.plan.unlink(missing_ok=True)
        if plan.shards:  # else all is as the sweep before the plan left it
            self._sweep()

    def _sweep(self, staged: Collection[str] = ()) -> None:
        """Clear away what crashed runs left, and what was replaced long enough ago; first nothing may name it."""
        with self.count.timed("tables"):
            mend(self.lake, self.entries)
            publish_tables(self.lake, self._tables, self.entries.values())
        sweep_replaced(self.lake, self.entries, grace_seconds(self.options.grace_minutes, self._tables))
        sweep(self.lake, self.entries.values(), staged)

    def _undone(self, plan: Plan) -> tuple[Shard, ...]:
        done = {key: entry.generation for key, entry in self.entries.items()}
        return tuple(shard for shard in plan.shards if done.get(shard.key, -1) < shard.generation)

    def _why_closed(self) -> RunError:
        return StoppedError(self.stopped) if self.stopped else LakeError("the workers were stopped")

    def _raise_if_stopped(self) -> None:
        if self.stopped:
            raise StoppedError(self.stopped)


@contextmanager
def open_session(options: Options) -> Iterator[Session]:
    """Hold a lake for a run: lock, workers, signals, progress. A run that is stopped leaves a report that says so."""
    look_without_pandas()
    configure(options.storage)
    lake = open_lake(options.output)
    run = new_run(lake)
    limits = Limits(cpu_seconds=options.cpu_seconds, memory_bytes=options.memory_mb << 20)
    with ExitStack() as stack:
        stack.enter_context(hold(lake, run, wait=options.wait))
        progress = stack.enter_context(Progress.shown())
        pool = _workers(options, lake, limits)
        stack.callback(pool.close)
        session = Session(options, lake, run, pool, progress)
        stack.callback(session.close)
        stack.callback(pool.stop)
        stack.enter_context(_signals(session.stop))
        events.run_started(run, options.output, options.inputs)
        _SESSIONS[run] = session
        stack.callback(_SESSIONS.pop, run)
        try:
            yield session
        except StoppedError:
            session.report("stopped")
            raise


def _workers(options: Options, lake: Lake, limits: Limits) -> WorkerPool | Cluster:
    if options.dask_address is None:
        return WorkerPool(options.processes, limits)
    make_folder(lake.ledger)  # the workers look whether they see the lake
    return Cluster(options.dask_address, options, lake, limits)


def session_of(run: str) -> Session:
    """The session of a run of this process."""
    return _SESSIONS[run]


@contextmanager
def _signals(stop: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Have SIGINT and SIGTERM stop the run; only the main thread of a program can."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
