"""The ledger: one file a finished shard, created exclusively and last. The lake is what the entries list.

An entry holds no times and no paths of this machine: the same input gives the same bytes. Where several entries change
together, as when small files become one, the new ones are first written down as one change; from then on they count,
and whoever holds the lake next writes what a crash left unwritten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import orjson

from flows.errors import LakeError
from flows.lake.files import create_whole, read_all, write_whole
from flows.lake.lease import still_held
from flows.lake.place import Lake
from flows.storage import remote

MOST_TRIES = 20


@dataclass(frozen=True, slots=True)
class LakeFile:
    """What a shard has in a data file: `rows` rows from row `first`; the path is relative to the lake.

    A shard's own file is its from the first row to the last; one that `winnow compact` made holds rows of several
    shards, one after the other. `bytes` and `sha256` (in hex) are the whole file's.
    """

    path: str
    rows: int
    bytes: int
    sha256: str
    first: int = 0


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the records of one format. Characters are those of articles; blocks cut are counted by kind.

    `forgotten` are records that `winnow forget` took out: they are in no table.
    """

    records: int = 0
    articles: int = 0
    duplicates: int = 0
    filtered: int = 0
    quarantined: int = 0
    kept_chars: int = 0
    cut_chars: int = 0
    forgotten: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, entry.name) + getattr(other, entry.name) for entry in fields(Tally)))

    @property
    def balanced(self) -> bool:
        """Whether every record is in exactly one table, or forgotten."""
        placed = self.articles + self.duplicates + self.filtered + self.quarantined
        return self.records == placed + self.forgotten


@dataclass(frozen=True, slots=True)
class Covered:
    """A part of a dump that a shard holds: bytes `start` to `stop` (None: the end) of the dump with this digest.

    `line` is the number of the line at `start`, 0 where lines are not counted. A part that is `partial` holds only the
    record that the end of the dump cuts off. `growing` names as what the dump can be gone on with when it has grown;
    `after` is the digest of the version of the dump that it goes on from.
    """

    source: str
    digest: str
    size: int
    start: int = 0
    stop: int | None = None
    line: int = 0
    partial: bool = False
    growing: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One finished shard.

    `recipe` is a digest over `versions` and `options`: an entry with another recipe than today's is stale.
    `kinds` counts cut blocks, `reasons` quarantined records. `limit` is set where the shard was a trial run;
    `generation` counts how often it was done again. `supersedes` are the keys of shards whose records it holds as well:
    from this entry on theirs do not count.
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
    supersedes: tuple[str, ...] = ()
    sites: str = ""

    @property
    def total(self) -> Tally:
        """All formats together."""
        return sum(self.formats.values(), Tally())


def enter(lake: Lake, entry: Entry, *, replace: bool = False) -> None:
    """Write an entry: from here on its rows are in the lake.

    Raises LakeError where the shard has one already, unless it is to be replaced, and LockLostError where the lake may
    be another run's by now.
    """
    still_held(lake)
    data = orjson.dumps(asdict(entry), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
    path = lake.ledger / f"{entry.shard}.json"
    if replace:
        write_whole(path, data)
        return
    try:
        create_whole(path, data)
    except FileExistsError as error:
        raise LakeError(f"shard {entry.shard} is in the ledger already: another run wrote to {lake.root}") from error


def enter_together(lake: Lake, entries: Iterable[Entry]) -> None:
    """Replace several entries in one step. For who holds the lake's lock."""
    finish_change(lake)
    write_whole(lake.change, orjson.dumps([asdict(entry) for entry in entries]))
    finish_change(lake)


def finish_change(lake: Lake) -> None:
    """Write the entries of a change that a crash interrupted. For who holds the lake's lock, before all else."""
    change = _change(lake)
    for entry in change.values():
        enter(lake, entry, replace=True)
    if change:
        lake.change.unlink()


def read_ledger(lake: Lake) -> dict[str, Entry]:
    """Every entry that counts by its shard's key, sorted by key."""
    entries = {entry.shard: entry for entry in _written(lake)}
    entries |= _change(lake)
    superseded = {key for entry in entries.values() for key in entry.supersedes}
    return {key: entry for key, entry in sorted(entries.items()) if key not in superseded}


def _written(lake: Lake) -> list[Entry]:
    """Every entry as it lies there. An entry that another run takes away meanwhile has been superseded: look anew.

    Raises LakeError for one that is named, and cannot be read: a link to nowhere, a folder, another user's.
    """
    for tries_left in reversed(range(MOST_TRIES)):
        paths = sorted(lake.ledger.glob("*.json"))
        try:
            found = read_all(paths)
            break
        except FileNotFoundError as error:
            if not tries_left:
                raise _unreadable(lake, error) from error
        except OSError as error:
            raise _unreadable(lake, error) from error
    return [read_entry(data, str(path)) for path, data in zip(paths, found, strict=True)]


def _unreadable(lake: Lake, error: OSError) -> LakeError:
    """What to say of an entry that cannot be read; of a store that does not answer, nothing is to be deleted."""
    if remote(lake.root) is not None or not error.filename:
        return LakeError(f"cannot read the ledger {lake.ledger}: {error}")
    return LakeError(
        f"cannot read {error.filename}: {error.strerror}; make it readable, or delete it and run again: its shard is "
        "then redone"
    )


def read_entry(data: bytes, path: str) -> Entry:
    """An entry from its bytes. Raises LakeError where they are none, or one of a newer version."""
    try:
        found = orjson.loads(data)
        if new := set(found) - {entry.name for entry in fields(Entry)}:
            raise LakeError(f"{path} says {', '.join(sorted(new))}: a newer version of Winnow wrote it; use that")
        return _entry(found)
    except (ValueError, TypeError, KeyError) as error:
        raise LakeError(
            f"{path} is no ledger entry ({error}); delete it and run again: its shard is then redone"
        ) from error


def _change(lake: Lake) -> dict[str, Entry]:
    """The entries of a change that is under way, by shard."""
    try:
        data = lake.change.read_bytes()
    except FileNotFoundError:
        return {}
    try:
        return {entry.shard: entry for entry in map(_entry, orjson.loads(data))}
    except (ValueError, TypeError, KeyError) as error:
        raise LakeError(
            f"{lake.change} cannot be read ({error}); it was written by a newer version: use that"
        ) from error


def _entry(found: dict[str, Any]) -> Entry:
    found["members"] = tuple(Covered(**member) for member in found["members"])
    found["formats"] = {name: Tally(**tally) for name, tally in found["formats"].items()}
    found["files"] = tuple(LakeFile(**file) for file in found["files"])
    found["supersedes"] = tuple(found.get("supersedes", ()))
    return Entry(**found)
