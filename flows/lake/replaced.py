"""Files whose shard was done again, or given up for another one: no entry lists them any more.

They stay for a grace period, for readers that hold an older list of the lake's files, and are then removed. A note a
shard, written before its entry goes, says which files they are and since when; a crash in between leaves a note about
an entry that still counts, which is thrown away.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from flows.lake.files import disk_errors, write_whole
from flows.lake.ledger import Entry
from flows.lake.place import DATA, Lake


@dataclass(frozen=True, slots=True)
class Replaced:
    """The files of an entry that another took the place of. `since` is in seconds since 1970."""

    shard: str
    generation: int
    since: float
    files: tuple[str, ...]


def retire(lake: Lake, entry: Entry) -> Replaced:
    """Write down that the files of an entry are about to be replaced."""
    note = Replaced(entry.shard, entry.generation, time.time(), tuple(file.path for file in entry.files))
    write_whole(_path(lake, note), orjson.dumps(asdict(note)))
    return note


def retire_files(lake: Lake, name: str, paths: Collection[str]) -> None:
    """Write down that files are about to be rearranged; `name` stands for them, and is no shard's."""
    note = Replaced(name, 0, time.time(), tuple(sorted(paths)))
    write_whole(_path(lake, note), orjson.dumps(asdict(note)))


def read_replaced(lake: Lake) -> list[Replaced]:
    """Every note; one that cannot be read is none."""
    found = []
    for path in sorted(lake.replaced.glob("*.json")):
        try:
            note = orjson.loads(path.read_bytes())
            found.append(Replaced(note["shard"], note["generation"], note["since"], tuple(note["files"])))
        except (OSError, ValueError, TypeError, KeyError):
            continue
    return found


def sweep_replaced(lake: Lake, entries: Mapping[str, Entry], grace_seconds: float) -> int:
    """Remove replaced files whose time has come, and entries that others took the place of. How many files went.

    A clock that was set back makes them stay longer, never go while an entry lists them.
    """
    for path in lake.ledger.glob("*.json"):
        if path.stem not in entries:
            path.unlink(missing_ok=True)
    notes = read_replaced(lake)
    if not notes:
        return 0
    listed = {file.path for entry in entries.values() for file in entry.files}
    removed = 0
    for note in notes:
        held = entries.get(note.shard)
        if held is not None and held.generation == note.generation:
            _path(lake, note).unlink(missing_ok=True)
        elif time.time() - note.since >= grace_seconds:
            removed += remove(lake, note, listed)
    return removed


def remove(lake: Lake, note: Replaced, listed: Collection[str]) -> int:
    """Remove the files of a note, but for those that are `listed`, and the note. How many went."""
    gone = [path for path in note.files if path not in listed]
    for path in gone:
        with disk_errors(lake.root / path):
            (lake.root / path).unlink(missing_ok=True)
        remove_empty((lake.root / path).parent, lake.root)
    _path(lake, note).unlink(missing_ok=True)
    return len(gone)


def remove_empty(folder: Path, root: Path) -> None:
    """Remove a folder and those above it as long as they are empty."""
    while folder != root and folder.name not in DATA:
        try:
            folder.rmdir()
        except OSError:  # not empty, or gone
            return
        folder = folder.parent


def _path(lake: Lake, note: Replaced) -> Path:
    return lake.replaced / f"{note.shard}-{note.generation}.json"
