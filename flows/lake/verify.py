"""What must hold of a lake: every entry's files are there as they were written, no file without an entry, records add
up, ids are unique, kept and removed blocks give the page text back.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flows.errors import InvariantError
from flows.lake.bereft import bereft
from flows.lake.files import each, file_digest
from flows.lake.forgotten import read_forgotten
from flows.lake.ledger import Entry, LakeFile
from flows.lake.pieces import Shared, batches, open_parquet, shared_files
from flows.lake.place import Lake
from flows.lake.rebuild import rebuild
from flows.lake.sweep import OURS, orphans

_TABLE_OF = {"articles": "articles", "duplicates": "duplicates", "filtered": "filtered", "quarantined": "quarantine"}


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check looked at, and what it found wrong, a sentence each.

    `bereft` are duplicates, by shard, that repeat what is no article any more: nothing is broken, a text is missing.
    """

    shards: int
    files: int
    articles: int
    rebuilt: int
    wrong: tuple[str, ...]
    bereft: Mapping[str, int] = field(default_factory=dict)


def quick_check(lake: Lake, entries: Mapping[str, Entry]) -> list[str]:
    """What can be seen without reading data: files missing, of another size or unlisted, records that do not add up."""
    sizes = lake.sizes()
    wrong = [sentence for entry in entries.values() for sentence in _entry(sizes, entry)]
    return wrong + _unlisted(lake, entries, sizes)


def verify(lake: Lake, entries: Mapping[str, Entry]) -> Verified:
    """Check everything, reading every file."""
    sizes = lake.sizes()
    wrong = _unlisted(lake, entries, sizes)
    ids: list[bytes] = []
    rebuilt = 0
    files = shared_files(entries.values())
    looked_at = each(lake.root, lambda file: _file(lake, file, sizes), files.values())
    bad = {path: sentences for path, sentences in zip(files, looked_at, strict=True) if sentences}
    wrong += [sentence for sentences in bad.values() for sentence in sentences]
    for entry in entries.values():
        found = list(_entry(sizes, entry))
        if not found and not any(file.path in bad for file in entry.files):
            ids += _ids(lake, entry)
            count, found = _rebuild(lake, entry)
            rebuilt += count
        wrong += found
    forgotten = {bytes.fromhex(identity) for identity in read_forgotten(lake).ids}
    wrong += [f"article {found.hex()} was to be forgotten: run winnow forget again" for found in forgotten & set(ids)]
    wrong += [f"id {identity.hex()} occurs {times} times" for identity, times in Counter(ids).items() if times > 1]
    left = {} if wrong else bereft(lake, entries)
    return Verified(len(entries), len(files), len(ids), rebuilt, tuple(wrong), left)


def _unlisted(lake: Lake, entries: Mapping[str, Entry], sizes: Mapping[str, int]) -> list[str]:
    """Files that no entry lists: an interrupted run's, which the next one clears away, or put there by hand."""
    return [
        f"{path} lies in the lake but no ledger entry lists it{_advice(path)}"
        for path in orphans(lake, entries.values(), sizes)
    ]


def _advice(path: Path) -> str:
    return "; the next run clears it away" if OURS.fullmatch(path.name) else ": Winnow did not put it there"


def _entry(sizes: Mapping[str, int], entry: Entry) -> Iterator[str]:
    rows: Counter[str] = Counter()
    for file in entry.files:
        rows[file.path.partition("/")[0]] += file.rows
        if file.path not in sizes:
            yield f"{file.path} is missing, shard {entry.shard} lists it"
        elif sizes[file.path] != file.bytes:
            yield f"{file.path} has {sizes[file.path]} bytes instead of {file.bytes}"
    for form, tally in entry.formats.items():
        if not tally.balanced:
            yield f"shard {entry.shard}, {form}: {tally} does not add up"
    for counted, table in _TABLE_OF.items():
        if getattr(entry.total, counted) != rows[table]:
            yield f"shard {entry.shard}: {getattr(entry.total, counted)} {counted}, but {rows[table]} rows in {table}/"


def _file(lake: Lake, shared: Shared, sizes: Mapping[str, int]) -> list[str]:
    """What is wrong with a data file itself: its bytes, or rows that no shard counts, or two."""
    path, file = lake.root / shared.path, shared.file
    if shared.path not in sizes:
        return []  # said with the shards that list it
    if file_digest(path) != file.sha256:
        return [f"{shared.path} is not what was written: its digest differs"]
    at = 0
    for shard, piece in shared.pieces:
        if piece.first != at:
            return [f"{shared.path}: rows {at} to {piece.first} do not belong to one shard; {shard} follows"]
        at += piece.rows
    with open_parquet(lake, shared.path) as parquet:
        rows = parquet.metadata.num_rows
    return [] if rows == at else [f"{shared.path} has {rows} rows, the ledger counts {at}"]


def _ids(lake: Lake, entry: Entry) -> list[bytes]:
    return [bytes.fromhex(row["id"]) for piece in _pieces(entry, "articles") for row in _rows(lake, piece, ["id"])]


def _rebuild(lake: Lake, entry: Entry) -> tuple[int, list[str]]:
    """How many articles of a shard were rebuilt from what was kept and removed, and which did not come out right."""
    if entry.options.get("removed") != "full":
        return 0, []
    removed = _removed(lake, entry)
    count = 0
    wrong: list[str] = []
    for piece in _pieces(entry, "articles"):
        for article in _rows(lake, piece, ["id", "text", "layout", "page_text_sha256"]):
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
    for piece in _pieces(entry, "removed"):
        for row in _rows(lake, piece, ["id", "start", "end", "text"]):
            found[row["id"]].append(row)
    return found


def _pieces(entry: Entry, table: str) -> Iterator[LakeFile]:
    return (file for file in entry.files if file.path.startswith(f"{table}/"))


def _rows(lake: Lake, piece: LakeFile, columns: list[str]) -> Iterator[dict[str, Any]]:
    for batch in batches(lake, piece, columns):
        yield from batch.to_pylist()
