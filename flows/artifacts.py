"""What Prefect's pages show of a run: a progress bar while it goes on, a summary and a table at the end.

They are a view: where the API does not take them the run goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict
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

from flows.logs import redact
from flows.runs import RunReport

if TYPE_CHECKING:
    from flows.plan import Plan
    from flows.session import Session

MOST_ROWS = 30
_LOG = logging.getLogger(__name__)


class Shown:
    """The progress artifact of a run."""

    def __init__(self) -> None:
        self._id: UUID | None = None
        self._share = -1.0

    def begin(self, plan: Plan) -> None:
        """Show that a plan of so many shards is begun."""
        if self._id is None and plan.shards:
            self._id = _shown(lambda: create_progress_artifact(0.0, key="winnow-progress", description="shards done"))

    def update(self, session: Session) -> None:
        """Show how far the run is, a hundred times at most."""
        share = session.progress.share
        if self._id is not None and int(share) > self._share:
            identity, self._share = self._id, int(share)
            self._id = _shown(lambda: update_progress_artifact(identity, share))


def end(report: RunReport) -> None:
    """Show what the run did."""
    about = "What the run did"
    if _shown(lambda: create_markdown_artifact(markdown(report), key="winnow-run", description=about)) is None:
        return
    rows = [{"format": form, **asdict(tally)} for form, tally in report.formats.items()]
    if rows:
        _shown(lambda: create_table_artifact(rows, key="winnow-formats", description="Records by format"))
    slow = [{"dump": redact(label), "seconds": seconds} for label, seconds in report.slowest]
    if slow:
        _shown(lambda: create_table_artifact(slow, key="winnow-slowest", description="Slowest shards"))


def verdict(report: RunReport) -> str:
    """How a run ended, in a sentence."""
    if report.broken:
        return f"an invariant is broken: {report.broken[0]}"
    if report.failures:
        return f"{len(report.failures):,} shards failed, the first: {report.failures[0].reason}"
    return f"--fail-if holds: {report.refused}" if report.refused else report.outcome


def markdown(report: RunReport) -> str:
    """A run in a few lines of Markdown."""
    total = report.total
    lines = [
        f"# Run {report.run}: {report.outcome}",
        f"{total.records:,} records in {report.shards:,} shards: {total.articles:,} articles, "
        f"{total.duplicates:,} duplicates, {total.filtered:,} filtered, {total.quarantined:,} in quarantine.",
        f"{total.kept_chars:,} characters kept, {total.cut_chars:,} cut.",
    ]
    if report.kinds:
        rows = "\n".join(f"| {kind} | {blocks:,} |" for kind, blocks in report.kinds.items())
        lines.append(f"| kind | blocks cut |\n|---|---|\n{rows}")
    for head, counts in (("language", report.languages), ("quarantine", report.reasons)):
        if counts:
            rows = "\n".join(f"| {name} | {number:,} |" for name, number in list(counts.items())[:MOST_ROWS])
            lines.append(f"| {head} | records |\n|---|---|\n{rows}")
    if report.brought and report.options.get("report"):
        lines.append(f"What was cut, and where to look: `{report.output}/report/{report.run}/index.html`")
    if report.refused:
        lines.append(f"**Failed: {report.refused}**")
    lines += [f"- failed: {failure.label}: {failure.reason}" for failure in report.failures]
    lines += [f"- broken: {sentence}" for sentence in report.broken]
    return redact("\n\n".join(lines))


def _shown(create: Callable[[], Any]) -> UUID | None:
    """The artifact's id; None where the API did not take it. Its client tries for a minute, so nobody asks it again."""
    try:
        found: UUID = create()
        return found
    except (PrefectException, httpx.HTTPError) as error:
        _LOG.warning("Prefect's API did not take an artifact: %s", error)
        return None
