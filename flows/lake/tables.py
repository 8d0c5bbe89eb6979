"""Tables that follow the lake: which there are, and how they are brought to what the ledger says.

A lake remembers its tables (`_tables.json`): whatever changes the lake from then on changes them too, asked or not, for
a table that stays behind would name files that are gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import orjson

from flows.errors import LakeError
from flows.lake import delta, iceberg
from flows.lake.files import write_whole
from flows.lake.iceberg import Target
from flows.lake.ledger import Entry
from flows.lake.pieces import shared_files
from flows.lake.place import DATA, Lake

TABLE_GRACE_MINUTES = 60.0


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a lake: Delta or not, Iceberg and where."""

    delta: bool = False
    iceberg: Target | None = None

    def __bool__(self) -> bool:
        return self.delta or self.iceberg is not None


def read_tables(lake: Lake) -> Tables:
    """The tables that a lake remembers. Raises LakeError where they cannot be read."""
    try:
        found: dict[str, Any] = orjson.loads((lake.root / "_tables.json").read_bytes())
        target = found["iceberg"]
        return Tables(bool(found["delta"]), None if target is None else Target(**target))
    except FileNotFoundError:
        return Tables()
    except (ValueError, TypeError, KeyError) as error:
        raise LakeError(
            f"{lake.root}/_tables.json cannot be read ({error}); delete it and name the tables again with --table"
        ) from error


def settle_tables(lake: Lake, asked: Sequence[str], catalog: str | None = None, namespace: str | None = None) -> Tables:
    """What the lake remembers and what is asked for, together; remembered from now on.

    Raises ConfigError where a package or a catalog that they need is missing.
    """
    before = read_tables(lake)
    tables = replace(before, delta=before.delta or "delta" in asked)
    if "iceberg" in asked or (before.iceberg is not None and (catalog or namespace)):
        target = before.iceberg or Target()
        tables = replace(tables, iceberg=Target(catalog or target.catalog, namespace or target.namespace))
    if tables.iceberg is not None:
        iceberg.check(lake, tables.iceberg)
    if tables != before:
        write_whole(lake.root / "_tables.json", orjson.dumps(asdict(tables), option=orjson.OPT_INDENT_2))
    return tables


def grace_seconds(minutes: float, tables: Tables) -> float:
    """How long replaced files stay. Who reads an older version of a table has an hour, if nothing else is asked."""
    return (minutes or (TABLE_GRACE_MINUTES if tables else 0.0)) * 60


def publish_tables(lake: Lake, tables: Tables, entries: Iterable[Entry], *, rearranged: bool = False) -> int:
    """Bring every table to what the ledger says, each in one commit. How many files were added or removed.

    For who holds the lake's lock. `rearranged` says that only files changed, no rows.
    """
    changed = 0
    entries = list(entries)
    for table in DATA if tables else ():
        files = {path: shared.file for path, shared in shared_files(entries, table).items()}
        if tables.delta:
            changed += delta.publish(lake, table, files, rearranged=rearranged)
        if tables.iceberg is not None:
            changed += iceberg.publish(lake, table, files, tables.iceberg)
    return changed
