"""Near duplicates: which texts of the lake, and of the run, are the same story.

For the committer's thread: shard after shard, in the order of the plan. A text's candidates are those that share a
MinHash band with it; a pair counts from a Jaccard similarity of 0.8. Pairs that are in one cluster already are not
compared again: that does not change the clusters, and makes a thousand copies of one page cost a thousand comparisons.
"""

from __future__ import annotations

import shutil
import tempfile
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from flows.clusters import FILE, Union, cluster_rows, write_clusters
from flows.lake.files import disk_errors, make_folder, write_whole
from flows.lake.forgotten import read_forgotten
from flows.lake.ledger import Entry
from flows.lake.place import Lake
from flows.lake.staging import ORDINAL, SKETCH
from flows.near_index import BandIndex, write_segment
from flows.near_sketch import Sketch, jaccard, may_reach
from flows.near_store import Stored, drop_unlisted, forget_sketches, name_of, places, read_stored, stored, write_stored
from flows.scratch import new_scratch
from flows.versions import fingerprint

if TYPE_CHECKING:
    from flows.runs import Count

SIMILAR = 0.8
REASON = "near_duplicate"
_STATE = "state"


@dataclass(frozen=True, slots=True)
class Copies:
    """Records of a shard that are near duplicates of earlier texts, and the shards of this run that hold those."""

    ordinals: tuple[int, ...] = ()
    leans_on: frozenset[str] = frozenset()


class NearDuplicates:
    """The texts of a lake by what they are near to. `close` it: it keeps files in a temporary folder."""

    def __init__(self, lake: Lake, entries: Iterable[Entry]) -> None:
        self._lake = lake
        with disk_errors(Path(tempfile.gettempdir())):
            self._folder = new_scratch()
        self._union = Union()
        self._shards: list[Stored] = []
        self._firsts: list[int] = []
        self._owners: list[str] = []
        make_folder(lake.near)
        self._load(list(entries))

    def close(self) -> None:
        """Remove the temporary folder."""
        self._shards.clear()
        shutil.rmtree(self._folder, ignore_errors=True)

    def take(self, shard: str, name: str, batches: Iterable[pa.RecordBatch], repeats: Iterable[int] = ()) -> Copies:
        """Take in a staged shard; `repeats` are the ordinals of its records that are duplicates already."""
        ordinals: list[int] = []
        texts: list[tuple[str, bytes]] = []
        for batch in batches:
            for ordinal, identity, sketch in zip(*(batch[key] for key in (ORDINAL, "id", SKETCH)), strict=True):
                if sketch.is_valid:
                    ordinals.append(ordinal.as_py())
                    texts.append((identity.as_py(), sketch.as_py()))
        first = len(self._index)
        links = self._link(stored(name, texts), shard)
        known = set(repeats)
        copies = {one: other for one, other in links if ordinals[one - first] not in known}
        owners = {self._owners[self._shard_of(other)] for other in copies.values()}
        return Copies(tuple(sorted(ordinals[one - first] for one in copies)), frozenset(owners - {shard, ""}))

    def rows(self, forgotten: frozenset[str] = frozenset()) -> Iterator[dict[str, object]]:
        """The rows of the table of clusters, but for texts that were taken down."""
        for numbers in self._union.sets():
            members = {self._id(number): number for number in reversed(numbers)}
            kept = [(identity, number) for identity, number in members.items() if identity not in forgotten]
            if len(kept) > 1:
                yield from cluster_rows(kept, lambda one, other: jaccard(self._sketch(one), self._sketch(other)))

    def write(self, forgotten: frozenset[str] = frozenset()) -> bool:
        """Write the table of clusters; False where it stands already."""
        return write_clusters(self._lake, self.rows(forgotten))

    def _load(self, entries: Sequence[Entry]) -> None:
        """Take up what the lake holds; where its links do not hold any more all of them are looked for again."""
        found = [read_stored(self._lake, entry) for entry in entries]
        linked = [shard for shard in found if shard.links is not None]
        links = np.concatenate([np.zeros((0, 2), np.uint64), *(s.links for s in linked if s.links is not None)])
        numbers = places(linked, links.ravel())
        if len(numbers) < len(np.unique(links)):
            linked = []
        done = {shard.name for shard in linked}
        path = self._folder / "bands"
        self._index = BandIndex(write_segment([shard.bands() for shard in linked], path))
        for shard in linked:
            self._keep(shard, "")
        for one, other in links.tolist() if linked else ():
            self._union.join(numbers[one], numbers[other])
        for shard in found:
            if shard.name not in done:
                self._link(shard, "")

    def _link(self, shard: Stored, owner: str) -> list[tuple[int, int]]:
        """Number the texts of a shard, find what each is near to among those before it, and keep that in the lake."""
        first = len(self._index)
        bands = shard.bands()
        self._index.add(bands)
        self._keep(shard, owner)
        links = [
            link
            for rows, known in self._index.candidates(bands)
            for row, group in groupby(zip(rows.tolist(), known.tolist(), strict=True), key=lambda pair: pair[0])
            for link in self._near_to(first + row, (number for _, number in group))
        ]
        keys = [[self._key(one), self._key(other)] for one, other in links]
        written = write_stored(self._lake, shard, np.array(keys, np.uint64).reshape(-1, 2))
        self._shards[-1] = written
        return links

    def _near_to(self, number: int, candidates: Iterable[int]) -> Iterator[tuple[int, int]]:
        """Links from a text to earlier ones, one a cluster."""
        sketch: Sketch | None = None
        for other in candidates:
            if other >= number or self._union.find(other) == self._union.find(number):
                continue
            sketch = sketch or self._sketch(number)
            if self._is_near(sketch, self._sketch(other)):
                self._union.join(number, other)
                yield number, other

    @staticmethod
    def _is_near(one: Sketch, other: Sketch) -> bool:
        return may_reach(one, other, SIMILAR) and jaccard(one, other) >= SIMILAR

    def _keep(self, shard: Stored, owner: str) -> None:
        self._firsts.append(self._firsts[-1] + len(self._shards[-1]) if self._shards else 0)
        self._shards.append(shard)
        self._owners.append(owner)

    def _shard_of(self, number: int) -> int:
        return bisect_right(self._firsts, number) - 1

    def _sketch(self, number: int) -> Sketch:
        at = self._shard_of(number)
        return self._shards[at].sketch(number - self._firsts[at])

    def _id(self, number: int) -> str:
        at = self._shard_of(number)
        return self._shards[at].id(number - self._firsts[at])

    def _key(self, number: int) -> int:
        return int(self._id(number)[:16], 16)


