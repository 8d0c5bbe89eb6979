"""What workers do for the site memory: read dumps and remember pages, before anything is cleaned."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cleaners.comparable import Prepared, prepare
from cleaners.document import RawRecord
from cleaners.errors import RecordError
from cleaners.recipe import read_page
from cleaners.sites import MOST_PAGES, SeenPage, line_hash, lines_of, page_address, seen_page, site_host
from flows.blame import BUGS
from flows.child import Beat
from flows.clean_shard import ShardReader
from flows.config import Options
from flows.shard import Shard

LONGEST_SHOWN = 200  # characters of a line that `winnow sites` can show

Ranks = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """The pages of a host in a shard: how many records, and the ranks of those that would be remembered."""

    records: int
    ranks: Ranks


@dataclass(frozen=True, slots=True)
class Remembered:
    """Pages of a host, and their lines as a person can read them, by hash."""

    pages: tuple[SeenPage, ...]
    texts: Mapping[int, str]


def count_pages(shard: Shard, options: Options, beat: Beat) -> dict[str, Counted]:
    """The hosts of a shard's records. Nothing is cleaned."""
    records: dict[str, int] = {}
    heaps: dict[str, list[tuple[int, int]]] = {}
    for host, record in _addressed(shard, options, beat):
        records[host] = records.get(host, 0) + 1
        heap = heaps.setdefault(host, [])
        worst_first = (_month(record), -page_address(record.url or ""))
        if worst_first not in heap:
            (heapq.heappush if len(heap) < MOST_PAGES else heapq.heappushpop)(heap, worst_first)
    return {host: Counted(records[host], tuple(sorted((-m, -a) for m, a in heaps[host]))) for host in records}


def read_pages(
    shard: Shard, options: Options, wanted: Mapping[str, frozenset[tuple[int, int]]], beat: Beat
) -> dict[str, Remembered]:
    """The pages of a shard that are to be remembered: those whose ranks are `wanted`."""
    pages: dict[str, list[SeenPage]] = {}
    texts: dict[str, dict[int, str]] = {}
    for host, record in _addressed(shard, options, beat):
        month, address = _month(record), page_address(record.url or "")
        if (-month, address) not in wanted.get(host, ()):
            continue
        prepared = _prepared(record)
        if prepared is not None:
            pages.setdefault(host, []).append(seen_page(prepared, month, address))
            texts.setdefault(host, {}).update(_shown(prepared))
    return {host: Remembered(tuple(found), texts[host]) for host, found in pages.items()}


def _addressed(shard: Shard, options: Options, beat: Beat) -> Iterator[tuple[str, RawRecord]]:
    """The records of a shard that have an address, with their hosts."""
    reader = ShardReader(shard, options, beat)
    for ordinal, item in enumerate(_reading(reader, beat)):
        if isinstance(item, RawRecord) and (host := site_host(item.url)):
            beat.clean(ordinal)
            yield host, item
    beat.rest()


def _reading(reader: ShardReader, beat: Beat) -> Iterator[object]:
    ordinal = 0
    while True:
        beat.read(ordinal)
        item = next(reader, None)
        if item is None:
            return
        yield item
        ordinal += 1


def _month(record: RawRecord) -> int:
    """The month a page was fetched, counted from year 0; 0 where the dump does not say."""
    return record.fetched.year * 12 + record.fetched.month if record.fetched is not None else 0


def _prepared(record: RawRecord) -> Prepared | None:
    """The comparable lines of a record, None for what is no text; cleaning it says why."""
    try:
        return prepare(read_page(record)[1].blocks)
    except (RecordError, *BUGS):
        return None


def _shown(prepared: Prepared) -> dict[int, str]:
    raws = (" ".join(block.text.split()) for block in prepared.blocks)
    return {line_hash(line): raw[:LONGEST_SHOWN] for line, raw in zip(lines_of(prepared), raws, strict=True) if line}
