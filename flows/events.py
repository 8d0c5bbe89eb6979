"""The events of a run, one function each: what is told, and under which names. See docs/logs.md."""

from __future__ import annotations

import logging

import pyarrow.parquet as pq

from flows.lake.ledger import Entry
from flows.lake.place import Lake
from flows.logs import bind, event, wanted
from flows.plan import Plan
from flows.runs import RunReport
from flows.shard import Shard
from flows.workers import Broken

MOST_BROKEN = 20


def run_started(run: str, output: str, inputs: tuple[str, ...]) -> None:
    """A run holds the lake. From here on every event names it."""
    bind(run=run)
    event("run_started", f"run {run} into {output}", output=output, inputs=list(inputs))


def planned(plan: Plan) -> None:
    """It is known what there is to do."""
    message = f"{len(plan.shards):,} shards to do; {plan.known:,} of {plan.dumps:,} dumps were there already"
    event("planned", message, shards=len(plan.shards), dumps=plan.dumps, known=plan.known)


def worker_lost(shard: Shard, broken: Broken) -> None:
    """A worker process broke or was ended; what it had in hand is done again."""
    message = f"a worker was lost at {shard.label}: {broken.reason}, {broken.detail}"
    where = {"record": broken.ordinal, "reason": broken.reason, "detail": broken.detail}
    asked = broken.detail.endswith("SIGTERM")  # to end, with the whole run: that says so itself
    level = logging.INFO if asked else logging.WARNING
    event("worker_lost", message, level=level, shard=shard.key, source=shard.label, **where)


def shard_failed(shard: Shard, reason: str) -> None:
    """A shard is not done in this run."""
    message = f"not done: {shard.label}: {reason}"
    event("shard_failed", message, level=logging.WARNING, shard=shard.key, source=shard.label, detail=reason)


def shard_done(shard: Shard, entry: Entry, lake: Lake) -> None:
    """A shard is in the lake; each of its records that went to quarantine is an event of its own."""
    if not wanted():
        return
    total = entry.total
    counts = {name: getattr(total, name) for name in ("records", "articles", "duplicates", "filtered", "quarantined")}
    event("shard_done", f"done: {shard.label}", shard=shard.key, source=shard.label, **counts)
    _quarantined(entry, lake)


def run_ended(report: RunReport) -> None:
    """What came of the run."""
    for sentence in report.broken[:MOST_BROKEN]:
        event("invariant_broken", sentence, level=logging.ERROR)
    total = report.total
    counts = {name: getattr(total, name) for name in ("records", "articles", "duplicates", "filtered", "quarantined")}
    event(
        "run_ended",
        f"run {report.run}: {report.outcome}",
        outcome=report.outcome,
        shards=report.shards,
        failed=len(report.failures),
        seconds=round(sum(report.seconds.values()), 3),
        refused=report.refused or None,
        **counts,
    )


def _quarantined(entry: Entry, lake: Lake) -> None:
    columns = ["source", "position", "reason", "detail", "url"]
    for path in (file.path for file in entry.files if file.path.startswith("quarantine/")):
        with (lake.root / path).open("rb") as file:
            for row in pq.read_table(file, columns=columns).to_pylist():
                message = f"{row['source']} {row['position']}".strip() + f": {row['reason']}: {row['detail']}"
                event("quarantined", message, shard=entry.shard, **row)
