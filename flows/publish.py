"""publish: a staged shard becomes Parquet files without what repeats, and they are put in place when all are complete.

Runs in a worker. The shard's ledger entry comes last and from the committer; until then nothing counts.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from flows.child import Beat
from flows.errors import InvariantError
from flows.lake.aside import fetched
from flows.lake.files import file_digest, move_all, sync_file
from flows.lake.forgotten import NOTHING, Forgotten
from flows.lake.ledger import LakeFile, Tally
from flows.lake.schema import schema
from flows.lake.staging import FORMAT, ORDINAL, chunk_numbers, read_chunk
from flows.lake.writer import partitions, write_parquet
from flows.near import REASON
from flows.resolve import Repeat, repeats_table
from flows.storage import is_remote, location


@dataclass(frozen=True, slots=True)
class PublishJob:
    """A staged shard, what repeats in it, and what must not come back.

    Files are called `name` and the number of their chunk. `near` are the ordinals of near duplicates to be dropped.
    """

    root: str
    folder: str
    name: str
    records: Mapping[str, int]
    repeats: tuple[Repeat, ...]
    forgotten: Forgotten = NOTHING
    near: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Published:
    """What a shard brought into the lake."""

    files: tuple[LakeFile, ...]
    formats: Mapping[str, Tally]
    kinds: Mapping[str, int]
    reasons: Mapping[str, int]
    languages: Mapping[str, int]


def publish_shard(job: PublishJob, beat: Beat) -> Published:
    """Write a shard's files and put them in place; all of it, or nothing that counts.

    Raises InvariantError where records in are not articles + duplicates + filtered + quarantined, DiskError where the
    disk does not take the files.
    """
    beat.rest()
    with fetched(job.folder) as staged:
        return _publish(job, staged, staged / "out")


def _publish(job: PublishJob, staged: Path, out: Path) -> Published:
    shutil.rmtree(out, ignore_errors=True)
    repeats = repeats_table(job.repeats)
    counts = _Counts({form: Tally(records=records) for form, records in job.records.items()})
    there = is_remote(job.root)
    files: list[LakeFile] = []
    for chunk in chunk_numbers(staged):
        for table, folder, rows in _tables(staged, chunk, repeats, job, counts):
            path = f"{folder}/{job.name}-{chunk:04d}.parquet"
            write_parquet(table, rows, out / path)
            if not there:  # what goes into a store is read again at once, and then removed
                sync_file(out / path)
            files.append(LakeFile(path, len(rows), (out / path).stat().st_size, file_digest(out / path)))
    counts.check(job.name)
    move_all(out, location(job.root), [file.path for file in files])
    return counts.published(files)


def _tables(
    folder: Path, chunk: int, repeats: pa.Table, job: PublishJob, counts: _Counts
) -> Iterator[tuple[str, str, pa.Table]]:
    """The final tables of a chunk that have rows: (table, folder in the lake, rows)."""
    read = {table: read_chunk(folder, chunk, table) for table in ("articles", "removed", "filtered", "quarantine")}
    if job.forgotten:
        read = _without(read, job.forgotten, counts)
    if job.near:
        read = _without_near(read, pa.array(job.near, pa.int64()))
    staged, removed, filtered, quarantine = read.values()
    repeated = pc.is_in(staged[ORDINAL], value_set=repeats[ORDINAL].combine_chunks())
    articles = staged.filter(pc.invert(repeated))
    duplicates = _duplicates(staged.filter(repeated), repeats)
    removed = removed.filter(pc.invert(pc.is_in(removed[ORDINAL], value_set=repeats[ORDINAL].combine_chunks())))
    counts.add(articles, duplicates, filtered, quarantine)
    yield from (("articles", place, rows) for place, rows in partitions(articles))
    others = {"removed": removed, "duplicates": duplicates, "filtered": filtered, "quarantine": quarantine}
    yield from ((table, table, rows) for table, rows in others.items() if len(rows))


def _without(read: Mapping[str, pa.Table], forgotten: Forgotten, counts: _Counts) -> dict[str, pa.Table]:
    """The staged rows without those of records that are forgotten; these are counted."""
    going = {table: rows.filter(forgotten.among(rows)) for table, rows in read.items()}
    for table in ("articles", "filtered", "quarantine"):
        counts.count(going[table], "forgotten")
    ordinals = pa.chunked_array([column for rows in going.values() for column in rows[ORDINAL].chunks], pa.int64())
    gone = ordinals.combine_chunks()
    return {table: rows.filter(pc.invert(pc.is_in(rows[ORDINAL], value_set=gone))) for table, rows in read.items()}


def _without_near(read: Mapping[str, pa.Table], near: pa.Array) -> dict[str, pa.Table]:
    """The staged rows with near duplicates among the filtered ones, and without what was cut from them."""
    dropped = read["articles"].filter(pc.is_in(read["articles"][ORDINAL], value_set=near))
    reasons = pa.array([REASON] * len(dropped), pa.string())
    wanted = read["filtered"].schema
    rows = pa.table([reasons if name == "reason" else dropped[name] for name in wanted.names], schema=wanted)
    stay = {name: read[name].filter(pc.invert(pc.is_in(read[name][ORDINAL], near))) for name in ("articles", "removed")}
    return {**read, **stay, "filtered": pa.concat_tables([read["filtered"], rows])}


def _duplicates(repeated: pa.Table, repeats: pa.Table) -> pa.Table:
    """Rows of duplicates, with what each repeats, in place of rows of articles."""
    names = [name for name in schema("duplicates").names if name not in ("repeats", "by")]
    return repeated.select([*names, ORDINAL, FORMAT]).join(repeats, ORDINAL)


class _Counts:
    """Adds up what a shard brings."""

    def __init__(self, formats: Mapping[str, Tally]) -> None:
        self.formats = dict(formats)
        self.kinds: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.languages: Counter[str] = Counter()

    def add(self, articles: pa.Table, duplicates: pa.Table, filtered: pa.Table, quarantine: pa.Table) -> None:
        """Count the rows of a chunk."""
        self.count(articles, "articles")
        self.count(duplicates, "duplicates")
        self.count(filtered, "filtered")
        self.count(quarantine, "quarantined")
        for form, kept, cut in zip(*_columns(articles, FORMAT, "char_count", "removed_chars"), strict=True):
            tally = Tally(kept_chars=kept, cut_chars=cut or 0)
            self.formats[form] += tally
        for kinds in articles["removed_kinds"].to_pylist():
            self.kinds.update(dict(kinds or ()))
        self.reasons.update(quarantine["reason"].to_pylist())
        self.languages.update(articles["language"].to_pylist())

    def check(self, name: str) -> None:
        """Raises InvariantError where a format's records do not add up."""
        wrong = [f"shard {name}, {form}: {tally}" for form, tally in self.formats.items() if not tally.balanced]
        if wrong:
            raise InvariantError(wrong)

    def published(self, files: list[LakeFile]) -> Published:
        """The counts beside the files, sorted."""
        ordered = sorted(files, key=lambda file: file.path)
        counted = (dict(sorted(counter.items())) for counter in (self.kinds, self.reasons, self.languages))
        return Published(tuple(ordered), dict(sorted(self.formats.items())), *counted)

    def count(self, rows: pa.Table, column: str) -> None:
        """Count rows as what became of their records."""
        for form, number in Counter(rows[FORMAT].to_pylist()).items():
            tally = self.formats[form]
            self.formats[form] = replace(tally, **{column: getattr(tally, column) + number})


def _columns(table: pa.Table, *names: str) -> list[list[object]]:
    return [table[name].to_pylist() for name in names]
