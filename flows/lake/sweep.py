"""Clearing away what crashed runs left: files that no ledger entry lists, half-written ones, work set aside.

Done by the run that holds the lake's lock, so nothing of another run is touched; and only files that are named as
Winnow names them, so nothing of the user's is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from flows.lake.files import remove_tree
from flows.lake.ledger import Entry
from flows.lake.place import Lake, shown
from flows.lake.replaced import read_replaced, remove_empty
from flows.storage import remote

OURS = re.compile(r"[0-9a-f]{16}-[0-9a-f]{8}-\d{4,}\.parquet")
_HALF = re.compile(r"\.(.+)\.[0-9a-f]{8}")
# What is written beside folders of the user's, or without the lock.
_HALF_IN_ROOT = {"_change.json", "_schema.json", "_tables.json", "croissant.json"}
_UNLOCKED = "overrides.json"


def orphans(lake: Lake, entries: Iterable[Entry], there: Iterable[str] | None = None) -> list[Path]:
    """Data files that no entry lists, nor listed before it was replaced; relative to the lake.

    `there` are the names of its files, where they have been listed already.
    """
    listed = {file.path for entry in entries for file in entry.files}
    listed |= {path for note in read_replaced(lake) for path in note.files}
    found = lake.data_files() if there is None else shown(there)
    return [path for path in found if path.as_posix() not in listed]


def sweep(lake: Lake, entries: Iterable[Entry], staged: Collection[str] = ()) -> int:
    """Remove what no entry lists, and what is set aside but for the shards `staged`. How many data files went."""
    found = [path for path in orphans(lake, entries) if OURS.fullmatch(path.name)]
    for path in found:
        (lake.root / path).unlink()
        remove_empty(lake.root / path.parent, lake.root)
    for folder in _folders(lake.staging):
        if folder.name not in staged:
            remove_tree(folder)
    for path in _half_written(lake) if remote(lake.root) is None else ():
        path.unlink(missing_ok=True)
    return len(found)


def _half_written(lake: Lake) -> Iterator[Path]:
    """Files that a kill left beside the one that they were to become. A store has none."""
    books = (lake.ledger, lake.runs, lake.staging, lake.replaced, lake.near, lake.sites, lake.root / "_forgotten")
    for folder in (lake.root, *books, lake.root / "clusters"):
        for path in folder.glob(".*"):
            half = _HALF.fullmatch(path.name)
            if half and (half[1] in _HALF_IN_ROOT if folder == lake.root else half[1] != _UNLOCKED):
                yield path


def _folders(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []
