"""Where things lie in a lake."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from flows.addresses import check_place
from flows.config import load
from flows.errors import ConfigError
from flows.storage import configure, location, remote
from flows.storage.stores import VARIABLE

DATA = ("articles", "removed", "duplicates", "filtered", "quarantine")


@dataclass(frozen=True, slots=True)
class Lake:
    """The folders of one output directory, or of a prefix in an object store.

    What readers see lies under the names of DATA; names that begin with `_` are the lake's own books. `_staging` may be
    deleted at any time when no run is going on: it costs work, no rows.
    """

    root: Path

    @property
    def ledger(self) -> Path:
        """One JSON file a finished shard."""
        return self.root / "_ledger"

    @property
    def change(self) -> Path:
        """Ledger entries that change together, while they are written."""
        return self.root / "_change.json"

    @property
    def runs(self) -> Path:
        """One JSON file a run: versions, options, counts, seconds."""
        return self.root / "_runs"

    @property
    def staging(self) -> Path:
        """Work that is not visible yet, the plan, and what is known about dumps."""
        return self.root / "_staging"

    @property
    def plan(self) -> Path:
        """The plan of the run that is going on."""
        return self.staging / "plan.json"

    @property
    def known_dumps(self) -> Path:
        """Digests of dumps by size and modification time, so that unchanged dumps are not read again."""
        return self.staging / "dumps.json"

    @property
    def replaced(self) -> Path:
        """One JSON file a shard that was replaced: its old files, which stay for a while."""
        return self.root / "_replaced"

    @property
    def sites(self) -> Path:
        """What pages of one host repeat: pages that are remembered, frozen snapshots, what the user said."""
        return self.root / "_sites"

    @property
    def near(self) -> Path:
        """One Arrow file a shard: sketches of its texts, for the search for near duplicates."""
        return self.root / "_near"

    @property
    def lock(self) -> Path:
        """Says which run holds the lake."""
        return self.root / "_lock"

    def staged(self, shard: str) -> Path:
        """Where a shard's rows lie between stage and publish."""
        return self.staging / shard

    def data_files(self) -> list[Path]:
        """Every file under the data folders, relative to the root, sorted; what begins with `_` is a table's log."""
        if (there := remote(self.root)) is not None:
            found = (path.relative_to(there).as_posix() for table in DATA for path in (there / table).rglob("*"))
            return shown(found)
        return shown(name for name, _ in self._entries())

    def sizes(self) -> dict[str, int]:
        """Bytes of every data file by its path relative to the root."""
        if (there := remote(self.root)) is not None:
            walks = (there / table for table in DATA)
            return {found.relative_to(there).as_posix(): stat.st_size for walk in walks for found, stat in walk.walk()}
        return {name: entry.stat().st_size for name, entry in self._entries()}

    def _entries(self) -> Iterator[tuple[str, os.DirEntry[str]]]:
        """The files of a lake on a disk. Ten times as fast as by paths: a lake has hundreds of thousands."""
        yield from (found for table in DATA for found in _under(self.root / table, table))


def shown(names: Iterable[str]) -> list[Path]:
    """Names of files under the data folders, but for those in folders that begin with `_`, as paths, sorted."""
    kept = sorted(name for name in names if "/_" not in name.rpartition("/")[0])
    return [Path(name) for name in kept]


def _under(folder: Path, name: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """The files below a folder, `name` in front; links to folders are not followed."""
    try:
        entries = list(os.scandir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _under(Path(entry.path), f"{name}/{entry.name}")
        elif entry.is_file():
            yield f"{name}/{entry.name}", entry


def open_lake(output: str) -> Lake:
    """The lake at a path or an address, with the options of stores that were given or that a configuration file has.

    Raises ConfigError for a file, and for an address under which nothing can be asked.
    """
    check_place(output)
    root = location(output).absolute()
    if remote(root) is None and root.exists() and not root.is_dir():
        raise ConfigError(f"{output} is a file: name the folder of a lake")
    if (there := remote(root)) is not None:
        if VARIABLE not in os.environ:
            configure(load(None, {}).storage)
        try:
            there.is_dir()
        except OSError as error:
            raise ConfigError(
                f"cannot use {output}: {error}. Check the bucket, the credentials and the endpoint"
            ) from error
    return Lake(root)
