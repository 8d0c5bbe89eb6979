"""Pieces: the rows that a shard has in a data file, read and counted whether or not the file is the shard's own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.parquet as pq

from flows.lake.ledger import Entry, LakeFile
from flows.lake.place import Lake


@dataclass(frozen=True, slots=True)
class Shared:
    """A data file and the pieces that entries have in it, as (key of the shard, piece), in the order of the rows."""

    path: str
    pieces: tuple[tuple[str, LakeFile], ...]

    @property
    def file(self) -> LakeFile:
        """The file as a whole; its rows are those that an entry counts."""
        return replace(self.pieces[0][1], rows=sum(piece.rows for _, piece in self.pieces), first=0)

    @property
    def folder(self) -> str:
        """The folder it lies in: for articles the partition."""
        return self.path.rpartition("/")[0]


def table_of(path: str) -> str:
    """The table that a data file belongs to.

    >>> table_of("articles/language=en/month=2024-01/a.parquet")
    'articles'
    """
    return path.partition("/")[0]


def shared_files(entries: Iterable[Entry], table: str | None = None) -> dict[str, Shared]:
    """Every data file that entries list, of one table or all, by path, sorted."""
    pieces: defaultdict[str, list[tuple[str, LakeFile]]] = defaultdict(list)
    for entry in entries:
        for file in entry.files:
            if table in (None, table_of(file.path)):
                pieces[file.path].append((entry.shard, file))
    return {path: Shared(path, tuple(sorted(pieces[path], key=_place))) for path in sorted(pieces)}


def batches(
    lake: Lake, piece: LakeFile, columns: Sequence[str] | None = None, rows: int = 8_192
) -> Iterator[pa.RecordBatch]:
    """The rows of a piece in batches; row groups that hold none of them are not read.

    Columns that the file does not have, since an older version wrote it, are left out.
    """
    with open_parquet(lake, piece.path) as file:
        found = None if columns is None else [name for name in columns if name in file.schema_arrow.names]
        at = 0
        for group in range(file.num_row_groups):
            size = file.metadata.row_group(group).num_rows
            start, stop = max(piece.first, at), min(piece.first + piece.rows, at + size)
            if start < stop:
                yield from _part(file.iter_batches(rows, [group], columns=found), start - at, stop - at)
            at += size


@contextmanager
def open_parquet(lake: Lake, path: str) -> Iterator[pq.ParquetFile]:
    """A data file of the lake, to be read."""
    with (lake.root / path).open("rb") as source, pq.ParquetFile(source) as file:
        yield file


def column_values(lake: Lake, piece: LakeFile, columns: Sequence[str]) -> Iterator[Mapping[str, list[object]]]:
    """The values of some columns, a batch after the other."""
    for batch in batches(lake, piece, columns):
        yield batch.to_pydict()


def _part(found: Iterable[pa.RecordBatch], start: int, stop: int) -> Iterator[pa.RecordBatch]:
    """Rows `start` to `stop` of what batches hold together."""
    at = 0
    for batch in found:
        begin, end = max(start - at, 0), min(stop - at, batch.num_rows)
        if begin < end:
            yield batch.slice(begin, end - begin)
        at += batch.num_rows


def _place(piece: tuple[str, LakeFile]) -> tuple[int, str]:
    return piece[1].first, piece[0]
