"""Clearing away what crashed runs left: files that no ledger entry lists, half-written ones, work set aside.

Done by the run that holds the lake's lock, so nothing of another run is touched; and only files that are named as
Winnow names them, so nothing of the user's is.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path

from flows.lake.ledger import Entry
from flows.lake.place import DATA, Lake

_OURS = re.compile(r"[0-9a-f]{16}-[0-9a-f]{8}-\d{4,}\.parquet")
_HALF = re.compile(r"\..+\.[0-9a-f]{8}")


def orphans(lake: Lake, entries: Iterable[Entry]) -> list[Path]:
    """Data files that no entry lists, relative to the lake."""
    listed = {file.path for entry in entries for file in entry.files}
    return [path for path in lake.data_files() if path.as_posix() not in listed]


def sweep(lake: Lake, entries: Iterable[Entry], staged: Collection[str] = ()) -> int:
    """Remove what no entry lists, and what is set aside but for the shards `staged`. How many data files went."""
    found = [path for path in orphans(lake, entries) if _OURS.fullmatch(path.name)]
    for path in found:
        (lake.root / path).unlink()
        _remove_empty(lake.root / path.parent, lake.root)
    for folder in _folders(lake.staging):
        if folder.name not in staged:
            shutil.rmtree(folder, ignore_errors=True)
    for books in (lake.ledger, lake.runs, lake.staging):
        for path in books.glob(".*"):
            if _HALF.fullmatch(path.name):
                path.unlink(missing_ok=True)
    return len(found)


def _folders(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []


def _remove_empty(folder: Path, root: Path) -> None:
    """Remove a folder and those above it as long as they are empty."""
    with suppress(OSError):  # not empty
        while folder != root and folder.name not in DATA:
            folder.rmdir()
            folder = folder.parent
