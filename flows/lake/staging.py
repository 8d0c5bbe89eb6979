"""Rows on their way: what a shard's workers write aside, in parts, before it is decided which rows repeat others.

A part holds the rows of consecutive records, an Arrow file a table: `<chunk>-<first record>.<table>.arrow`. Two columns
more than the lake's say which record a row came from. A chunk is a stretch of records that ends up in one set of files,
so that memory stays bounded for a shard of any length.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from flows.lake.files import disk_errors
from flows.lake.schema import TABLES, schema

ORDINAL, FORMAT = "_ordinal", "_format"
SKETCH = "_sketch"  # of articles only: what the search for near duplicates needs, null where it is off
STAGED = ("articles", "removed", "filtered", "quarantine")
PART_ROWS = 2_000
PART_CHARS = 4_000_000
CHUNK_RECORDS = 20_000
CHUNK_BYTES = 256_000_000


@dataclass(slots=True)
class PartWriter:
    """Collects the rows of consecutive records and writes them as parts. `first` is the number of the first record."""

    folder: Path
    first: int
    chunk: int = 0
    _rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {table: [] for table in STAGED})
    _chars: int = 0

    def add(self, table: str, row: Mapping[str, Any], ordinal: int, form: str) -> None:
        """Take one row of record number `ordinal`."""
        self._rows[table].append({**row, ORDINAL: ordinal, FORMAT: form})
        self._chars += 1_000 + len(row.get("text") or "")

    @property
    def full(self) -> bool:
        """Whether it is time to write."""
        return self._chars >= PART_CHARS or sum(map(len, self._rows.values())) >= PART_ROWS

    def flush(self, following: int) -> None:
        """Write what was collected; the next part begins with record number `following`."""
        for table, rows in self._rows.items():
            if rows:
                path = self.folder / f"{self.chunk:04d}-{self.first:09d}.{table}.arrow"
                write_part(path, pa.Table.from_pylist(rows, staged_schema(table)))
                rows.clear()
        self.first = following
        self._chars = 0


@dataclass(slots=True)
class Chunks:
    """Cuts a shard's records into chunks by their number and bytes alone, so that every try cuts alike."""

    number: int = 0
    _records: int = 0
    _bytes: int = 0

    def take(self, size: int) -> bool:
        """Count a record of `size` bytes; True where it begins a new chunk."""
        begins = self._records >= CHUNK_RECORDS or self._bytes >= CHUNK_BYTES
        if begins:
            self.number += 1
            self._records = self._bytes = 0
        self._records += 1
        self._bytes += size
        return begins


def staged_schema(table: str) -> pa.Schema:
    """The schema of a part of a table."""
    fields = [*schema(table), pa.field(ORDINAL, pa.int64()), pa.field(FORMAT, pa.string())]
    return pa.schema([*fields, pa.field(SKETCH, pa.binary())] if table == "articles" else fields)


def write_part(path: Path, table: pa.Table) -> None:
    """Write an Arrow file. Raises DiskError where the disk does not take it."""
    with disk_errors(path), pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def drop_parts(folder: Path, resume: int) -> None:
    """Remove parts of an earlier try that begin at record number `resume` or later."""
    for path in folder.glob("*.arrow"):
        if int(path.name[5:14]) >= resume:
            path.unlink()


def chunk_numbers(folder: Path) -> list[int]:
    """The chunks of a staged shard, in order."""
    return sorted({int(path.name[:4]) for path in folder.glob("*.arrow")})


def read_chunk(folder: Path, chunk: int, table: str) -> pa.Table:
    """All staged rows of a table in a chunk, in the order of the records; mapped, not copied."""
    paths = sorted(folder.glob(f"{chunk:04d}-*.{table}.arrow"))
    return pa.concat_tables([_map(path) for path in paths]) if paths else staged_schema(table).empty_table()


def read_hashes(folder: Path) -> Iterator[pa.RecordBatch]:
    """What the search for repeats needs of each staged article, in the order of the records.

    Addresses too: those that were forgotten are left out of it.
    """
    columns = [ORDINAL, "id", "url", "canonical_url", "payload_sha256", "text_sha256", "word_count", SKETCH]
    for path in sorted(folder.glob("*.articles.arrow")):
        yield from _map(path).select(columns).to_batches()


def parts(folder: Path) -> Sequence[Path]:
    """Every part of a staged shard."""
    return sorted(folder.glob("*.arrow"))


def _map(path: Path) -> pa.Table:
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).read_all()


assert set(STAGED) < set(TABLES)
