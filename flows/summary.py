"""What a person sees at the end of a run: what came of the records, what was cut, where the data lies."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from flows.config import Options
from flows.lake.ledger import Entry, Tally
from flows.logs import redact
from flows.plan import Plan
from flows.runs import RunReport
from flows.storage import location

WIDTH = 1_000  # whatever it is shown on: a line that is broken loses nothing, a table that is squeezed loses digits
MOST_KINDS = 40
MOST_FAILURES = 10


def show_report(report: RunReport, entries: Mapping[str, Entry]) -> None:
    """The tables of a run, and how to look at the data."""
    console = Console(highlight=False, width=WIDTH)
    if not report.dumps:
        console.print("There is no dump under the inputs.")
    if report.formats:
        console.print(formats_table(report.formats))
    if report.kinds:
        console.print(counts_table("blocks cut", report.kinds, MOST_KINDS))
    if report.reasons:
        console.print(counts_table("in quarantine", report.reasons, MOST_KINDS))
    known = f" ({report.known:,} of {report.dumps:,} dumps were there already)" if report.known else ""
    console.print(f"{report.shards:,} shards done in {sum(report.seconds.values()):.1f} s{known}.")
    held = sum((entry.total for entry in entries.values()), Tally())
    console.print(
        f"The lake {redact(report.output)} holds {held.articles:,} articles of {held.records:,} records.",
        markup=False,
        soft_wrap=True,
    )
    _show_trouble(console, report)
    _show_left(console, report, entries)
    page = location(report.output) / "report" / report.run / "index.html"
    if page.is_file():
        console.print(f"What was cut, and where to look: {page}", markup=False, soft_wrap=True)
    if held.articles:
        _show_query(console, report.output)


def formats_table(formats: Mapping[str, Tally]) -> Table:
    """A row a format: what came of its records."""
    heads = (
        "records",
        "articles",
        "dupli-\ncates",
        "filtered",
        "quaran-\ntined",
        "characters\nkept",
        "characters\ncut",
    )
    table = Table("format", box=None, pad_edge=False, header_style="bold")
    for head in heads:
        table.add_column(head, justify="right")
    rows = [*formats.items(), ("all", sum(formats.values(), Tally()))] if len(formats) > 1 else list(formats.items())
    for form, tally in rows:
        numbers = (tally.records, tally.articles, tally.duplicates, tally.filtered, tally.quarantined)
        table.add_row(form, *(f"{number:,}" for number in (*numbers, tally.kept_chars, tally.cut_chars)))
    return table


def counts_table(title: str, counts: Mapping[str, int], most: int) -> Table:
    """Names and numbers, the largest first."""
    table = Table(title, "", box=None, pad_edge=False, header_style="bold")
    table.columns[1].justify = "right"
    for name, number in list(counts.items())[:most]:
        table.add_row(escape(name), f"{number:,}")
    return table


def show_plan(plan: Plan, options: Options) -> None:
    """What a run would do."""
    console = Console(highlight=False, width=WIDTH)
    size = sum(shard.size for shard in plan.shards)
    console.print(
        f"{plan.dumps:,} dumps, {plan.known:,} of them done; {len(plan.shards):,} shards to do, "
        f"{size / 1e6:,.1f} MB as stored, with {options.processes} workers, into {redact(options.output)}",
        markup=False,
        soft_wrap=True,
    )
    for shard in plan.shards:
        again = "again: " if shard.replaces else ""
        console.print(f"  {shard.key}  {shard.size / 1e6:>9.2f} MB  {again}{shard.label}", markup=False, soft_wrap=True)


def _show_trouble(console: Console, report: RunReport) -> None:
    if report.refused:
        told = f"failed: --fail-if {report.refused} holds; what the run brought is in the lake"
        console.print(told, markup=False, style="red", soft_wrap=True)
    for failure in report.failures[:MOST_FAILURES]:
        console.print(redact(f"failed: {failure.label}: {failure.reason}"), markup=False, style="red", soft_wrap=True)
    if report.failures:
        console.print(f"{len(report.failures):,} shards failed; run the same command again to do them", style="red")
    for sentence in report.broken[:MOST_FAILURES]:
        console.print(redact(f"broken: {sentence}"), markup=False, style="red", soft_wrap=True)


def _show_left(console: Console, report: RunReport, entries: Mapping[str, Entry]) -> None:
    """What a retry could not take again."""
    if not report.options.get("retry"):
        return
    done = {*report.brought, *(failure.shard for failure in report.failures)}
    reasons = set(report.options.get("reasons") or ())
    left = [
        key for key, entry in entries.items() if key not in done and set(entry.reasons) & (reasons or {*entry.reasons})
    ]
    if left:
        where = redact(", ".join(report.options["inputs"]))
        told = (
            f"{len(left):,} shards with such records stay as they are: their dumps are not under {where} as they were. "
        )
        console.print(f"{told}Name where they lie: winnow retry INPUT", markup=False, style="red", soft_wrap=True)


def _show_query(console: Console, output: str) -> None:
    files = f"{redact(output).rstrip('/')}/articles/*/*/*.parquet".replace("'", "''")
    console.print("Look at it:", style="bold")
    console.print(
        f"  duckdb -c \"SELECT language, date, title, word_count FROM '{files}' LIMIT 10\"",
        markup=False,
        soft_wrap=True,
    )
