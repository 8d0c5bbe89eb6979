"""Site memory of a run: learnt from its dumps at plan time, kept in the lake, frozen for the shards of the plan.

The dumps are read twice before they are cleaned: once for the addresses of their pages, and once for the lines of a
sample of each host's. Reading is a fiftieth of the work of cleaning, and the sample is bounded.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from heapq import nsmallest
from typing import Any, Protocol, TypeVar

from cleaners.sites import LEAST_PAGES, MOST_PAGES, SeenPage, Site, learnt, merge
from flows.clean_shard import load_cleaner
from flows.config import Options
from flows.errors import ShardError
from flows.lake.ledger import Entry
from flows.lake.place import Lake
from flows.plan import Plan
from flows.shard import Shard
from flows.sites_store import (
    Memory,
    Override,
    Snapshot,
    drop_snapshots,
    hashes,
    load_snapshot,
    read_memory,
    read_overrides,
    snapshot_path,
    write_memory,
    write_snapshot,
)
from flows.sites_survey import Counted, Remembered, count_pages, read_pages
from flows.workers import Broken, PoolClosed

# Pages that are read for the memory: at least so many, and of a large run a tenth of its records.
LEAST_BUDGET = 2_000
BUDGET_SHARE = 0.1

Answer = TypeVar("Answer")


class Pool(Protocol):
    """Workers that can be called: of this machine, or of a cluster."""

    @property
    def size(self) -> int:
        """How many there are."""

    def call(self, function: Callable[..., Answer], *arguments: Any) -> Answer:
        """Have one do `function(*arguments, beat)`."""


Wanted = Mapping[str, frozenset[tuple[int, int]]]


def freeze(plan: Plan, options: Options, lake: Lake, entries: Mapping[str, Entry], pool: Pool) -> Plan:
    """The plan, its shards naming the snapshot of the site memory that they are cleaned with.

    New dumps are learnt from first, unless the run takes only some records. Snapshots that nothing names any more go.
    """
    if not (plan.shards and options.sites and takes_sites(options.cleaner)):
        return plan
    memory, texts = read_memory(lake), _known_texts(lake, entries)
    fresh = [shard for shard in plan.shards if shard.limit is None]
    if fresh and (found := survey(fresh, options, memory, pool)):
        memory = _merged(memory, found)
        texts |= {(host, line): text for host, held in found.items() for line, text in held.texts.items()}
        write_memory(lake, memory)
    digest = write_snapshot(lake, Snapshot(_sites(memory, read_overrides(lake)), texts))
    drop_snapshots(lake, {digest, *(entry.sites for entry in entries.values())})
    return replace(plan, shards=tuple(replace(shard, sites=digest) for shard in plan.shards))


def takes_sites(cleaner: str) -> bool:
    """Whether a cleaner, named as module:function, has the parameter `sites`; one that cannot be loaded has not."""
    try:
        return "sites" in inspect.signature(load_cleaner(cleaner)).parameters
    except ShardError:  # each shard says so
        return False


def survey(shards: Sequence[Shard], options: Options, memory: Memory, pool: Pool) -> dict[str, Remembered]:
    """A sample of the pages of each host that has enough of them, together with those remembered, to tell something."""
    counted: dict[str, Counted] = {}
    for part in _each(pool, count_pages, shards, options):
        for host, found in part.items():
            held = counted.get(host, Counted(0, ()))
            ranks = nsmallest(MOST_PAGES, {*held.ranks, *found.ranks})
            counted[host] = Counted(held.records + found.records, tuple(ranks))
    wanted = _wanted(counted, memory)
    if not wanted:
        return {}
    pages: dict[str, list[SeenPage]] = {}
    texts: dict[str, dict[int, str]] = {}
    for read in _each(pool, read_pages, shards, options, wanted):
        for host, remembered in read.items():
            pages.setdefault(host, []).extend(remembered.pages)
            texts.setdefault(host, {}).update(remembered.texts)
    return {host: Remembered(merge(found), texts[host]) for host, found in pages.items()}


def _each(pool: Pool, work: Callable[..., Answer], shards: Sequence[Shard], *more: Any) -> Iterable[Answer]:
    """What workers find in each shard; a shard that breaks its worker tells nothing here, and cleaning says why."""

    def one(shard: Shard) -> Answer | None:
        try:
            return pool.call(work, shard, *more)
        except PoolClosed:
            raise
        except (Broken, ShardError):
            return None

    with ThreadPoolExecutor(pool.size) as threads:
        yield from (answer for answer in threads.map(one, shards) if answer is not None)


def _wanted(counted: Mapping[str, Counted], memory: Memory) -> Wanted:
    """The pages to read, by host: of hosts with enough pages, the largest first, within the budget."""
    budget = max(LEAST_BUDGET, BUDGET_SHARE * sum(found.records for found in counted.values()))
    wanted: dict[str, frozenset[tuple[int, int]]] = {}
    for host, found in sorted(counted.items(), key=lambda item: (-item[1].records, item[0])):
        if len(found.ranks) + len(memory.get(host, ())) < LEAST_PAGES:
            continue
        budget -= len(found.ranks)
        if budget < 0:
            break
        wanted[host] = frozenset(found.ranks)
    return wanted


def _merged(memory: Memory, found: Mapping[str, Remembered]) -> Memory:
    return {
        host: merge([*memory.get(host, ()), *(found[host].pages if host in found else ())])
        for host in {*memory, *found}
    }


def _sites(memory: Memory, overrides: Mapping[str, Override]) -> dict[str, Site]:
    """What is learnt, with what the user said of it; hosts of which nothing is known are left out."""
    found = {}
    for host in sorted({*memory, *overrides}):
        said = overrides.get(host, Override())
        pages = memory.get(host, ())
        site = learnt(pages) if len(pages) >= LEAST_PAGES else Site(len(pages))
        if site.lines or said != Override():
            found[host] = replace(site, keep=hashes(said.keep), cut=hashes(said.cut))
    return found


def _known_texts(lake: Lake, entries: Mapping[str, Entry]) -> dict[tuple[str, int], str]:
    """What the lines of earlier snapshots look like."""
    paths = {snapshot_path(lake, entry.sites) for entry in entries.values() if entry.sites}
    snapshots = [load_snapshot(str(path)) for path in sorted(paths) if path.is_file()]
    return {place: text for snapshot in snapshots for place, text in snapshot.texts.items()}
