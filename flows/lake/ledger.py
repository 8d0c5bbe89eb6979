"""The ledger: one file a finished shard, created exclusively and last. The lake is what the entries list.

An entry holds no times and no paths of this machine: the same input gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import orjson

from flows.errors import LakeError
from flows.lake.files import create_whole, write_whole
from flows.lake.place import Lake


@dataclass(frozen=True, slots=True)
class LakeFile:
    """A data file: its path relative to the lake, rows, bytes and sha256 in hex."""

    path: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the records of one format. Characters are those of articles; blocks cut are counted by kind."""

    records: int = 0
    articles: int = 0
    duplicates: int = 0
    filtered: int = 0
    quarantined: int = 0
    kept_chars: int = 0
    cut_chars: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, entry.name) + getattr(other, entry.name) for entry in fields(Tally)))

    @property
    def balanced(self) -> bool:
        """Whether every record is in exactly one table."""
        return self.records == self.articles + self.duplicates + self.filtered + self.quarantined


@dataclass(frozen=True, slots=True)
class Covered:
    """A part of a dump that a shard holds: bytes `start` to `stop` (None: the end) of the dump with this digest.

    `line` is the number of the line at `start`, 0 where lines are not counted.
    """

    source: str
    digest: str
    size: int
    start: int = 0
    stop: int | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One finished shard.

    `recipe` is a digest over `versions` and `options`: an entry with another recipe than today's is stale.
    `kinds` counts cut blocks, `reasons` quarantined records. `limit` is set where the shard was a trial run;
    `generation` counts how often it was done again.
    """

    shard: str
    recipe: str
    versions: Mapping[str, str]
    options: Mapping[str, Any]
    members: tuple[Covered, ...]
    formats: Mapping[str, Tally]
    kinds: Mapping[str, int]
    reasons: Mapping[str, int]
    files: tuple[LakeFile, ...]
    limit: int | None = None
    generation: int = 0
    languages: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> Tally:
        """All formats together."""
        return sum(self.formats.values(), Tally())


def enter(lake: Lake, entry: Entry, *, replace: bool = False) -> None:
    """Write an entry: from here on its rows are in the lake.

    Raises LakeError where the shard has one already, unless it is to be replaced.
    """
    data = orjson.dumps(asdict(entry), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
    path = lake.ledger / f"{entry.shard}.json"
    if replace:
        write_whole(path, data)
        return
    try:
        create_whole(path, data)
    except FileExistsError as error:
        raise LakeError(f"shard {entry.shard} is in the ledger already: another run wrote to {lake.root}") from error


def read_ledger(lake: Lake) -> dict[str, Entry]:
    """Every entry by its shard's key, sorted by key."""
    entries = (read_entry(path.read_bytes(), str(path)) for path in sorted(lake.ledger.glob("*.json")))
    return {entry.shard: entry for entry in entries}


def read_entry(data: bytes, path: str) -> Entry:
    """An entry from its bytes. Raises LakeError where they are none."""
    try:
        found = orjson.loads(data)
        found["members"] = tuple(Covered(**member) for member in found["members"])
        found["formats"] = {name: Tally(**tally) for name, tally in found["formats"].items()}
        found["files"] = tuple(LakeFile(**file) for file in found["files"])
        return Entry(**found)
    except (ValueError, TypeError, KeyError) as error:
        raise LakeError(
            f"{path} is no ledger entry ({error}); delete it and run again: its shard is then redone"
        ) from error
