"""What is done to a lake between runs: small files brought together, documents forgotten, tables brought up to date."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flows.config import Options, load
from flows.errors import ConfigError, LakeError
from flows.lake import compact as compaction
from flows.lake.compact import Compacted, mend
from flows.lake.describe import LATEST, describe, pattern
from flows.lake.forget import drop_pages, find, names, rows_a_table, take_out
from flows.lake.forgotten import asked_for, read_forgotten
from flows.lake.ledger import Entry, finish_change, read_ledger
from flows.lake.lock import hold
from flows.lake.place import Lake, open_lake
from flows.lake.replaced import sweep_replaced
from flows.lake.schema import TABLES
from flows.lake.sweep import sweep
from flows.lake.tables import Tables, grace_seconds, publish_tables, read_tables, settle_tables
from flows.near import forget_near
from flows.report import write_index
from flows.runs import new_run
from flows.storage import configure
from flows.without_pandas import look_without_pandas

MB = 1 << 20
MOST_MISSING = 20


@dataclass(frozen=True, slots=True)
class TakenDown:
    """How many rows went, a table, and the ids and addresses of the request that no row had."""

    rows: dict[str, int]
    missing: tuple[str, ...]


@dataclass(slots=True)
class Held:
    """A lake whose lock is ours, with its ledger."""

    lake: Lake
    entries: dict[str, Entry]


@contextmanager
def held(output: str, *, wait: bool = False) -> Iterator[Held]:
    """Hold a lake, with what a crash left of a change finished.

    Raises LakeError where there is none, and where it has columns that this version would lose when it writes its files
    anew.
    """
    look_without_pandas()
    lake = opened(output)
    with hold(lake, new_run(lake), wait=wait):
        finish_change(lake)
        describe(lake)
        yield Held(lake, read_ledger(lake))


def opened(output: str) -> Lake:
    """The lake at a path or an address. Raises LakeError where there is none."""
    configure(load(None, {}).storage)
    lake = open_lake(output)
    if not lake.ledger.is_dir():
        raise LakeError(
            f"{output} is no lake of Winnow: it has no _ledger; make one with winnow ingest INPUT -o {output}"
        )
    return lake


def compact(
    output: str, target_mb: float = 256.0, grace_minutes: float | None = None, *, wait: bool = False
) -> Compacted:
    """Bring small files of each partition together into files of `target_mb` MB; those of half of it stay.

    The old files stay `grace_minutes`: if not given an hour where the lake has tables, else not at all. What is
    interrupted is done by the next call; a second call finds nothing to do.
    """
    if not 0 < target_mb < math.inf:
        raise ConfigError(f"target-mb must be more than 0, not {target_mb}")
    if grace_minutes is not None and not 0 <= grace_minutes < math.inf:
        raise ConfigError(f"grace-minutes must be at least 0, not {grace_minutes}")
    with held(output, wait=wait) as found:
        tables = _brought_up(found)
        total = compaction.compact(found.lake, found.entries, int(target_mb * MB), int(target_mb * MB / 2))
        publish_tables(found.lake, tables, found.entries.values(), rearranged=True)
        _clear(found, grace_seconds(0.0, tables) if grace_minutes is None else grace_minutes * 60)
    return total


def compact_lake(output: str) -> str:
    """Bring small files together once no run holds the lake; what was done, in a sentence. For schedules."""
    return compacted(output, compact(output, wait=True))


def compacted(output: str, done: Compacted) -> str:
    """A compaction in a sentence."""
    if not done.files_before:
        return f"{output}: no small files to bring together"
    return (
        f"{output}: {done.files_before:,} files of {done.bytes_before / MB:,.1f} MB became {done.files_after:,} "
        f"of {done.bytes_after / MB:,.1f} MB"
    )


def forget(documents: Sequence[str], output: str, *, wait: bool = False) -> dict[str, int]:
    """Remove documents, by id or address, from every table, for good; how many rows of which table went.

    Old files go at once, those that wait for the end of their grace period too: one of them may hold the documents.
    """
    return take_down(documents, output, wait=wait).rows


def take_down(documents: Sequence[str], output: str, *, wait: bool = False) -> TakenDown:
    """As `forget`, and which of the documents were not there."""
    with held(output, wait=wait) as found:
        tables = _brought_up(found)
        asked = asked_for(documents)
        gone = find(found.lake, found.entries, asked)
        shards = {shard for file in gone for shard in file.shards}
        if drop_pages(found.lake, shards):
            write_index(found.lake)
        forget_near(found.lake, [found.entries[shard] for shard in shards], read_forgotten(found.lake).ids)
        take_out(found.lake, found.entries, gone)
        publish_tables(found.lake, tables, found.entries.values())
        _clear(found, 0.0)
    return TakenDown(rows_a_table(gone), tuple(sorted((asked.ids | asked.urls) - names(gone))))


def publish(
    output: str, formats: Sequence[str], catalog: str | None = None, namespace: str | None = None, *, wait: bool = False
) -> tuple[Tables, int]:
    """Make the tables of a lake, or bring them up to date. The tables, and how many files changed in them."""
    formats = Options(table=tuple(formats)).table
    with held(output, wait=wait) as found:
        settle_tables(found.lake, formats, catalog, namespace)
        mend(found.lake, found.entries)
        tables = read_tables(found.lake)
        return tables, publish_tables(found.lake, tables, found.entries.values())


def forgotten(done: TakenDown) -> str:
    """What was forgotten, and what was not there, in a line each."""
    went = ", ".join(f"{number:,} of {table}" for table, number in done.rows.items())
    if not went:
        return "nothing of it is in the lake; it stays out from now on"
    missing = [f"not in the lake, and stays out from now on: {name}" for name in done.missing[:MOST_MISSING]]
    if len(done.missing) > MOST_MISSING:
        missing.append(f"and {len(done.missing) - MOST_MISSING:,} more that are not in the lake")
    return "\n".join([f"rows removed: {went}", *missing])


def told(output: str, tables: Tables, changed: int) -> str:
    """Which tables there are and what was done to them."""
    names = [*(["Delta"] if tables.delta else []), *(["Iceberg"] if tables.iceberg else [])]
    if not names:
        return f"{output} has no tables; make them with --table delta or --table iceberg"
    return f"{output}: {' and '.join(names)} tables are up to date, {changed:,} files changed"


def views(output: str) -> str:
    """SQL for DuckDB that makes a view of each table, and `latest`. Raises LakeError where there is no lake."""
    lake = opened(output)
    here = [table for table in TABLES if any((lake.root / table).rglob("*.parquet"))]
    statements = [f"CREATE OR REPLACE VIEW {table} AS SELECT * FROM {_read(lake, table)};" for table in here]
    latest = [f"CREATE OR REPLACE VIEW latest AS\n{LATEST};"] if "articles" in here else []
    return "\n".join([*statements, *latest, ""])


def listed(file: Path) -> list[str]:
    """The lines of a list of documents. Raises ConfigError where it cannot be read."""
    try:
        return [line.strip() for line in file.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the list {file}: {error}") from error


def _read(lake: Lake, table: str) -> str:
    """All files of a table, for DuckDB."""
    files = _quoted(f"{_literal(str(lake.root))}/{pattern(table)}")
    return f"read_parquet({files}, union_by_name => true, hive_partitioning => false)"


def _literal(path: str) -> str:
    """A path in which no letter stands for others where a glob is read.

    >>> _literal("/data/lake [new]")
    '/data/lake [[]new]'
    """
    return re.sub(r"[*?\[]", r"[\g<0>]", path)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _brought_up(found: Held) -> Tables:
    """The tables of a lake, as the ledger is now: what comes next is a commit of its own."""
    tables = settle_tables(found.lake, ())
    mend(found.lake, found.entries)
    publish_tables(found.lake, tables, found.entries.values())
    return tables


def _clear(found: Held, grace: float) -> None:
    """Remove what was replaced more than `grace` seconds ago, and what nothing lists."""
    sweep_replaced(found.lake, found.entries, grace)
    sweep(found.lake, found.entries.values())
