"""Clusters of near duplicates: what is linked, directly or through others. A cluster is named by its smallest id.

The table `clusters/` lists every text that has a near duplicate, and is written anew after each run that changed it:
join it with the others by `id`. What the clusters are depends on the texts alone, not on the order they came in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from io import BytesIO

import pyarrow as pa
import pyarrow.parquet as pq

from flows.lake.files import write_whole
from flows.lake.place import Lake
from flows.lake.schema import schema

FILE = "clusters/clusters.parquet"
Link = tuple[int, int]


class Union:
    """Numbers joined to sets (Tarjan's union-find). Only numbers that were joined take memory."""

    def __init__(self) -> None:
        self._parents: dict[int, int] = {}

    def find(self, number: int) -> int:
        """The number that stands for the set."""
        parents = self._parents
        root = number
        while (parent := parents.get(root, root)) != root:
            root = parent
        while (parent := parents.get(number, root)) != root:
            parents[number] = root
            number = parent
        return root

    def join(self, one: int, other: int) -> None:
        """Make two sets one."""
        first, second = sorted((self.find(one), self.find(other)))
        if first != second:
            self._parents[second] = first
            self._parents.setdefault(first, first)

    def sets(self) -> Iterator[list[int]]:
        """Every set of more than one number, sorted."""
        found: dict[int, list[int]] = {}
        for number in sorted(self._parents):
            found.setdefault(self.find(number), []).append(number)
        yield from found.values()


def cluster_rows(
    members: Iterable[tuple[str, int]], similarity: Callable[[int, int], float]
) -> Iterator[dict[str, object]]:
    """The rows of one cluster of (id, number): the one with the smallest id names it, the others are its duplicates."""
    (name, first), *others = sorted(members)
    yield {"id": name, "cluster": name, "duplicate_of": None, "similarity": None}
    for identity, number in others:
        yield {"id": identity, "cluster": name, "duplicate_of": name, "similarity": similarity(first, number)}


def write_clusters(lake: Lake, rows: Iterable[dict[str, object]]) -> bool:
    """Put the table into the lake, sorted by cluster and id; False where it is what stands there."""
    ordered = sorted(rows, key=lambda row: (str(row["cluster"]), str(row["id"])))
    table = pa.Table.from_pylist(ordered, schema("clusters"))
    data = BytesIO()
    pq.write_table(table, data, compression="zstd", use_dictionary=["cluster", "duplicate_of"])
    path = lake.root / FILE
    if path.is_file() and path.read_bytes() == data.getvalue():
        return False
    if not ordered and not path.is_file():
        return False
    write_whole(path, data.getvalue())
    return True
