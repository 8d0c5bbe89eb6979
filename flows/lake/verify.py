"""What must hold of a lake: every entry's files are there as they were written, no file without an entry, records add
up, ids are unique, kept and removed blocks give the page text back.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from flows.errors import InvariantError
from flows.lake.files import file_digest
from flows.lake.ledger import Entry
from flows.lake.place import Lake
from flows.lake.rebuild import rebuild
from flows.lake.sweep import orphans

_TABLE_OF = {"articles": "articles", "duplicates": "duplicates", "filtered": "filtered", "quarantined": "quarantine"}


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check looked at, and what it found wrong, a sentence each."""

    shards: int
    files: int
    articles: int
    rebuilt: int
    wrong: tuple[str, ...]


def quick_check(lake: Lake, entries: Mapping[str, Entry]) -> list[str]:
    """What can be seen without reading data: files missing, of another size or unlisted, records that do not add up."""
    wrong = [sentence for entry in entries.values() for sentence in _entry(lake, entry)]
    return wrong + _unlisted(lake, entries)


def verify(lake: Lake, entries: Mapping[str, Entry]) -> Verified:
    """Check everything, reading every file."""
    wrong = _unlisted(lake, entries)
    ids: list[bytes] = []
    rebuilt = 0
    for entry in entries.values():
        found = [*_entry(lake, entry), *_digests(lake, entry)]
        if not found:
            ids += _ids(lake, entry)
            count, found = _rebuild(lake, entry)
            rebuilt += count
        wrong += found
    wrong += [f"id {identity.hex()} occurs {times} times" for identity, times in Counter(ids).items() if times > 1]
    return Verified(len(entries), sum(len(e.files) for e in entries.values()), len(ids), rebuilt, tuple(wrong))


def _unlisted(lake: Lake, entries: Mapping[str, Entry]) -> list[str]:
    return [f"{path} lies in the lake but no ledger entry lists it" for path in orphans(lake, entries.values())]


def _entry(lake: Lake, entry: Entry) -> Iterator[str]:
    rows: Counter[str] = Counter()
    for file in entry.files:
        rows[file.path.partition("/")[0]] += file.rows
        path = lake.root / file.path
        if not path.is_file():
            yield f"{file.path} is missing, shard {entry.shard} lists it"
        elif path.stat().st_size != file.bytes:
            yield f"{file.path} has {path.stat().st_size} bytes instead of {file.bytes}"
    for form, tally in entry.formats.items():
        if not tally.balanced:
            yield f"shard {entry.shard}, {form}: {tally} does not add up"
    for counted, table in _TABLE_OF.items():
        if getattr(entry.total, counted) != rows[table]:
            yield f"shard {entry.shard}: {getattr(entry.total, counted)} {counted}, but {rows[table]} rows in {table}/"


def _digests(lake: Lake, entry: Entry) -> Iterator[str]:
    for file in entry.files:
        path = lake.root / file.path
        if path.is_file() and file_digest(path) != file.sha256:
            yield f"{file.path} is not what was written: its digest differs"


def _ids(lake: Lake, entry: Entry) -> list[bytes]:
    paths = [lake.root / file.path for file in entry.files if file.path.startswith("articles/")]
    return [bytes.fromhex(row["id"]) for path in paths for row in _rows(path, ["id"])]


def _rebuild(lake: Lake, entry: Entry) -> tuple[int, list[str]]:
    """How many articles of a shard were rebuilt from what was kept and removed, and which did not come out right."""
    if entry.options.get("removed") != "full":
        return 0, []
    removed = _removed(lake, entry)
    count = 0
    wrong: list[str] = []
    for file in entry.files:
        if not file.path.startswith("articles/"):
            continue
        for article in _rows(lake.root / file.path, ["id", "text", "layout", "page_text_sha256"]):
            count += 1
            try:
                whole = rebuild(article, removed[article["id"]])
            except InvariantError as error:
                wrong += error.examples
                continue
            if hashlib.sha256(whole.encode()).hexdigest() != article["page_text_sha256"]:
                wrong.append(f"article {article['id']}: kept and removed blocks do not give the page text back")
    return count, wrong


def _removed(lake: Lake, entry: Entry) -> defaultdict[str, list[dict[str, Any]]]:
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for file in entry.files:
        if file.path.startswith("removed/"):
            for row in _rows(lake.root / file.path, ["id", "start", "end", "text"]):
                found[row["id"]].append(row)
    return found


def _rows(path: Path, columns: list[str]) -> Iterator[dict[str, Any]]:
    with pq.ParquetFile(path) as file:
        batch: pa.RecordBatch
        for batch in file.iter_batches(columns=columns):
            yield from batch.to_pylist()
