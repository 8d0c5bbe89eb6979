"""Where things lie in a lake."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

DATA = ("articles", "removed", "duplicates", "filtered", "quarantine")


@dataclass(frozen=True, slots=True)
class Lake:
    """The folders of one output directory.

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
    def lock(self) -> Path:
        """Says which run holds the lake."""
        return self.root / "_lock"

    def staged(self, shard: str) -> Path:
        """Where a shard's rows lie between stage and publish."""
        return self.staging / shard

    def data_files(self) -> list[Path]:
        """Every file under the data folders, relative to the root, sorted; what begins with `_` is a table's log."""
        found = [path for table in DATA for path in (self.root / table).rglob("*") if path.is_file()]
        inside = (path.relative_to(self.root) for path in found)
        return sorted(path for path in inside if not any(part.startswith("_") for part in path.parts[:-1]))
