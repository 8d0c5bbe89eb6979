"""Duplicates that are bereft: what they repeat is no article any more.

A shard that is done again, with a stricter filter say, may lose an article that a shard which stays repeats. Then the
text is in no table, though a record of it could be an article. So such shards are done again as well, where their dumps
are here; `winnow verify` names those that are left.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from flows.lake.files import each, write_whole
from flows.lake.ledger import Entry, LakeFile
from flows.lake.pieces import batches
from flows.lake.place import Lake
from flows.versions import fingerprint

FILE = "bereft.json"


def bereft(lake: Lake, entries: Mapping[str, Entry]) -> dict[str, int]:
    """How many duplicates of a shard repeat what is no article, by the shard's key; shards that have none are left out.

    Reads what duplicates repeat, and the ids of all articles; nothing of a lake in which no shard was ever done again.
    """
    if not _changed(entries):
        return {}
    repeated: defaultdict[str, list[str]] = defaultdict(list)
    for entry in entries.values():
        for identity in (name for piece in _pieces(entry, "duplicates") for name in _read(lake, piece, "repeats")):
            repeated[identity].append(entry.shard)
    pieces = [piece for entry in entries.values() for piece in _pieces(entry, "articles")]
    wanted = pa.array(list(repeated), pa.string())
    for found in each(lake.root, lambda piece: _among(lake, piece, wanted), pieces if repeated else ()):
        for identity in found:
            repeated.pop(identity, None)
    left = Counter(shard for shards in repeated.values() for shard in shards)
    return dict(sorted(left.items()))


def bereft_shards(lake: Lake, entries: Mapping[str, Entry], *, remember: bool = True) -> frozenset[str]:
    """The keys of shards that hold such duplicates. A lake in which nothing was done again since is not read anew."""
    state = fingerprint(_changed(entries))
    path = lake.staging / FILE
    try:
        known = orjson.loads(path.read_bytes())
        if known["state"] == state:
            return frozenset(known["shards"])
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        pass
    found = bereft(lake, entries)
    if remember and _changed(entries):
        write_whole(path, orjson.dumps({"state": state, "shards": list(found)}))
    return frozenset(found)


def _changed(entries: Mapping[str, Entry]) -> list[list[object]]:
    """The shards that were done again, or took the place of others: only they can have lost an article."""
    return [[key, entry.generation] for key, entry in entries.items() if entry.generation or entry.supersedes]


def _pieces(entry: Entry, table: str) -> list[LakeFile]:
    return [file for file in entry.files if file.path.startswith(f"{table}/")]


def _read(lake: Lake, piece: LakeFile, column: str) -> list[str]:
    return [value for batch in batches(lake, piece, [column], rows=65_536) for value in batch[column].to_pylist()]


def _among(lake: Lake, piece: LakeFile, wanted: pa.Array) -> list[str]:
    """The ids of a piece of articles that are among those wanted."""
    found = (batch["id"] for batch in batches(lake, piece, ["id"], rows=65_536))
    return [identity for ids in found for identity in ids.filter(pc.is_in(ids, value_set=wanted)).to_pylist()]
