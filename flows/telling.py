"""What the world beyond the lake is told of a run: events for Prefect's automations, counters for Prometheus."""

from __future__ import annotations

import logging
import time
from collections import Counter
from pathlib import Path

import httpx
from prefect.events import emit_event
from prefect.exceptions import PrefectException
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.core import CounterMetricFamily

from cleaners.errors import WinnowError
from flows.alerts import emit, emit_failure, recent
from flows.config import Options
from flows.errors import IncompleteError, LockHeldError, RunError, StoppedError
from flows.lake.files import write_whole
from flows.lake.ledger import Entry, Tally, read_ledger
from flows.lake.place import Lake, open_lake
from flows.logs import redact
from flows.runs import RunReport, latest_reports

_LOG = logging.getLogger(__name__)
_FATES = ("articles", "duplicates", "filtered", "quarantined")


def tell(report: RunReport, lake: Lake, metrics: str | None) -> None:
    """Send the run's events and write the counters."""
    earlier = recent(found for found in latest_reports(lake) if found.run < report.run)
    try:
        emit(report, earlier, emit_event)
    except (PrefectException, httpx.HTTPError) as error:
        _LOG.warning("Prefect's API did not take an event: %s", error)
    if metrics:
        write_whole(Path(metrics).absolute(), counters(report, list(read_ledger(lake).values())))


def tell_failure(error: RunError, options: Options) -> None:
    """Send the event of a run that could not go on, and write the counters with its exit code.

    The lake's own counters are left out where its ledger cannot be read: they are not known, and not 0. A run that was
    stopped, or found the lake held, has not failed: whoever did that knows. Nothing here hides `error`.
    """
    if isinstance(error, StoppedError | LockHeldError | IncompleteError):
        return
    ended = RunReport("", "", redact(options.output), "failed", {}, {})
    try:
        emit_failure(ended, redact(str(error)), emit_event)
    except (PrefectException, httpx.HTTPError) as further:
        _LOG.warning("Prefect's API did not take an event: %s", further)
    if not options.metrics:
        return
    try:
        data = counters(ended, _entries(options), exit_code=error.exit_code)
        write_whole(Path(options.metrics).absolute(), data)
    except (WinnowError, OSError) as further:
        _LOG.warning("the counters of a run that failed could not be written: %s", further)


def _entries(options: Options) -> list[Entry] | None:
    try:
        return list(read_ledger(open_lake(options.output)).values())
    except (WinnowError, OSError):  # which is why the run could not go on, and has been told
        return None


def counters(report: RunReport, entries: list[Entry] | None, *, exit_code: int | None = None) -> bytes:
    """The lake's counters and the run's figures in Prometheus' text format, for the textfile collector.

    `entries` is None where they are not known. `exit_code` is that of a run which left no report.
    """
    registry = CollectorRegistry()
    if entries is not None:
        registry.register(_Totals(entries))
    labels = {"lake": report.output}
    for name, about, value in (
        ("winnow_last_run_exit_code", "Exit code of the last run.", exit_code or report.exit_code),
        ("winnow_last_run_end_seconds", "When the last run ended, in seconds since 1970.", round(time.time(), 3)),
        (
            "winnow_last_run_seconds",
            "Seconds of the last run by the stages of its supervisor.",
            sum(report.seconds.values()),
        ),
        ("winnow_last_run_records", "Records of the last run.", report.total.records),
        ("winnow_last_run_failed_shards", "Shards of the last run that failed.", len(report.failures)),
    ):
        Gauge(name, about, labels, registry=registry).labels(**labels).set(value)
    return generate_latest(registry)


class _Totals:
    """Counters over the ledger: they grow with the lake, and fall only where shards are replaced or forgotten."""

    def __init__(self, entries: list[Entry]) -> None:
        self._total = sum((entry.total for entry in entries), Tally())
        self._reasons: Counter[str] = Counter()
        for entry in entries:
            self._reasons.update(entry.reasons)

    def collect(self) -> list[CounterMetricFamily]:
        """What Prometheus' client asks of a collector."""
        records = CounterMetricFamily("winnow_records", "Records by what became of them.", labels=["fate"])
        for fate in _FATES:
            records.add_metric([fate], getattr(self._total, fate))
        reasons = CounterMetricFamily("winnow_quarantined", "Records in quarantine by reason.", labels=["reason"])
        for reason, number in sorted(self._reasons.items()):
            reasons.add_metric([reason], number)
        characters = CounterMetricFamily("winnow_characters", "Characters of articles.", labels=["what"])
        characters.add_metric(["kept"], self._total.kept_chars)
        characters.add_metric(["cut"], self._total.cut_chars)
        return [records, reasons, characters]