@contextmanager
def near_duplicates(
    dedup: str, lake: Lake, counted: Iterable[Entry], entries: Mapping[str, Entry], busy: bool, count: Count
) -> Iterator[NearDuplicates | None]:
    """The near duplicates of the shards `counted`, None where not asked for; their table is written at the end.

    Sketches of shards that are in no entry are removed, before and after. A run that is not `busy` leaves a
    table that stands for all `entries` as it is.
    """
    if dedup == "off" or not (busy or _state(lake) != _standing(entries)):
        yield None
        return
    with count.timed("near"):
        drop_unlisted(lake, entries.values())
        near = NearDuplicates(lake, counted)
    try:
        yield near
        with count.timed("near"):
            near.write(read_forgotten(lake).ids)
            write_whole(lake.near / _STATE, _standing(entries))
            drop_unlisted(lake, entries.values())
    finally:
        near.close()


def forget_near(lake: Lake, entries: Iterable[Entry], ids: Collection[str]) -> None:
    """Take what is known of texts that were taken down out of the lake: sketches of their shards, and their clusters.

    The next run that looks for near duplicates makes both anew, without these texts.
    """
    for entry in entries:
        forget_sketches(lake, entry)
    (lake.near / _STATE).unlink(missing_ok=True)
    path = lake.root / FILE
    if path.is_file():
        with path.open("rb") as source:
            rows = pq.read_table(source).to_pylist()
        gone = {row["cluster"] for row in rows if row["id"] in ids}
        write_clusters(lake, [row for row in rows if row["cluster"] not in gone])


def _standing(entries: Mapping[str, Entry]) -> bytes:
    """What stands for the shards that the table holds."""
    return fingerprint(sorted(map(name_of, entries.values()))).encode()


def _state(lake: Lake) -> bytes:
    path = lake.near / _STATE
    return path.read_bytes() if path.is_file() else b""
