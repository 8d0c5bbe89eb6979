"""Data files made anew from pieces of others: several in one, or one without some of its rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from flows.lake.aside import workshop
from flows.lake.files import disk_errors, file_digest, move_all, sync_file
from flows.lake.ledger import Entry, LakeFile
from flows.lake.pieces import batches, table_of
from flows.lake.place import Lake
from flows.lake.schema import schema
from flows.lake.writer import ROW_GROUP, parquet_options
from flows.versions import fingerprint


@dataclass(frozen=True, slots=True)
class Kept:
    """A piece that goes into a new file, but for the rows `without`, numbers in the old file."""

    shard: str
    piece: LakeFile
    without: frozenset[int] = frozenset()

    @property
    def rows(self) -> int:
        """How many rows go over."""
        return self.piece.rows - len(self.without)


def rewrite(lake: Lake, kept: Sequence[Kept]) -> list[tuple[str, LakeFile]]:
    """Write pieces of one folder into one new file, put it in place; what each shard has in it, in order.

    Nothing lists the file yet. The same pieces give the same name and bytes. No rows, no file.
    """
    kept = [found for found in kept if found.rows]
    if not kept:
        return []
    path = f"{kept[0].piece.path.rpartition('/')[0]}/{_name(kept)}"
    with workshop(lake, "rewrite") as folder:
        _write(lake, kept, folder / path)
        sync_file(folder / path)
        size, digest = (folder / path).stat().st_size, file_digest(folder / path)
        move_all(folder, lake.root, [path])
    return list(_places(kept, LakeFile(path, 0, size, digest)))


def with_files(entry: Entry, gone: Iterable[str], new: Iterable[LakeFile]) -> Entry:
    """An entry with other files."""
    gone = set(gone)
    files = [file for file in entry.files if file.path not in gone]
    return replace(entry, files=tuple(sorted([*files, *new], key=lambda file: (file.path, file.first))))


def conform(batch: pa.RecordBatch, wanted: pa.Schema) -> pa.RecordBatch:
    """Rows of a file that an older version wrote, with today's columns: those it did not have are null."""
    columns = [
        batch.column(field.name).cast(field.type)
        if field.name in batch.schema.names
        else pa.nulls(batch.num_rows, field.type)
        for field in wanted
    ]
    return pa.RecordBatch.from_arrays(columns, schema=wanted)


def _write(lake: Lake, kept: Sequence[Kept], path: Path) -> None:
    table = table_of(kept[0].piece.path)
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with pq.ParquetWriter(path, schema(table), **parquet_options(table)) as writer:
            for group in _groups(_rows(lake, kept, schema(table))):
                writer.write_table(group, row_group_size=ROW_GROUP)


def _rows(lake: Lake, kept: Sequence[Kept], wanted: pa.Schema) -> Iterator[pa.RecordBatch]:
    for found in kept:
        at = found.piece.first
        for batch in batches(lake, found.piece):
            here = range(at, at + batch.num_rows)
            at += batch.num_rows
            if not found.without.isdisjoint(here):
                batch = batch.filter(pa.array([number not in found.without for number in here]))
            yield conform(batch, wanted)


def _groups(found: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Rows in tables of ROW_GROUP rows; the last one takes what is left."""
    held: list[pa.RecordBatch] = []
    rows = 0
    for batch in found:
        while rows + batch.num_rows >= ROW_GROUP:
            take = ROW_GROUP - rows
            yield pa.Table.from_batches([*held, batch.slice(0, take)]).combine_chunks()
            batch = batch.slice(take)
            held, rows = [], 0
        held.append(batch)
        rows += batch.num_rows
    if rows:
        yield pa.Table.from_batches(held).combine_chunks()


def _places(kept: Iterable[Kept], file: LakeFile) -> Iterator[tuple[str, LakeFile]]:
    """Where the rows of each shard lie in the new file; neighbours of one shard are one piece."""
    at = 0
    held: tuple[str, LakeFile] | None = None
    for found in kept:
        if held is not None and held[0] == found.shard:
            held = found.shard, replace(held[1], rows=held[1].rows + found.rows)
        else:
            if held is not None:
                yield held
            held = found.shard, replace(file, rows=found.rows, first=at)
        at += found.rows
    if held is not None:
        yield held


def _name(kept: Iterable[Kept]) -> str:
    made_of: list[Mapping[str, object] | list[object]] = [
        [found.shard, found.piece.path, found.piece.sha256, found.piece.first, found.piece.rows, sorted(found.without)]
        for found in kept
    ]
    return f"{fingerprint(made_of)}-{fingerprint(['rewritten', *made_of])[:8]}-0000.parquet"
