"""What a person sees while a run goes on: one line a shard at work, one for the whole. On a terminal only."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from flows.child import Beat
from flows.lake.ledger import Entry, Tally
from flows.shard import Shard

if TYPE_CHECKING:
    from rich.text import Text


class _Documents(TextColumn):
    """Documents done, asked for each time the line is drawn."""

    def __init__(self, progress: Progress) -> None:
        super().__init__("")
        self._progress = progress

    def render(self, task: object) -> Text:
        from rich.text import Text

        return Text(f"{self._progress.documents:,} documents")


class Progress:
    """Counts shards and documents. Safe from threads; draws nothing unless `shown` on a terminal."""

    def __init__(self, bars: Bars | None = None) -> None:
        self._bars = bars
        self._lock = threading.Lock()
        self._beats: dict[str, Beat] = {}
        self._whole: TaskID | None = None
        self.shards = self.shards_done = 0
        self.total = Tally()

    @classmethod
    @contextmanager
    def shown(cls) -> Iterator[Progress]:
        """Progress that is drawn on stderr where that is a terminal."""
        console = Console(stderr=True)
        if not console.is_terminal:
            yield cls()
            return
        progress = cls()
        columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
        with Bars(*columns, _Documents(progress), TimeElapsedColumn(), console=console, transient=True) as bars:
            progress._bars = bars
            yield progress

    @property
    def documents(self) -> int:
        """Documents in the lake from this run, and those that workers have done of the shards at hand."""
        with self._lock:
            return self.total.records + sum(beat.ordinal for beat in self._beats.values() if beat.at_work)

    @property
    def share(self) -> float:
        """Percent of the shards that are done."""
        return 100.0 * self.shards_done / self.shards if self.shards else 100.0

    def plan(self, shards: Sequence[Shard]) -> None:
        """Begin on a plan."""
        self.shards += len(shards)
        if self._bars is not None:
            if self._whole is None:
                self._whole = self._bars.add_task("shards", total=0)
            self._bars.update(self._whole, total=self.shards)

    def watch(self, shard: Shard, beat: Beat | None) -> None:
        """A worker begins with a shard (its beat is given) or lets go of it (None)."""
        with self._lock:
            if beat is None:
                self._beats.pop(shard.key, None)
            else:
                self._beats[shard.key] = beat

    def done(self, shard: Shard, entry: Entry) -> None:
        """A shard is in the lake."""
        self.total += entry.total
        self._advance(shard)

    def failed(self, shard: Shard) -> None:
        """A shard is not done in this run."""
        self._advance(shard)

    def _advance(self, shard: Shard) -> None:
        self.shards_done += 1
        if self._bars is not None and self._whole is not None:
            self._bars.update(self._whole, completed=self.shards_done, description=shard.label[:40])
