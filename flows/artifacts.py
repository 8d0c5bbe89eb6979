"""What Prefect's pages show of a run: a progress bar while it goes on, a summary and a table at the end.

They are a view: where the API does not take them the run goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.exceptions import PrefectException

from flows.lake.ledger import Tally
from flows.logs import redact
from flows.runs import RunReport

if TYPE_CHECKING:
    from flows.plan import Plan
    from flows.session import Session

MOST_ROWS = 20
FATES = ("articles", "duplicates", "filtered", "quarantined", "forgotten")
NOTHING_NEW = "Nothing was new: the lake has all that the inputs hold."
NOTHING_TO_DO = "There was nothing to do."
_LOG = logging.getLogger(__name__)


class Shown:
    """What Prefect's pages show of a run. An API that did not take something is not asked again: each time its client
    tries for a minute."""

    def __init__(self) -> None:
        self._id: UUID | None = None
        self._share = -1.0
        self._lost = False

    def begin(self, plan: Plan) -> None:
        """Show that a plan of so many shards is begun."""
        if self._id is None and plan.shards:
            about = "How many of the shards are in the lake, in percent"
            self._id = self._show(lambda: create_progress_artifact(0.0, key="winnow-progress", description=about))

    def update(self, session: Session) -> None:
        """Show how far the run is, a hundred times at most."""
        share = session.progress.share
        if self._id is not None and int(share) > self._share:
            identity, self._share = self._id, int(share)
            self._show(lambda: update_progress_artifact(identity, share))

    def end(self, report: RunReport) -> None:
        """Show what the run did."""
        about = summary(report)
        self._show(lambda: create_markdown_artifact(markdown(report), key="winnow-run", description=about))
        rows = [{"format": form, **_by_name(tally)} for form, tally in report.formats.items()]
        if rows:
            about = "Records by format of the dump"
            self._show(lambda: create_table_artifact(rows, key="winnow-formats", description=about))
        slow = [{"dump": redact(label), "seconds": seconds} for label, seconds in report.slowest]
        if slow:
            about = "The shards that took longest"
            self._show(lambda: create_table_artifact(slow, key="winnow-slowest", description=about))

    def _show(self, create: Callable[[], Any]) -> UUID | None:
        """The artifact's id; None where the API did not take it."""
        if self._lost:
            return None
        try:
            found: UUID = create()
            return found
        except (PrefectException, httpx.HTTPError) as error:
            self._lost = True
            _LOG.warning("Prefect's API did not take an artifact: %s", error)
            return None


def summary(report: RunReport) -> str:
    """What became of a run's records, in a sentence; fates that met none are left out.

    >>> summary(RunReport("r", "", "lake", "done", {}, {}, formats={"text": Tally(3, articles=2, quarantined=1)}))
    'records 3: articles 2, quarantined 1'
    """
    counts = _by_name(report.total)
    fates = [f"{name} {counts[name]:,}" for name in FATES if counts[name]]
    if not fates:
        return _nothing(report) if report.outcome == "done" else "no records"
    return f"records {counts['records']:,}: {', '.join(fates)}"


def verdict(report: RunReport) -> str:
    """How a run ended, in a sentence."""
    if report.broken:
        return redact(f"an invariant is broken: {report.broken[0]}")
    if report.failures:
        return redact(f"{len(report.failures):,} shards failed, the first: {report.failures[0].reason}")
    return f"--fail-if holds: {report.refused}" if report.refused else report.outcome


def markdown(report: RunReport) -> str:
    """A run in a few lines of Markdown: what went wrong and where to look first, long tables last."""
    lines = [f"# Run {report.run}: {report.outcome}", *_trouble(report)]
    if report.shards:
        lines.append(_table(("what came in", "number"), _by_name(report.total)))
    elif report.outcome == "done":
        lines.append(_nothing(report))
    if report.brought and report.options.get("report"):
        lines.append(f"What was cut, and where to look: `{report.output}/report/{report.run}/index.html`")
    lines += [
        _table((head, unit), counts)
        for head, unit, counts in (
            ("quarantined for", "records", report.reasons),
            ("kind of boilerplate", "blocks cut", report.kinds),
            ("language", "records", report.languages),
        )
        if counts
    ]
    return redact("\n\n".join(lines))


def _nothing(report: RunReport) -> str:
    """Why a run brought nothing. One over a part of the inputs, or of the lake's shards, cannot speak of the rest."""
    partial = report.options.get("retry") or report.options.get("limit")
    return NOTHING_TO_DO if partial else NOTHING_NEW


def _trouble(report: RunReport) -> list[str]:
    lines = [f"**Failed: {report.refused}**"] if report.refused else []
    lines += [f"- failed: {failure.label}: {failure.reason}" for failure in report.failures[:MOST_ROWS]]
    if len(report.failures) > MOST_ROWS:
        lines.append(f"- and {len(report.failures) - MOST_ROWS:,} shards more")
    return lines + [f"- broken: {sentence}" for sentence in report.broken]


def _table(head: tuple[str, str], counts: Mapping[str, int]) -> str:
    """A table of Markdown, numbers to the right; of many rows the first MOST_ROWS."""
    rows = [f"| {name} | {number:,} |" for name, number in list(counts.items())[:MOST_ROWS]]
    if len(counts) > MOST_ROWS:
        rest = list(counts.values())[MOST_ROWS:]
        rows.append(f"| {len(rest):,} others | {sum(rest):,} |")
    return "\n".join([f"| {head[0]} | {head[1]} |", "|---|---:|", *rows])


def _by_name(tally: Tally) -> dict[str, int]:
    """The numbers of a tally under names for people."""
    fates = {name: getattr(tally, name) for name in ("records", *FATES)}
    return {**fates, "characters kept": tally.kept_chars, "characters cut": tally.cut_chars}
