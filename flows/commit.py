"""The one committer: takes staged shards in the order of the plan, resolves, has them published, keeps the ledger."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

import pyarrow as pa

from flows import events
from flows.cluster import Cluster
from flows.config import Options
from flows.errors import InvariantError, ShardError, WorkerError
from flows.lake.aside import staged_hashes
from flows.lake.files import remove_tree
from flows.lake.forgotten import read_forgotten
from flows.lake.ledger import Entry, enter
from flows.lake.place import Lake
from flows.lake.replaced import Replaced, remove, retire
from flows.lake.tables import read_tables
from flows.near import NearDuplicates
from flows.near_store import forget_sketches
from flows.publish import Published, PublishJob, publish_shard
from flows.resolve import ArticleIndex, Resolved
from flows.runs import Count, Failure
from flows.shard import Shard
from flows.stage import Staged
from flows.storage import location
from flows.versions import fingerprint, recipe, versions
from flows.workers import Broken, PoolClosed, WorkerPool

PUBLISH_TRIES = 3
PUBLISH_REST = 1.0


@dataclass(frozen=True, slots=True)
class _Pending:
    """A shard that is resolved and on its way into place."""

    shard: Shard
    staged: Staged
    resolved: Resolved
    published: Future[Published]


class Committer:
    """Decides and writes in the order of the plan. For one thread; only publishing goes on beside it.

    `entries` is the ledger, kept up to date. `done` is told of each shard that is in the lake.
    """

    def __init__(
        self,
        lake: Lake,
        options: Options,
        pool: WorkerPool | Cluster,
        count: Count,
        entries: dict[str, Entry],
        done: Callable[[Shard, Entry], None],
    ) -> None:
        self._lake, self._options, self._pool, self._count, self._done = lake, options, pool, count, done
        self.entries = entries
        # A table names replaced files until it follows the ledger; they go after that.
        self._stay = bool(options.grace_minutes or read_tables(lake))
        self._forgotten = read_forgotten(lake)
        self._index = ArticleIndex.empty()
        self._near: NearDuplicates | None = None
        self._pending: deque[_Pending] = deque()
        self._failed: set[str] = set()
        self._publishers = ThreadPoolExecutor(pool.size, thread_name_prefix="winnow-publish")

    def begin(self, index: ArticleIndex, near: NearDuplicates | None = None) -> None:
        """Start on a plan, with the index of what the lake holds beside it, and its near duplicates if asked for."""
        self._index, self._near = index, near
        self._failed.clear()  # a plan of an interrupted run may have failed at what this one holds again

    def take(self, shard: Shard, staged: Staged) -> None:
        """Resolve the next shard of the plan and have it published; enter those that are ready."""
        with self._count.timed("resolve"):
            # Read for repeats and for near duplicates: about 2 kB an article, held for one shard at a time.
            hashes = [self._forgotten.spared(batch) for batch in staged_hashes(location(staged.folder))]
            resolved = self._index.resolve(shard.key, hashes)
        resolved, near = self._mark(shard, hashes, resolved)
        self._count.broken += staged.broken
        job = PublishJob(
            str(self._lake.root),
            staged.folder,
            file_name(shard, self._options),
            staged.records,
            resolved.repeats,
            self._forgotten,
            near,
        )
        self._pending.append(_Pending(shard, staged, resolved, self._publishers.submit(self._publish, job)))
        while self._pending and self._pending[0].published.done():
            self._enter_next()

    def _mark(
        self, shard: Shard, hashes: Sequence[pa.RecordBatch], resolved: Resolved
    ) -> tuple[Resolved, tuple[int, ...]]:
        """Look for near duplicates in a shard: what it leans on with them, and which records are to be dropped."""
        if self._near is None:
            return resolved, ()
        repeats = [repeat.ordinal for repeat in resolved.repeats]
        with self._count.timed("near"):
            copies = self._near.take(shard.key, file_name(shard, self._options), hashes, repeats)
        if self._options.dedup != "drop":
            return resolved, ()
        return replace(resolved, leans_on=resolved.leans_on | copies.leans_on), copies.ordinals

    def finish(self) -> None:
        """Enter everything that was taken."""
        with self._count.timed("publish"):
            while self._pending:
                self._enter_next()

    def fail(self, shard: Shard, error: ShardError) -> None:
        """Note a shard that is not done; the next run does it. What it was to replace goes on to count."""
        self._failed.add(shard.key)
        for key in (shard.key, *shard.supersedes):
            if key in self.entries:
                self._index.restore(self._lake, self.entries[key])
                forget_sketches(self._lake, self.entries[key])
        self._count.failures.append(Failure(shard.key, shard.label, str(error)))
        if not isinstance(error, PoolClosed):  # a run that is stopping says so itself, once
            events.shard_failed(shard, str(error))

    def close(self) -> None:
        """Let go of what is still being published."""
        self._publishers.shutdown(cancel_futures=True)

    def _publish(self, job: PublishJob) -> Published:
        lost = ""
        for _ in range(PUBLISH_TRIES):
            try:
                return self._pool.call(publish_shard, job, urgent=True)
            except (Broken, WorkerError) as error:
                lost = str(error)
                self._pool.rest(PUBLISH_REST)
        raise WorkerError(f"the worker that writes the files was lost {PUBLISH_TRIES} times: {lost}")

    def _enter_next(self) -> None:
        pending = self._pending.popleft()
        shard = pending.shard
        try:
            published = pending.published.result()
            if pending.resolved.leans_on & self._failed:
                raise ShardError("it repeats articles of a shard that failed; run again")
        except ShardError as error:
            self.fail(shard, error)
            return
        except InvariantError as error:
            self._count.broken += error.examples
            self._failed.add(shard.key)
            return
        entry = make_entry(shard, pending.staged, published, self._options)
        self._put(entry, replace=shard.replaces)
        remove_tree(self._lake.staged(file_name(shard, self._options)))
        self._count.add(entry)
        self._done(shard, entry)
        events.shard_done(shard, entry, self._lake)

    def _put(self, entry: Entry, *, replace: bool) -> None:
        """Make an entry count, instead of those whose place it takes."""
        old = [self.entries[key] for key in (entry.shard, *entry.supersedes) if key in self.entries]
        notes = [retire(self._lake, before) for before in old]
        enter(self._lake, entry, replace=replace)
        for key in entry.supersedes:
            (self._lake.ledger / f"{key}.json").unlink(missing_ok=True)
            self.entries.pop(key, None)
        self.entries[entry.shard] = entry
        if not self._stay:
            for note in notes:
                remove(self._lake, note, self._listed(note))

    def _listed(self, note: Replaced) -> set[str]:
        """Files of a note that entries list. Only what `winnow compact` made is listed by entries of other shards."""
        own = all(path.rpartition("/")[2].startswith(note.shard) for path in note.files)
        entries = self.entries.values() if not own else [self.entries[key] for key in {note.shard} & set(self.entries)]
        return {file.path for entry in entries for file in entry.files}


def file_name(shard: Shard, options: Options) -> str:
    """What a shard's files are called: its key, the recipe and the generation, so that nothing is ever written over."""
    return f"{shard.key}-{fingerprint([recipe(options.recipe()), shard.generation])[:8]}"


def make_entry(shard: Shard, staged: Staged, published: Published, options: Options) -> Entry:
    """The ledger's entry of a published shard. A trial run holds only the dumps that it looked into."""
    members = shard.members if shard.limit is None else shard.members[: staged.opened]
    return Entry(
        shard=shard.key,
        recipe=recipe(options.recipe()),
        versions=dict(versions()),
        options=_plain(options.recipe()),
        members=tuple(member.covered for member in members),
        formats=published.formats,
        kinds=published.kinds,
        reasons=published.reasons,
        languages=published.languages,
        files=published.files,
        limit=shard.limit,
        generation=shard.generation,
        supersedes=shard.supersedes,
        sites=shard.sites,
    )


def _plain(options: Mapping[str, object]) -> dict[str, object]:
    """Options that were set: the others may get new defaults without making entries look different."""
    return {name: value for name, value in options.items() if value not in (None, ())}
