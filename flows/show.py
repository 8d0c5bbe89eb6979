"""The commands that show something: kinds, status, verify, schema."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cleaners.errors import RuleError
from cleaners.explain import printable
from flows.errors import ConfigError, LakeError, LockHeldError
from flows.lake.place import Lake, open_lake

if TYPE_CHECKING:
    from flows.lake.verify import Verified

MOST_WRONG = 20


def kinds(languages: bool) -> None:
    """Every kind of boilerplate, one a line; with `languages` the coverage of each language as well."""
    from cleaners.rulebook import kinds as known
    from cleaners.rulebook import packs

    speak = Counter(name for code, pack in packs().items() if code != "any" for name in pack.kinds)
    for name, kind in known().items():
        spoken = f"{speak[name]} languages" if speak[name] else "needs no language"
        click.echo(f"{name:<20} {kind.about}  ({spoken})")
    if languages:
        click.echo(f"\n{'':<4} {'language':<16} {'phrases':>7} {'kinds':>5}  without")
        for code, pack in packs().items():
            without = " ".join(name for name in known() if speak[name] and name not in pack.kinds)
            click.echo(f"{code:<4} {pack.name:<16} {len(pack.phrases):>7,} {len(pack.kinds):>5}  {without}")


def schema(table: str | None, as_markdown: bool = False) -> None:
    """The columns of the tables."""
    if as_markdown:
        from flows.lake.describe import markdown

        click.echo(markdown(), nl=False)
        return
    from flows.lake.schema import TABLE_ABOUT, TABLES

    for name in [table] if table else TABLES:
        click.echo(f"{name}: {TABLE_ABOUT[name]}")
        for column in TABLES[name]:
            kind = str(column.type)
            click.echo(f"  {column.name:<20} {_short(kind):<24} {column.about}")
        click.echo()


@dataclass(frozen=True, slots=True)
class Status:
    """What a lake holds and what is going on in it."""

    output: str
    lock: str | None
    dumps: int
    records: int
    articles: int
    duplicates: int
    filtered: int
    quarantined: int
    shards_done: int
    shards_pending: int
    shards_failed: int
    shards_stale: int
    quarantine: dict[str, int]
    last_run: str | None

    def lines(self) -> list[str]:
        """The status for people."""
        reasons = ", ".join(f"{reason} {number:,}" for reason, number in self.quarantine.items())
        return [
            f"{self.output}: {self.articles:,} articles of {self.records:,} records in {self.dumps:,} dumps "
            f"({self.duplicates:,} duplicates, {self.filtered:,} filtered, {self.quarantined:,} in quarantine)",
            f"shards: {self.shards_done:,} done, {self.shards_pending:,} pending, {self.shards_failed:,} failed, "
            f"{self.shards_stale:,} stale (made with older rules; --reprocess cleans them again)",
            f"quarantine: {reasons or 'empty'}",
            f"last run: {self.last_run or 'none'}",
            f"lock: {'held by ' + self.lock if self.lock else 'free'}",
        ]


def status(output: str, as_json: bool) -> None:
    """What a lake holds."""
    found = read_status(_lake(output), output)
    shown = {name: getattr(found, name) for name in Status.__slots__}
    click.echo(json.dumps(shown, indent=2, ensure_ascii=False) if as_json else "\n".join(found.lines()))


def read_status(lake: Lake, output: str) -> Status:
    """Read what there is to know without reading data."""
    from flows.lake.ledger import Tally, read_ledger
    from flows.lake.lock import holder
    from flows.plan import read_plan
    from flows.runs import latest_reports
    from flows.versions import versions

    entries = read_ledger(lake)
    last = next(latest_reports(lake), None)
    plan = read_plan(lake)
    total = sum((entry.total for entry in entries.values()), Tally())
    reasons: Counter[str] = Counter()
    for entry in entries.values():
        reasons.update(entry.reasons)
    parts = [member for entry in entries.values() for member in entry.members]
    owner = holder(lake)
    failed = {failure.shard for failure in last.failures} if last else set()
    return Status(
        output=output,
        lock=str(owner) if owner else None,
        dumps=len({(part.source, part.digest) for part in parts} - {(part.source, part.after) for part in parts}),
        records=total.records,
        articles=total.articles,
        duplicates=total.duplicates,
        filtered=total.filtered,
        quarantined=total.quarantined,
        shards_done=len(entries),
        shards_pending=sum(shard.key not in entries for shard in plan.shards) if plan else 0,
        shards_failed=len(failed - set(entries)),
        shards_stale=sum(dict(entry.versions) != dict(versions()) for entry in entries.values()),
        quarantine=dict(reasons.most_common()),
        last_run=f"{last.run} ({last.outcome})" if last else None,
    )


def verify(output: str) -> int:
    """Check a lake; the exit code."""
    found = _checked(_lake(output), output)
    for sentence in found.wrong[:MOST_WRONG]:
        click.echo(f"wrong: {sentence}", err=True)
    if found.wrong:
        click.echo(f"{len(found.wrong):,} things are wrong in {output}", err=True)
        return 4
    click.echo(
        f"{output} is whole: {found.shards:,} shards, {found.files:,} files, {found.articles:,} articles with unique "
        f"ids, {found.rebuilt:,} pages rebuilt from what was kept and removed"
    )
    if found.bereft:
        click.echo(
            f"note: {sum(found.bereft.values()):,} duplicates in {len(found.bereft):,} shards repeat what was cleaned "
            "again and is no article any more; winnow ingest over their dumps does these shards again"
        )
    return 0


def _checked(lake: Lake, output: str) -> Verified:
    """What a check finds of a lake that nobody changes meanwhile; one that changed without being held is checked anew.

    Raises LockHeldError where another run writes: what it is about to finish looks like what is wrong; LakeError where
    a file stays listed and is not there.
    """
    from flows.lake.ledger import MOST_TRIES, read_ledger
    from flows.lake.lock import holder
    from flows.lake.verify import verify as check

    tries_left = MOST_TRIES
    while True:
        tries_left -= 1
        entries = read_ledger(lake)
        try:
            found = check(lake, entries)
            if not found.wrong:
                return found
        except FileNotFoundError as error:  # removed between the list of files and its turn
            if tries_left == 0:
                raise LakeError(f"{output}: {error.filename or error} is listed, but not there") from error
            found = None
        if (owner := holder(lake)) is not None:
            raise LockHeldError(f"{output} is being written by {owner}: run winnow verify again when it has ended")
        if found is not None and read_ledger(lake) == entries:
            return found


def report(output: str, run: str | None) -> None:
    """Write the page of a run anew, the last one's where none is named."""
    from flows.lake.ledger import read_ledger
    from flows.report import write_page
    from flows.runs import latest_reports, read_report

    lake = _lake(output)
    found = read_report(lake, run) if run else next((r for r in latest_reports(lake) if r.brought), None)
    if found is None:
        runs = ", ".join(sorted(path.stem for path in lake.runs.glob("*.json")))
        raise LakeError(f"no run{f' {run}' if run else ''} of {output} brought records; runs are: {runs or 'none'}")
    entries = read_ledger(lake)
    click.echo(write_page(lake, found, {key: entries[key] for key in found.brought if key in entries}))


def cases(path: Path) -> int:
    """Run the cases of a file; the exit code. Raises ConfigError for a file that holds none."""
    from flows.cases import read_cases

    try:
        found = read_cases(path)
    except RuleError as error:
        raise ConfigError(str(error)) from error
    failed = [case for case in found if not case.holds]
    for case in failed:
        click.echo(f"[{case.language}.{case.kind}] not {case.use}: {printable(case.line)}")
    click.echo(f"{len(found) - len(failed):,} of {len(found):,} cases hold")
    return 1 if failed else 0


def _lake(output: str) -> Lake:
    lake = open_lake(output)
    if not lake.ledger.is_dir():
        raise LakeError(
            f"{output} is no lake of Winnow: it has no _ledger. Make one with: winnow ingest INPUT -o {output}"
        )
    return lake


def _short(kind: str) -> str:
    return "list<struct>" if kind.startswith("list<") and "struct" in kind else kind.replace("element: ", "")
