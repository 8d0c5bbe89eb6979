"""stage: a shard's records are read and cleaned by a worker, and their rows written aside.

When a worker is lost at a record, what it had saved stays; the rest is done again by a new one, the suspect alone and
first in a fresh process, with more time. A record that breaks its worker a second time goes to quarantine, and the
shard goes on behind it. So a hostile record costs itself, and a bystander nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from flows import events
from flows.clean_shard import Condemned, Finished, Paused, StageJob, stage_records
from flows.config import Options
from flows.errors import WorkerError
from flows.lake.aside import find_aside, set_aside, workshop
from flows.lake.place import Lake
from flows.shard import Shard
from flows.sites_store import snapshot_path
from flows.versions import versions
from flows.workers import Beat, Broken, WorkerPool

# More than so many records of one shard that break a worker, and it is the worker, or this program.
MOST_BROKEN = 200
# As often may a worker of one shard be lost while it is at no record: it starts, or writes.
MOST_IDLE = 5
# Seconds before a shard at which workers fail is tried again, and again.
BACK_OFF = (2.0, 10.0)


@dataclass(frozen=True, slots=True)
class Staged:
    """A shard that was cleaned: where its parts lie, how many records of each format it held, of how many dumps.

    `broken` are sentences about documents whose account does not add up: a fault of this program.
    """

    shard: str
    folder: str
    records: Mapping[str, int]
    opened: int
    broken: tuple[str, ...] = ()


@dataclass(slots=True)
class _Trial:
    """What is known about the records that broke a worker. `suspect` is the one that is tried again, alone."""

    resume: int = 0
    suspect: int | None = None
    condemned: dict[int, Condemned] = field(default_factory=dict)
    lost_idle: int = 0

    @property
    def hopeless(self) -> bool:
        """Whether it is no longer the records that are to blame."""
        return self.lost_idle >= MOST_IDLE or len(self.condemned) > MOST_BROKEN

    @property
    def alone(self) -> bool:
        """Whether the suspect is the very next record."""
        return self.suspect == self.resume

    def attempt(self, job: StageJob) -> StageJob:
        """The job that comes next."""
        pause = None if self.alone else self.suspect
        harmed = self.suspect is not None or bool(self.condemned) or self.lost_idle > 0
        return replace(job, resume=self.resume, pause=pause, condemned=dict(self.condemned), one_by_one=harmed)

    def lost(self, broken: Broken) -> None:
        """Learn from a worker that was lost."""
        beat, ordinal = broken.beat, broken.ordinal
        self.resume = max(self.resume, beat.saved)
        if ordinal is None:
            self.lost_idle += 1
        elif ordinal == self.suspect:
            member = beat.member if beat.reading else None
            self.condemned[ordinal] = Condemned(broken.reason, broken.detail, member)
            self.suspect = None
        else:
            self.suspect = ordinal


def stage(
    shard: Shard, options: Options, lake: Lake, name: str, pool: WorkerPool, watch: Callable[[Beat | None], None]
) -> Staged:
    """Clean a shard and write its rows aside, under `name`; what an interrupted run finished is taken as it is.

    Raises ShardError where the shard cannot be done, DiskError where the disk does not take it.
    """
    found = find_aside(lake, name)
    if found is None:
        with workshop(lake, name) as folder:
            sites = str(snapshot_path(lake, shard.sites)) if shard.sites else ""
            done = _insist(StageJob(shard, options, str(folder), versions(), sites=sites), pool, watch)
            staged = {"shard": shard.key, "records": dict(done.records), "opened": done.opened}
            found = set_aside(folder, lake, name, {**staged, "broken": list(done.broken)})
    place, known = found
    return Staged(known["shard"], str(place), known["records"], known["opened"], tuple(known["broken"]))


def _insist(job: StageJob, pool: WorkerPool, watch: Callable[[Beat | None], None]) -> Finished:
    """Have the job done; where workers fail at it and no record is to blame, again after a while, from its beginning.

    A machine that has no memory or no process to spare may have some later.
    """
    for seconds in BACK_OFF:
        try:
            return _clean(job, pool, watch)
        except WorkerError:
            pool.rest(seconds)
    return _clean(job, pool, watch)


def _clean(job: StageJob, pool: WorkerPool, watch: Callable[[Beat | None], None]) -> Finished:
    """Have the job done, by as many workers as it takes."""
    trial = _Trial()
    found: list[str] = []
    while not trial.hopeless:
        trusted = trial.resume if trial.alone else -1
        try:
            answer = pool.call(stage_records, trial.attempt(job), trusted=trusted, fresh=trial.alone, watch=watch)
        except Broken as broken:
            events.worker_lost(job.shard, broken)
            trial.lost(broken)
            continue
        found += answer.broken
        if not isinstance(answer, Paused):
            return replace(answer, broken=tuple(found))
        trial.resume = answer.ordinal
    raise WorkerError(f"{job.shard.label}: workers break again and again; see the messages above, and report it")
